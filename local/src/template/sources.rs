//! What brings a function its events. A property that the laptop does not follow is refused by name, so that nothing
//! in the template is silently without effect here.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::intrinsics::Names;

/// An event source.
#[derive(Debug)]
pub enum Source {
    /// Requests to the API.
    Http(HttpSource),
    /// A queue's messages.
    Queue(QueueSource),
    /// A table's changes.
    Stream(StreamSource),
    /// A schedule.
    Schedule(ScheduleSource),
}

/// Requests to the API on one route.
#[derive(Debug)]
pub struct HttpSource {
    /// The method in capitals; none for any.
    pub method: Option<String>,
    /// The path with `{names}`; none for the default route.
    pub path: Option<String>,
}

/// A queue's messages.
#[derive(Debug)]
pub struct QueueSource {
    /// The queue's name.
    pub queue: String,
    /// The most messages of one event.
    pub batch_size: usize,
    /// How long an event is waited for to fill; standard queues only.
    pub window: Duration,
    /// Whether the function says which messages of an event have failed.
    pub reports_batch_item_failures: bool,
    /// The most events at the same time.
    pub max_concurrency: Option<usize>,
    /// Patterns, one of which a message must match.
    pub filters: Vec<String>,
}

/// A table's changes.
#[derive(Debug)]
pub struct StreamSource {
    /// The table's name.
    pub table: String,
    /// The most records of one event.
    pub batch_size: usize,
    /// Whether a function that is new here begins with the oldest record.
    pub from_the_oldest: bool,
    /// How many events of one shard run at the same time.
    pub parallelization: usize,
    /// Whether an event that failed is cut in two.
    pub bisects: bool,
    /// How often an event is tried again; none for no end.
    pub max_retries: Option<u64>,
    /// Records older than this are given up; none for never.
    pub max_age: Option<Duration>,
    /// Whether the function says which record has failed.
    pub reports_batch_item_failures: bool,
    /// The queue that is told of what was given up, by name.
    pub on_failure: Option<String>,
    /// Patterns, one of which a record must match.
    pub filters: Vec<String>,
}

/// A schedule.
#[derive(Debug)]
pub struct ScheduleSource {
    /// The time between two events.
    pub every: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct HttpApi {
    #[serde(rename = "ApiId")]
    _api: Option<Value>,
    method: Option<String>,
    path: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Sqs {
    queue: String,
    batch_size: Option<usize>,
    maximum_batching_window_in_seconds: Option<u64>,
    #[serde(default)]
    function_response_types: Vec<String>,
    scaling_config: Option<ScalingConfig>,
    filter_criteria: Option<FilterCriteria>,
    enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ScalingConfig {
    maximum_concurrency: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DynamoDb {
    stream: String,
    starting_position: String,
    batch_size: Option<usize>,
    parallelization_factor: Option<usize>,
    bisect_batch_on_function_error: Option<bool>,
    maximum_retry_attempts: Option<i64>,
    maximum_record_age_in_seconds: Option<i64>,
    #[serde(default)]
    function_response_types: Vec<String>,
    filter_criteria: Option<FilterCriteria>,
    destination_config: Option<DestinationConfig>,
    enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DestinationConfig {
    on_failure: OnFailure,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OnFailure {
    r#type: String,
    destination: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FilterCriteria {
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    pattern: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Schedule {
    schedule: String,
    retry_policy: Option<RetryPolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RetryPolicy {
    maximum_retry_attempts: u32,
}

/// Reads one of a function's `Events`.
pub fn read(names: &Names, event: &Value) -> Result<Source, String> {
    let properties = names.resolve(event.get("Properties").unwrap_or(&Value::Null))?;
    match event["Type"].as_str() {
        Some("HttpApi") => parse(properties).map(http).map(Source::Http),
        Some("SQS") => parse(properties).and_then(queue).map(Source::Queue),
        Some("DynamoDB") => parse(properties).and_then(stream).map(Source::Stream),
        Some("Schedule") => parse(properties).and_then(schedule).map(Source::Schedule),
        other => Err(format!("the laptop has no event source of the type {other:?}")),
    }
}

fn parse<T: for<'de> Deserialize<'de>>(properties: Value) -> Result<T, String> {
    serde_json::from_value(properties).map_err(|error| error.to_string())
}

fn http(properties: HttpApi) -> HttpSource {
    let method = properties.method.map(|method| method.to_uppercase()).filter(|method| method != "ANY");
    HttpSource { method, path: properties.path.filter(|path| path != "$default") }
}

fn queue(properties: Sqs) -> Result<QueueSource, String> {
    enabled(properties.enabled)?;
    Ok(QueueSource {
        queue: last(&properties.queue, ':'),
        batch_size: properties.batch_size.unwrap_or(10),
        window: Duration::from_secs(properties.maximum_batching_window_in_seconds.unwrap_or(0)),
        reports_batch_item_failures: reports(&properties.function_response_types)?,
        max_concurrency: properties.scaling_config.map(|scaling| scaling.maximum_concurrency),
        filters: patterns(properties.filter_criteria),
    })
}

fn stream(properties: DynamoDb) -> Result<StreamSource, String> {
    enabled(properties.enabled)?;
    let from_the_oldest = match properties.starting_position.as_str() {
        "TRIM_HORIZON" => true,
        "LATEST" => false,
        other => return Err(format!("StartingPosition is TRIM_HORIZON or LATEST, not {other}")),
    };
    let arn = properties.stream;
    let table = arn.split("table/").nth(1).and_then(|rest| rest.split('/').next());
    Ok(StreamSource {
        table: table.ok_or_else(|| format!("Stream is not the stream of a table: {arn}"))?.to_owned(),
        batch_size: properties.batch_size.unwrap_or(100),
        from_the_oldest,
        parallelization: properties.parallelization_factor.unwrap_or(1).clamp(1, 10),
        bisects: properties.bisect_batch_on_function_error.unwrap_or(false),
        max_retries: properties.maximum_retry_attempts.and_then(|most| u64::try_from(most).ok()),
        max_age: properties
            .maximum_record_age_in_seconds
            .and_then(|most| u64::try_from(most).ok())
            .map(Duration::from_secs),
        reports_batch_item_failures: reports(&properties.function_response_types)?,
        on_failure: properties.destination_config.map(on_failure).transpose()?,
        filters: patterns(properties.filter_criteria),
    })
}

fn on_failure(config: DestinationConfig) -> Result<String, String> {
    match config.on_failure {
        OnFailure { r#type, destination } if r#type == "SQS" => Ok(last(&destination, ':')),
        OnFailure { r#type, .. } => Err(format!("OnFailure goes to a queue here, not to {type}", type = r#type)),
    }
}

fn schedule(properties: Schedule) -> Result<ScheduleSource, String> {
    let wrong = || format!("Schedule is rate(… minutes) and the like here, not {}", properties.schedule);
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
        return Err("RetryPolicy: the laptop does not repeat what a schedule brings".to_owned());
    }
    Ok(ScheduleSource { every: Duration::from_secs(count * seconds) })
}

fn enabled(enabled: Option<bool>) -> Result<(), String> {
    if enabled == Some(false) {
        Err("Enabled: false has no meaning on the laptop; remove the source".to_owned())
    } else {
        Ok(())
    }
}

fn reports(types: &[String]) -> Result<bool, String> {
    match types.iter().find(|kind| *kind != "ReportBatchItemFailures") {
        Some(other) => Err(format!("FunctionResponseTypes knows ReportBatchItemFailures, not {other}")),
        None => Ok(!types.is_empty()),
    }
}

fn patterns(criteria: Option<FilterCriteria>) -> Vec<String> {
    criteria.into_iter().flat_map(|criteria| criteria.filters).map(|filter| filter.pattern).collect()
}

fn last(arn: &str, separator: char) -> String {
    arn.rsplit(separator).next().unwrap_or(arn).to_owned()
}
