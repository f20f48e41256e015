//! An Amazon SQS server in memory: standard and FIFO queues behind the AWS JSON 1.0 protocol, on the stack's clock.
//!
//! A queue is one lock around its messages (`queue`, `messages`); which comes next is up to `standard` or `fifo`.
//! Nothing runs in the background: every call first catches up with the clock.

mod attempts;
mod attributes;
mod batches;
mod deduplication;
mod error;
mod fifo;
mod message;
mod messages;
mod move_tasks;
mod operations;
mod order;
mod outgoing;
mod queue;
mod queues;
mod receipt;
mod receiving;
mod redrive_policy;
mod sending;
mod server;
mod shown;
mod standard;

#[cfg(test)]
mod tests;

pub use error::{ErrorCode, SqsError};
pub use queues::Sqs;
