//! `Retry-After`, as WhatsApp and customers' endpoints send it.

use std::time::Duration;

use reqwest::header::{self, HeaderMap};

/// How long it asks to wait, in seconds (RFC 9110, 10.2.3); a date is passed over.
pub fn seconds(headers: &HeaderMap) -> Option<Duration> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}
