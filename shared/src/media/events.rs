//! The events `media.ready` and `media.failed`. A file has one of them, once.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::event::Event;
use crate::http::EventDescription;
use crate::media::record::{Media, MediaStatus};
use crate::message::Failure;

/// The data of both.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MediaEventData)]
struct MediaData<'a> {
    /// The id of the file.
    media_id: &'a str,
    /// The instance that can send it.
    instance_id: &'a str,
    /// Whether WhatsApp has it.
    #[schema(value_type = MediaStatus)]
    status: &'static str,
    /// The name that was given.
    filename: Option<&'a str>,
    /// Its type, such as `application/pdf`.
    mime_type: &'a str,
    /// Its size in bytes.
    size: u64,
    /// Why it cannot be sent.
    error: Option<&'a Failure>,
    /// When that happened.
    #[schema(format = DateTime)]
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

/// The descriptions of both.
pub fn descriptions() -> Vec<EventDescription> {
    vec![
        EventDescription::new::<MediaData<'_>>("media.ready", "WhatsApp has a file, which can be sent"),
        EventDescription::new::<MediaData<'_>>("media.failed", "A file cannot be sent"),
    ]
}
