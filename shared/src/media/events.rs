//! The events `media.ready` and `media.failed`. A file has one of them, once.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::event::Event;
use crate::media::record::{Media, MediaStatus};
use crate::message::Failure;

/// The data of both.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MediaData<'a> {
    media_id: &'a str,
    instance_id: &'a str,
    status: &'static str,
    filename: Option<&'a str>,
    mime_type: &'a str,
    size: u64,
    error: Option<&'a Failure>,
    timestamp: String,
}

/// The event that WhatsApp has a file.
pub(super) fn ready(media: &Media, now: Timestamp) -> Event {
    event(media, "media.ready", MediaStatus::Ready, None, now)
}

/// The event that a file cannot be sent.
pub(super) fn failed(media: &Media, failure: &Failure, now: Timestamp) -> Event {
    event(media, "media.failed", MediaStatus::Failed, Some(failure), now)
}

fn event(media: &Media, name: &'static str, status: MediaStatus, error: Option<&Failure>, now: Timestamp) -> Event {
    let data = MediaData {
        media_id: media.id.as_str(),
        instance_id: media.instance_id.as_str(),
        status: status.name(),
        filename: media.filename.as_deref(),
        mime_type: &media.mime_type,
        size: media.size,
        error,
        timestamp: now.to_string(),
    };
    Event::new((&media.account_id, &media.instance_id), name, media.id.as_str(), now, data)
}
