//! The event sources of a function in the template. A property that is not supported here is an error, so that none is
//! silently ignored.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::intrinsics::Names;
use crate::lambda::event_sources::{SqsMapping, StreamMapping};

/// An event source.
#[derive(Debug)]
pub enum EventSource {
    /// A route of the API.
    HttpApi(HttpRoute),
    /// A queue.
    Sqs(SqsMapping),
    /// A table's stream.
    Stream(StreamMapping),
    /// A schedule, by the time between two events.
    Schedule(Duration),
}

/// A route of the API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct HttpRoute {
    #[serde(rename = "ApiId")]
    _api: Option<Value>,
    /// How many requests API Gateway lets through; here all.
    #[serde(rename = "RouteSettings")]
    _settings: Option<Value>,
    /// The method; none or `ANY` for any method.
    pub method: Option<String>,
    /// The path with `{parameters}`; none or `$default` for the default route.
    pub path: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ScheduleProperties {
    schedule: String,
    retry_policy: Option<RetryPolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RetryPolicy {
    maximum_retry_attempts: u32,
    /// How long EventBridge keeps an event that it cannot deliver; here each is delivered at once.
    #[serde(rename = "MaximumEventAgeInSeconds")]
    _maximum_event_age: Option<u32>,
}

/// Reads one of a function's `Events`, of which SAM makes a resource with this logical id.
pub fn read(names: &Names, id: String, event: &Value) -> Result<EventSource, String> {
    let properties = names.resolve(event.get("Properties").unwrap_or(&Value::Null))?;
    match event["Type"].as_str() {
        Some("HttpApi") => parse(properties).map(EventSource::HttpApi),
        Some("SQS") => parse(properties).map(EventSource::Sqs),
        Some("DynamoDB") => parse(properties).map(|mapping: StreamMapping| EventSource::Stream(mapping.named(id))),
        Some("Schedule") => parse(properties).and_then(schedule).map(EventSource::Schedule),
        other => Err(format!("event sources of the type {other:?} are not supported locally")),
    }
}

pub(super) fn parse<T: for<'de> Deserialize<'de>>(properties: Value) -> Result<T, String> {
    serde_json::from_value(properties).map_err(|error| error.to_string())
}

fn schedule(properties: ScheduleProperties) -> Result<Duration, String> {
    let wrong = || format!("Schedule must be a rate such as rate(5 minutes), not {}", properties.schedule);
    let rate = properties.schedule.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(wrong)?;
    let (count, unit) = rate.split_once(' ').ok_or_else(wrong)?;
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 60 * 60,
        "day" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let count: u64 = count.parse().ok().filter(|count| *count > 0).ok_or_else(wrong)?;
    if properties.retry_policy.is_some_and(|policy| policy.maximum_retry_attempts > 0) {
        return Err("RetryPolicy: retries of scheduled events are not supported locally".to_owned());
    }
    Ok(Duration::from_secs(count * seconds))
}
