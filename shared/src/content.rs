//! What a message says, and what it answers.

use serde::{Deserialize, Serialize};

use crate::ids::MessageId;

/// What a message says.
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
        /// How it is shown.
        media: MediaType,
        /// Where it lies.
        url: String,
        /// Text below it; never with audio.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
        /// The name that a document is shown by.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filename: Option<String>,
    },
    /// A template that WhatsApp has approved.
    Template {
        /// Its name there.
        name: String,
        /// Its language there, such as `pt_BR`.
        language: String,
        /// WhatsApp's own components, as JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        components: Option<String>,
    },
    /// Something other than text that came in, as WhatsApp has it.
    Received {
        /// WhatsApp's word for it, such as `image`, `location` or one that nobody has seen yet.
        kind: String,
        /// What it says in words, if it says anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// WhatsApp's own object, as JSON text.
        details: String,
    },
}

impl Content {
    /// The contract's word for the kind of message, which is WhatsApp's as well.
    pub fn kind(&self) -> &str {
        match self {
            Self::Text { .. } => "text",
            Self::Media { media, .. } => media.word(),
            Self::Template { .. } => "template",
            Self::Received { kind, .. } => kind,
        }
    }
}

/// How a file is shown.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
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

impl MediaType {
    /// The word of the contract and of WhatsApp.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
        }
    }
}

/// A quoted message, by whichever id the customer gave.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Quoted {
    /// One of ours; WhatsApp's id of it is looked up when this one is sent.
    Message(MessageId),
    /// WhatsApp's own id, `wamid.…`.
    Provider(String),
}
