//! The settings of event source mappings, read from the properties that CloudFormation defines for them. An unknown
//! property is an error, so that none is silently ignored.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// The event source mapping of a queue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SqsMapping {
    /// The queue's name.
    #[serde(deserialize_with = "resource_name")]
    pub queue: String,
    /// The most messages of a batch.
    #[serde(default = "default_to::<10>")]
    pub batch_size: usize,
    /// How long a batch that is not full waits for more messages; standard queues only.
    #[serde(default, rename = "MaximumBatchingWindowInSeconds")]
    pub batching_window_seconds: u64,
    /// What the function reports about a batch; nothing if it is empty.
    #[serde(default)]
    pub function_response_types: Vec<FunctionResponseType>,
    /// The most concurrent batches.
    #[serde(default, rename = "ScalingConfig", deserialize_with = "max_concurrency")]
    pub max_concurrency: Option<usize>,
    /// Filter patterns, of which a message must match one.
    #[serde(default, rename = "FilterCriteria", deserialize_with = "patterns")]
    pub filter_patterns: Vec<String>,
    #[serde(default, rename = "Enabled", deserialize_with = "must_be_true")]
    _enabled: bool,
}

/// The event source mapping of a table's stream.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct StreamMapping {
    /// The logical id, which its reader keeps from one version of the template to the next.
    #[serde(skip)]
    pub id: String,
    /// The table's name.
    #[serde(rename = "Stream", deserialize_with = "table_of_stream")]
    pub table: String,
    /// Where a reader without a checkpoint begins.
    pub starting_position: StartingPosition,
    /// The most records of a batch.
    #[serde(default = "default_to::<100>")]
    pub batch_size: usize,
    /// How long a batch that is not full waits for more records, from its first one on.
    #[serde(default, rename = "MaximumBatchingWindowInSeconds")]
    pub batching_window_seconds: u32,
    /// How many batches of a shard are processed at the same time.
    #[serde(default = "default_to::<1>")]
    pub parallelization_factor: usize,
    /// Whether a failed batch is split in two.
    #[serde(default, rename = "BisectBatchOnFunctionError")]
    pub bisects_batches: bool,
    /// How often a batch is retried; none for no limit.
    #[serde(default, rename = "MaximumRetryAttempts", deserialize_with = "limit")]
    pub max_retry_attempts: Option<u64>,
    /// The age at which a record is discarded, in seconds; none for no limit.
    #[serde(default, rename = "MaximumRecordAgeInSeconds", deserialize_with = "limit")]
    pub max_record_age: Option<u64>,
    /// What the function reports about a batch; nothing if it is empty.
    #[serde(default)]
    pub function_response_types: Vec<FunctionResponseType>,
    /// The name of the on-failure destination, a queue.
    #[serde(default, rename = "DestinationConfig", deserialize_with = "on_failure")]
    pub on_failure: Option<String>,
    /// Filter patterns, of which a record must match one.
    #[serde(default, rename = "FilterCriteria", deserialize_with = "patterns")]
    pub filter_patterns: Vec<String>,
    #[serde(default, rename = "Enabled", deserialize_with = "must_be_true")]
    _enabled: bool,
}

impl StreamMapping {
    /// The mapping with its logical id.
    pub fn named(self, id: String) -> Self {
        Self { id, ..self }
    }
}

/// What a function reports about a batch.
#[derive(Debug, Deserialize)]
pub enum FunctionResponseType {
    /// Which items of the batch failed.
    ReportBatchItemFailures,
}

/// Where the reading of a stream begins.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StartingPosition {
    /// At the oldest record.
    TrimHorizon,
    /// After the newest record.
    Latest,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ScalingConfig {
    maximum_concurrency: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DestinationConfig {
    on_failure: OnFailure,
}

/// The only supported destination is a queue.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OnFailure {
    /// SAM wants it; CloudFormation does not know it.
    #[serde(default, rename = "Type")]
    _kind: Option<DestinationType>,
    destination: String,
}

#[derive(Deserialize)]
enum DestinationType {
    #[serde(rename = "SQS")]
    Queue,
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

fn default_to<const VALUE: usize>() -> usize {
    VALUE
}

/// The last part of an ARN.
fn resource_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let arn = String::deserialize(deserializer)?;
    Ok(last_part(&arn).to_owned())
}

fn last_part(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

fn table_of_stream<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let arn = String::deserialize(deserializer)?;
    let table = arn.split("table/").nth(1).and_then(|rest| rest.split('/').next());
    table.map(str::to_owned).ok_or_else(|| D::Error::custom(format!("Stream is not the stream of a table: {arn}")))
}

/// A limit; -1 stands for none.
fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    i64::deserialize(deserializer).map(|max| u64::try_from(max).ok())
}

fn max_concurrency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    ScalingConfig::deserialize(deserializer).map(|config| Some(config.maximum_concurrency))
}

fn on_failure<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let destination = DestinationConfig::deserialize(deserializer)?.on_failure.destination;
    match destination.starts_with("arn:aws:sqs:") {
        true => Ok(Some(last_part(&destination).to_owned())),
        false => Err(D::Error::custom(format!("the destination must be a queue, not {destination}"))),
    }
}

fn patterns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let criteria = FilterCriteria::deserialize(deserializer)?;
    Ok(criteria.filters.into_iter().map(|filter| filter.pattern).collect())
}

fn must_be_true<'de, D: Deserializer<'de>>(enabled: D) -> Result<bool, D::Error> {
    match bool::deserialize(enabled)? {
        true => Ok(true),
        false => Err(D::Error::custom("Enabled: false is not supported locally; remove the event source")),
    }
}
