//! Event source mappings and schedules: they poll queues and streams and invoke functions, by AWS's rules for batching,
//! filtering, retries and partial batch responses.
//!
//! Only this folder reads queues and streams on a function's behalf. Requests reach functions through `gateway`.

mod batch_response;
mod checkpoints;
mod filter_criteria;
mod mapping;
mod schedule;
mod sqs_poller;
mod stream_batch_processor;
mod stream_poller;
mod stream_record;

pub use checkpoints::{Checkpoints, ReaderProgress};
pub(crate) use filter_criteria::{FilterCriteria, InvalidPattern};
pub use mapping::{FunctionResponseType, SqsMapping, StartingPosition, StreamMapping};
pub(crate) use schedule::run as run_schedule;
pub(crate) use sqs_poller::SqsPoller;
pub(crate) use stream_batch_processor::StreamBatchProcessor;
pub(crate) use stream_poller::{HasRecords, StreamPoller};
