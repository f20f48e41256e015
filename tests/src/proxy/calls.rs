//! Counts of the calls that a proxy received.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use axum::http::{HeaderMap, Method, Uri};
use shared::mutex::lock;

use crate::fault::CallId;

/// DynamoDB's health, which a function asks for while it starts, to have a connection: none of its calls, and permitted to anybody.
pub const HEALTH: &str = "GET ";

/// Counts calls and attempts at them.
#[derive(Default)]
pub struct Calls(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    attempts: BTreeMap<(String, String), usize>,
    made: BTreeMap<(String, String), usize>,
    /// The calls and their number of attempts, by the SDK's invocation id.
    by_id: HashMap<String, (CallId, usize)>,
    /// The reads that found nothing, and what they asked.
    empty_reads: HashMap<CallId, EmptyRead>,
}

/// What a read asked that found nothing: its body without its numbers, which are times and parts of an index.
pub type EmptyRead = Vec<u8>;

impl Calls {
    /// Counts an attempt; returns its call and the number of the attempt. `id` is the invocation id that the retries of
    /// a call share.
    pub fn count(&self, caller: &str, operation: &str, id: Option<&str>) -> (CallId, usize) {
        let mut counts = lock(&self.0);
        let key = (caller.to_owned(), operation.to_owned());
        *counts.attempts.entry(key.clone()).or_default() += 1;
        if let Some((call, attempts)) = id.and_then(|id| counts.by_id.get_mut(id)) {
            *attempts += 1;
            return (call.clone(), *attempts);
        }
        let number = counts.made.entry(key).or_default();
        *number += 1;
        let call = CallId { caller: caller.to_owned(), operation: operation.to_owned(), number: *number };
        if let Some(id) = id {
            counts.by_id.insert(id.to_owned(), (call.clone(), 1));
        }
        (call, 1)
    }

    /// How often each function called each operation.
    pub fn attempts(&self) -> BTreeMap<(String, String), usize> {
        lock(&self.0).attempts.clone()
    }

    /// Every call once.
    pub fn made(&self) -> Vec<CallId> {
        let counts = lock(&self.0);
        let calls = counts.made.iter().flat_map(|((caller, operation), count)| {
            (1..=*count).map(|number| CallId { caller: caller.clone(), operation: operation.clone(), number })
        });
        calls.collect()
    }

    /// Notes what a call asked if it is a read of a table that found nothing, or a count of a queue's messages.
    pub fn note_if_empty(&self, call: &CallId, body: &[u8], answer: &[u8]) {
        if matches!(call.operation.as_str(), "GetItem" | "Query" | "Scan" | "GetQueueAttributes")
            && found_nothing(answer)
        {
            let asked = body.iter().copied().filter(|byte| !byte.is_ascii_digit()).collect();
            lock(&self.0).empty_reads.insert(call.clone(), asked);
        }
    }

    /// The reads that found nothing.
    pub fn empty_reads(&self) -> HashMap<CallId, EmptyRead> {
        lock(&self.0).empty_reads.clone()
    }

    /// Restarts the numbering at 1.
    pub fn clear(&self) {
        *lock(&self.0) = Counts::default();
    }
}

fn found_nothing(answer: &[u8]) -> bool {
    let Ok(answer) = serde_json::from_slice::<serde_json::Value>(answer) else { return false };
    answer.is_object() && answer["Item"].is_null() && answer["Items"].as_array().is_none_or(Vec::is_empty)
}

/// The operation: AWS's name for it, or the method and the last segment of the path. For S3 its name is in the query.
pub fn operation(method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let named = uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("x-id=")));
    match target.and_then(|target| target.rsplit('.').next()).or(named) {
        Some(operation) => operation.to_owned(),
        None => format!("{method} {}", uri.path().rsplit('/').next().unwrap_or_default()),
    }
}

/// Whether a request is signed for S3, in its headers or in its URL.
pub fn is_for_s3(headers: &HeaderMap, uri: &Uri) -> bool {
    let signature = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    signature.contains("/s3/aws4_request") || uri.query().is_some_and(|query| query.contains("X-Amz-Signature="))
}

/// The calling function, as the SDK's user agent names it.
pub fn named_caller(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get("x-amz-user-agent").or_else(|| headers.get("user-agent"))?.to_str().ok()?;
    agent.split(' ').find_map(|part| part.strip_prefix("app/")).map(str::to_owned)
}

/// The invocation id, which the SDK's retries of a call share.
pub fn invocation(headers: &HeaderMap) -> Option<&str> {
    headers.get("amz-sdk-invocation-id")?.to_str().ok()
}
