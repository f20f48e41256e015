//! Assumptions about what cannot be measured on one machine.

use std::time::Duration;

/// The shards of a new table's stream: it takes 4,000 write units a second, and a partition 1,000 (Amazon DynamoDB developer
/// guide, on-demand capacity mode).
pub const SHARDS: f64 = 4.0;
/// The latency of a call of DynamoDB or SQS: both document single-digit milliseconds for small items, and the network
/// adds about one on a kept-alive connection.
pub const AWS_CALL: Duration = Duration::from_millis(8);
/// The latency of S3: 100 to 200 ms for small objects (Amazon S3 user guide, "Performance design patterns").
pub const S3_CALL: Duration = Duration::from_millis(100);
/// The latency of WhatsApp's answer to a message: Meta gives no figure; the network alone takes some tens of milliseconds.
pub const WHATSAPP_CALL: Duration = Duration::from_millis(150);
/// The latency of a webhook's answer: a server of another company, perhaps on another continent.
pub const WEBHOOK_CALL: Duration = Duration::from_millis(100);

/// The share of provisioned units that is used (`TargetValue` in infra/capacity.yaml).
pub const PROVISIONED_USE: f64 = 0.7;

/// Megabytes of a Lambda function that has one whole processor; one of less has that share (AWS Lambda developer guide,
/// "Configure Lambda function memory").
pub const MEGABYTES_OF_A_PROCESSOR: f64 = 1769.0;
/// The unit to which Lambda rounds up each duration, in seconds.
pub const DURATION_STEP: f64 = 0.001;

/// Bytes that go out below HTTP with a request or an answer: two packets' headers, an acknowledgement, TLS's records, and
/// a share of the handshake of a kept-alive connection.
pub const BYTES_BELOW_HTTP: f64 = 300.0;
/// Bytes that DynamoDB bills for each item and each entry of an index besides its own (Amazon DynamoDB developer guide,
/// "DynamoDB item sizes and formats").
pub const BYTES_OF_AN_ITEM: f64 = 100.0;
/// Bytes that CloudWatch Logs counts for each line besides its text (CloudWatch Logs user guide, PutLogEvents).
pub const BYTES_OF_A_LOG_LINE: f64 = 26.0;
/// The size of a compressed log line relative to its text (the example of CloudWatch's own pricing page).
pub const LOG_COMPRESSION: f64 = 0.15;

/// The bytes that SQS counts as one request.
pub const QUEUE_STEP: usize = 64 * 1024;
/// Lambda's pollers of a queue at rest, where the template sets a maximum concurrency; fewer otherwise for standard
/// queues (AWS Lambda developer guide, "Configuring scaling behavior for SQS event source mappings").
pub const POLLERS: f64 = 5.0;
/// The same for standard queues without a maximum concurrency.
pub const FEWEST_POLLERS: f64 = 2.0;
/// How long Lambda's receive of an empty queue waits, in seconds: SQS's longest.
pub const LONG_POLL: f64 = 20.0;

/// Days of a month.
pub const DAYS_OF_A_MONTH: f64 = 365.25 / 12.0;
/// Seconds of a month.
pub const SECONDS_OF_A_MONTH: f64 = DAYS_OF_A_MONTH * 24.0 * 3600.0;
