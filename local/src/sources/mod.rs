//! What brings events to functions, by AWS's rules: queues, streams and schedules. Requests come through `gateway`.

mod checkpoints;
mod filter;
mod queue;
mod schedule;
mod stream;
mod stream_lane;

pub use checkpoints::{Checkpoints, Reading};
pub use filter::{Filters, InvalidFilter};
pub use queue::QueuePoller;
pub use schedule::run as run_schedule;
pub use stream::StreamPoller;
pub use stream_lane::Lane;

use serde::Deserialize;

/// What a function says of a batch when it reports failures one by one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchResponse {
    #[serde(default)]
    batch_item_failures: Option<Vec<ItemFailure>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    #[serde(default)]
    item_identifier: Option<String>,
}

/// The items that a function's answer names as failed; nothing when the answer makes the whole batch fail: it can't
/// be read, or names an item that was not in the batch (AWS Lambda developer guide, "Implementing partial batch
/// responses").
fn failed_items(answer: &[u8], known: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    if answer.is_empty() || answer == b"null" {
        return Some(Vec::new());
    }
    let response: BatchResponse = serde_json::from_slice(answer).ok()?;
    let failures = response.batch_item_failures.unwrap_or_default();
    failures.into_iter().map(|failure| failure.item_identifier.filter(|id| known(id))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_its_failures_or_makes_the_whole_batch_fail() {
        let failed = |answer: &str| failed_items(answer.as_bytes(), |id| id == "a" || id == "b");
        for nothing in ["", "null", "{}", r#"{"batchItemFailures":[]}"#, r#"{"batchItemFailures":null}"#] {
            assert_eq!(failed(nothing), Some(Vec::new()), "{nothing}");
        }
        assert_eq!(failed(r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#), Some(vec!["b".to_owned()]));
        for everything in [
            r#"{"batchItemFailures":[{"itemIdentifier":"c"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"wrong":"a"}]}"#,
            r#"{"batchItemFailures":5}"#,
            r#""text""#,
        ] {
            assert_eq!(failed(everything), None, "{everything}");
        }
    }
}
