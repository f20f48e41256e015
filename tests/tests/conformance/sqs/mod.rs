//! The behaviour of Amazon SQS, tested over the wire with the AWS SDK. `embedded_only` and `long_durations` test the
//! local stack's server only, whatever `CONFORMANCE_URL` says.

mod attributes;
mod batches;
mod concurrency;
mod deduplication;
mod embedded_only;
mod fifo;
mod long_durations;
mod long_polls;
mod queue;
mod queues;
mod redrive;
mod sending;
mod target;
mod visibility;
