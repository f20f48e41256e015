//! The header `Retry-After` of WhatsApp and of customers' endpoints.

use std::time::Duration;

use reqwest::header::{self, HeaderMap};

/// The requested wait in seconds (RFC 9110, 10.2.3). The form with a date is ignored.
pub fn seconds(headers: &HeaderMap) -> Option<Duration> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}
