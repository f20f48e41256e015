//! A file as customers see it.

use shared::clock::Timestamp;
use shared::media::{Media, MediaStatus};
use shared::message::Failure;

use crate::prelude::*;

/// A file.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MediaResponse<'a> {
    /// The id of the file.
    id: &'a str,
    /// The instance that can send it.
    instance_id: &'a str,
    /// The name that was given.
    filename: Option<&'a str>,
    /// Its type, such as `application/pdf`.
    mime_type: &'a str,
    /// Its size in bytes.
    size: u64,
    /// How far it has come.
    status: MediaStatus,
    /// Why it cannot be sent.
    error: Option<Failure>,
    /// When it was created.
    #[schema(format = DateTime)]
    created_at: String,
    /// Until when it can be sent: 29 days after its creation.
    #[schema(format = DateTime)]
    expires_at: String,
}

impl<'a> MediaResponse<'a> {
    /// What is to be seen of a file at `now`.
    pub fn new(media: &'a Media, now: Timestamp) -> Self {
        let (status, error) = media.outcome(now);
        Self {
            id: media.id.as_str(),
            instance_id: media.instance_id.as_str(),
            filename: media.filename.as_deref(),
            mime_type: &media.mime_type,
            size: media.size,
            status,
            error,
            created_at: media.created_at.to_string(),
            expires_at: Timestamp::from_secs(media.forget_at).to_string(),
        }
    }

    /// An example for the OpenAPI document.
    pub fn example() -> Value {
        json!({
            "id": "media_abc123", "instanceId": "inst_abc123", "filename": "Invoice.pdf", "mimeType": "application/pdf",
            "size": 81920, "status": "ready", "createdAt": "2026-02-03T12:00:00.000Z",
            "expiresAt": "2026-03-04T12:00:00.000Z",
        })
    }
}
