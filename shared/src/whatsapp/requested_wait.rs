//! The wait that WhatsApp requests in the headers of a rate error (whatsapp-cloud-api, Errors).

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::http::retry_after;

/// The header with the usage of a business account: `{"<id>":[{"type":"messages","estimated_time_to_regain_access":<minutes>}]}`.
const USAGE: &str = "x-business-use-case-usage";

/// The longest wait that is honoured: no message waits longer, and one header must not pause an instance for ever.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// The longer of `Retry-After` and the usage header's time to regain access, at most a day.
pub fn requested_wait(headers: &HeaderMap) -> Option<Duration> {
    let requested = retry_after::seconds(headers).into_iter().chain(time_to_regain_access(headers)).max()?;
    Some(requested.min(MAX_WAIT))
}

fn time_to_regain_access(headers: &HeaderMap) -> Option<Duration> {
    let usage: Value = serde_json::from_slice(headers.get(USAGE)?.as_bytes()).ok()?;
    let entries = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    let minutes = entries.filter_map(|entry| entry["estimated_time_to_regain_access"].as_u64()).max()?;
    (minutes > 0).then(|| Duration::from_secs(minutes.saturating_mul(60)))
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn seconds(headers: &[(&'static str, &'static str)]) -> Option<u64> {
        let pair = |(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
        requested_wait(&headers.iter().copied().map(pair).collect()).map(|wait| wait.as_secs())
    }

    #[test]
    fn the_longer_of_both_headers_counts_and_unreadable_ones_do_not() {
        let usage =
            r#"{"1":[{"type":"messages","estimated_time_to_regain_access":2},{"estimated_time_to_regain_access":1}]}"#;
        assert_eq!(seconds(&[("retry-after", "30")]), Some(30));
        assert_eq!(seconds(&[("x-business-use-case-usage", usage)]), Some(120));
        assert_eq!(seconds(&[("retry-after", "300"), (USAGE, usage)]), Some(300));
        assert_eq!(seconds(&[("retry-after", "18446744073709551615")]), Some(86_400));
        for odd in ["", "[]", "{}", r#"{"1":5}"#, r#"{"1":[{"estimated_time_to_regain_access":0}]}"#, "soon"] {
            let unreadable = [(USAGE, odd), ("retry-after", "Thu, 01 Jan 2026")];
            assert_eq!(seconds(&unreadable), None, "{odd}");
        }
    }
}
