//! The calls that came to a proxy, counted.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use axum::http::{HeaderMap, Method, Uri};

use super::lock;
use crate::fault::CallId;

/// Counts calls and attempts at them.
#[derive(Default)]
pub struct Calls(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    attempts: BTreeMap<(String, String), usize>,
    made: BTreeMap<(String, String), usize>,
    /// The calls that may be repeated, by the SDK's id, and how often they came.
    by_id: HashMap<String, (CallId, usize)>,
}

impl Calls {
    /// Counts an attempt; gives its call, and which attempt at that it is. `id` is what the repeats of a call share.
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

    /// Begins at 1 again.
    pub fn clear(&self) {
        *lock(&self.0) = Counts::default();
    }
}

/// The operation: AWS's name of it, or the method and the last part of the path.
pub fn operation(method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    match target.and_then(|target| target.rsplit('.').next()) {
        Some(operation) => operation.to_owned(),
        None => format!("{method} {}", uri.path().rsplit('/').next().unwrap_or_default()),
    }
}

/// The function that calls, as the SDK names it in its user agent.
pub fn named_caller(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get("x-amz-user-agent").or_else(|| headers.get("user-agent"))?.to_str().ok()?;
    agent.split(' ').find_map(|part| part.strip_prefix("app/")).map(str::to_owned)
}

/// What the SDK's repeats of a call share.
pub fn invocation(headers: &HeaderMap) -> Option<&str> {
    headers.get("amz-sdk-invocation-id")?.to_str().ok()
}
