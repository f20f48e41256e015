//! The file of a received message, as WhatsApp's object of the message describes it.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_with::{DefaultOnError, serde_as};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::message::content::{Content, UploadedFile};
use crate::message::record::Message;
use crate::provider_ids::is_graph_id;

/// How long WhatsApp keeps a received file (whatsapp-cloud-api-2026, section 5).
const KEPT_AT_WHATSAPP: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The longest type, hash or name that is shown, in bytes: they are whatever the sender's app gave.
const MAX_SHOWN: usize = 255;

/// What WhatsApp's object of a received message says of its file. Of another form than it should have, what only describes the file
/// is taken for absent: the file is there all the same.
#[serde_as]
#[derive(Clone, Debug, Deserialize)]
pub struct ReceivedFile {
    /// WhatsApp's id of it.
    pub id: String,
    /// Its type, as its sender's app gave it.
    #[serde_as(deserialize_as = "DefaultOnError")]
    #[serde(default)]
    pub mime_type: Option<String>,
    /// Its name.
    #[serde_as(deserialize_as = "DefaultOnError")]
    #[serde(default)]
    pub filename: Option<String>,
    /// WhatsApp's SHA-256 of its bytes, in base64.
    #[serde_as(deserialize_as = "DefaultOnError")]
    #[serde(default)]
    pub sha256: Option<String>,
}

/// A file of a message, as customers see it.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageFile<'a> {
    /// The id of an uploaded file, or WhatsApp's id of a received one.
    id: Cow<'a, str>,
    /// Its type; of a received file as its sender's app gave it.
    mime_type: Option<String>,
    /// The size of an uploaded file, in bytes.
    size: Option<u64>,
    /// WhatsApp's SHA-256 of a received file, in base64.
    sha256: Option<String>,
    /// Until when an uploaded file can be sent, or WhatsApp keeps a received one. What was fetched by then is kept with its message.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

impl ReceivedFile {
    /// The file of a received message of this type; none if such messages have none.
    pub fn read(kind: &str, details: &RawValue) -> Option<Self> {
        let has_file = matches!(kind, "image" | "video" | "audio" | "document" | "sticker");
        serde_json::from_str(details.get()).ok().filter(|file: &Self| has_file && is_graph_id(&file.id))
    }
}

impl Message {
    /// The file of a received message whose details are in its record.
    pub fn received_file(&self) -> Option<ReceivedFile> {
        let Content::Received { kind, .. } = &self.content else { return None };
        ReceivedFile::read(kind, self.content.details()?)
    }
}

/// Until when WhatsApp keeps the file of a received message.
pub fn kept_until(message: &Message) -> Timestamp {
    message.created_at.plus(KEPT_AT_WHATSAPP)
}

impl<'a> MessageFile<'a> {
    /// A file that the customer has uploaded.
    pub fn uploaded(id: &'a str, file: Option<&UploadedFile>) -> Self {
        Self {
            id: id.into(),
            mime_type: file.map(|file| file.mime_type.clone()),
            size: file.map(|file| file.size),
            sha256: None,
            expires_at: file.map(|file| file.expires_at.to_string()),
        }
    }
}

impl MessageFile<'static> {
    /// The file of a received message.
    pub fn received(file: ReceivedFile, message: &Message) -> Self {
        Self {
            id: file.id.into(),
            mime_type: file.mime_type.and_then(shown),
            size: None, // WhatsApp does not say it
            sha256: file.sha256.and_then(shown),
            expires_at: Some(kept_until(message).to_string()),
        }
    }
}

/// A text of a sender's app, unless it is longer than any that means something.
pub fn shown(text: String) -> Option<String> {
    (text.len() <= MAX_SHOWN).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, details: &str) -> Option<(String, Option<String>)> {
        let details: Box<RawValue> = serde_json::from_str(details).expect("JSON");
        ReceivedFile::read(kind, &details).map(|file| (file.id, file.filename))
    }

    #[test]
    fn a_received_message_has_a_file_if_its_type_has_one_and_whatsapp_names_it() {
        let document = r#"{"id":"1234","mime_type":"application/pdf","filename":"a.pdf","sha256":"x"}"#;
        assert_eq!(read("document", document), Some(("1234".to_owned(), Some("a.pdf".to_owned()))));
        assert_eq!(read("image", r#"{"id":"1","mime_type":"image/jpeg"}"#), Some(("1".to_owned(), None)));
        assert_eq!(read("document", r#"{"id":"1","mime_type":7,"filename":{"a":1}}"#), Some(("1".to_owned(), None)));
        for (kind, details) in [
            ("contacts", document),
            ("location", r#"{"id":"1"}"#),
            ("image", "null"),
            ("image", r#"{"mime_type":"image/jpeg"}"#),
            ("image", r#"{"id":"../messages"}"#),
            ("image", r#"{"id":7}"#),
        ] {
            assert_eq!(read(kind, details), None, "{kind}: {details}");
        }
    }
}
