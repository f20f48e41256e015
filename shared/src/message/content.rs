//! The content of a message, and the message that it replies to.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use strum::{EnumString, IntoStaticStr};

use crate::ids::MessageId;
use crate::json_text::JsonText;

/// The content of a message.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Content {
    /// Text.
    Text {
        /// At most 4,096 characters.
        body: String,
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
    /// A template that WhatsApp has approved.
    Template {
        /// Its name.
        name: String,
        /// Its language, such as `pt_BR`.
        language: String,
        /// Its components in WhatsApp's own form: a JSON array.
        components: Option<JsonText>,
    },
    /// A received message that is not text.
    Received {
        /// WhatsApp's type, such as `image`, `location` or one that is not known yet.
        kind: String,
        /// Its text, if it has any.
        text: Option<String>,
        /// WhatsApp's own object; null if it has none, or if it is stored beside the record.
        details: JsonText,
    },
}

impl Content {
    /// WhatsApp's own object of a received message that is not text, if it has one.
    pub fn details(&self) -> Option<&RawValue> {
        let Self::Received { details, .. } = self else { return None };
        Some(details.json()).filter(|details| details.get() != RawValue::NULL.get())
    }

    /// The contract's `type`, which is WhatsApp's as well.
    pub fn kind(&self) -> &str {
        match self {
            Self::Text { .. } => "text",
            Self::Media { media, .. } => media.into(),
            Self::Template { .. } => "template",
            Self::Received { kind, .. } => kind,
        }
    }

    /// The same for a log: a received type that WhatsApp does not document is `other`, since it may be any text.
    pub fn logged_kind(&self) -> &str {
        let kind = self.kind();
        let is_documented = !matches!(self, Self::Received { .. }) || RECEIVED_KINDS.contains(&kind);
        if is_documented { kind } else { "other" }
    }
}

/// The types of received messages that WhatsApp documents, besides text.
const RECEIVED_KINDS: [&str; 17] = [
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
    "unsupported",
    "video",
];

/// How WhatsApp shows a file, named in the contract as in WhatsApp's API.
#[derive(Clone, Copy, Debug, Deserialize, EnumString, Eq, IntoStaticStr, PartialEq, Serialize)]
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
}

/// The message that another one replies to, by the id that the customer gave.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Quoted {
    /// A message of ours; WhatsApp's id of it is looked up when the reply is sent.
    Message(MessageId),
    /// WhatsApp's own id, `wamid.…`.
    Provider(String),
}
