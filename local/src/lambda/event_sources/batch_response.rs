//! Partial batch responses: which items of a batch a function reports as failed.

use serde::Deserialize;

/// A function's response when it reports batch item failures.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchResponse {
    batch_item_failures: Option<Vec<ItemFailure>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

/// The items that a response reports as failed. None when the response fails the whole batch: it is malformed, or names an
/// item that is not in the batch (AWS Lambda developer guide, "Implementing partial batch responses").
pub fn failed_items(response: &[u8], is_in_batch: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    if response.is_empty() || response == b"null" {
        return Some(Vec::new());
    }
    let response: BatchResponse = serde_json::from_slice(response).ok()?;
    let failures = response.batch_item_failures.unwrap_or_default();
    failures.into_iter().map(|failure| Some(failure.item_identifier).filter(|id| is_in_batch(id))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_reports_failed_items_or_fails_the_whole_batch() {
        let failed = |response: &str| failed_items(response.as_bytes(), |id| id == "a" || id == "b");
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
