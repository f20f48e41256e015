//! What Amazon SQS does, asked over the wire through the AWS SDK. `only_embedded` and `queue_clock` ask the laptop's own
//! server alone, whatever `CONFORMANCE_URL` says.

mod attributes;
mod batches;
mod concurrency;
mod deduplication;
mod fifo;
mod long_polls;
mod only_embedded;
mod queue;
mod queue_clock;
mod queues;
mod redrive;
mod sending;
mod target;
mod visibility;
