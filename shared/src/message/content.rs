//! The content of a message, and the message that it replies to.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use strum::{EnumString, IntoStaticStr};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::ids::{MediaId, MessageId};
use crate::json_text::JsonText;

/// The content of a message.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Content {
    /// Text.
    Text {
        /// At most 4,096 characters.
        body: String,
        /// Set if WhatsApp shows no preview of the first URL in it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        no_preview: bool,
    },
    /// A file that WhatsApp fetches from its URL.
    Media {
        /// How WhatsApp shows it.
        media: MediaType,
        /// Its URL.
        url: String,
        /// Text below it; never with audio.
        caption: Option<String>,
        /// The name that WhatsApp shows for a document.
        filename: Option<String>,
    },
    /// A file that the customer has uploaded. Versions before it was known cannot read such a message: see `send` in the template.
    Upload {
        /// How WhatsApp shows it.
        media: MediaType,
        /// Its id.
        media_id: MediaId,
        /// WhatsApp's id of it, unless it was still on its way there when the message was accepted.
        provider_id: Option<String>,
        /// Text below it; never with audio.
        caption: Option<String>,
        /// The name that WhatsApp shows for a document.
        filename: Option<String>,
        /// What was known of it when the message was accepted. Earlier versions did not record it.
        file: Option<UploadedFile>,
    },
    /// A template that WhatsApp has approved.
    Template {
        /// Its name.
        name: String,
        /// Its language, such as `pt_BR`.
        language: String,
        /// Its components in WhatsApp's own form: a JSON array.
        components: Option<JsonText>,
    },
    /// An object in WhatsApp's own form.
    Object {
        /// What it is.
        object_type: ObjectType,
        /// The object.
        object: JsonText,
    },
    /// A reaction to the message that is quoted.
    Reaction {
        /// An emoji; empty to remove the reaction.
        emoji: String,
    },
    /// A received message that is not a text alone.
    Received {
        /// WhatsApp's type, such as `image`, `location` or one that is not known yet.
        kind: String,
        /// Its text, if it has any.
        text: Option<String>,
        /// WhatsApp's own object; null if it has none, or if it is stored beside the record.
        details: JsonText,
    },
}

/// What is known of an uploaded file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadedFile {
    /// Its type as WhatsApp names it.
    pub mime_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// Until when it can be sent.
    pub expires_at: Timestamp,
}

impl Content {
    /// WhatsApp's own object of a received message that is not a text alone, if it has one.
    pub fn details(&self) -> Option<&RawValue> {
        let Self::Received { details, .. } = self else { return None };
        Some(details.json()).filter(|details| details.get() != RawValue::NULL.get())
    }

    /// The contract's `type`, which is WhatsApp's as well.
    pub fn kind(&self) -> &str {
        match self {
            Self::Text { .. } => "text",
            Self::Media { media, .. } | Self::Upload { media, .. } => media.into(),
            Self::Template { .. } => "template",
            Self::Object { object_type, .. } => object_type.into(),
            Self::Reaction { .. } => REACTION,
            Self::Received { kind, .. } => kind,
        }
    }

    /// Whether it is a reaction, sent or received: nobody can react to one.
    pub fn is_reaction(&self) -> bool {
        self.kind() == REACTION
    }

    /// The same for a log: a received type that WhatsApp does not document is `other`, since it may be any text.
    pub fn logged_kind(&self) -> &str {
        let kind = self.kind();
        let is_documented = !matches!(self, Self::Received { .. }) || RECEIVED_KINDS.contains(&kind);
        if is_documented { kind } else { "other" }
    }
}

/// WhatsApp's type of reactions.
const REACTION: &str = "reaction";

/// The types of received messages that WhatsApp documents.
const RECEIVED_KINDS: [&str; 18] = [
    "audio",
    "button",
    "contacts",
    "document",
    "edit",
    "errors",
    "image",
    "interactive",
    "location",
    "order",
    "reaction",
    "request_welcome",
    "revoke",
    "sticker",
    "system",
    "text",
    "unsupported",
    "video",
];

/// What customers write in WhatsApp's own form, named in the contract as in WhatsApp's API.
#[derive(Clone, Copy, Debug, Deserialize, Eq, IntoStaticStr, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum ObjectType {
    /// A message that is answered with a tap.
    Interactive,
    /// A place on the map.
    Location,
    /// Cards of people.
    Contacts,
}

/// How WhatsApp shows a file, named in the contract as in WhatsApp's API.
#[derive(Clone, Copy, Debug, Deserialize, EnumString, Eq, IntoStaticStr, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum MediaType {
    /// JPEG, PNG, WebP.
    Image,
    /// MP4, 3GP.
    Video,
    /// MP3, OGG, AAC.
    Audio,
    /// PDF, Office, text.
    Document,
    /// WebP.
    Sticker,
    /// OGG with Opus, shown as a voice message.
    Voice,
}

/// The message that another one replies or reacts to, by the id that the customer gave.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Quoted {
    /// A message of ours; WhatsApp's id of it is looked up when the reply is sent.
    Message(MessageId),
    /// WhatsApp's own id, `wamid.…`.
    Provider(String),
}

impl Quoted {
    /// The id.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Message(id) => id.as_str(),
            Self::Provider(id) => id,
        }
    }
}
