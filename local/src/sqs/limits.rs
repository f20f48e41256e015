//! SQS's limits that several operations share (Amazon SQS developer guide, "Amazon SQS quotas").

/// The most messages of a queue that can be in flight. A FIFO queue also looks for message groups among this many of
/// its oldest messages.
pub const MAX_IN_FLIGHT: usize = 120_000;
/// The longest VisibilityTimeout, in seconds, counted from the receive.
pub const MAX_VISIBILITY_TIMEOUT: i64 = 43_200;
/// How long SQS remembers a deduplication id or a ReceiveRequestAttemptId, in milliseconds.
pub const DEDUPLICATION_INTERVAL: i64 = 5 * 60 * 1000;
/// The longest DelaySeconds.
pub const MAX_DELAY: i64 = 900;
/// The longest WaitTimeSeconds.
pub const MAX_WAIT_TIME: i64 = 20;
/// The largest message, and the largest batch of messages, in bytes.
pub const MAX_MESSAGE_SIZE: usize = 1_048_576;
/// The most entries of a batch.
pub const MAX_BATCH_ENTRIES: usize = 10;
/// The reason for refusing a parameter that only the other type of queue has.
pub const WRONG_QUEUE_TYPE: &str = "The request include parameter that is not valid for this queue type.";
