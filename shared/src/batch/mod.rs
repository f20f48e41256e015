//! Batches: the items `batch#…` of the table of accounts. One request sends a batch to as many as a thousand recipients.
//!
//! Its messages are records like any other, with ids that follow from the batch and the recipient's position
//! ([`BatchRow`](crate::message::BatchRow)). They wait in the table; `settle` enqueues those of all open batches of an instance in
//! turn (docs/adr/0064). No other module writes these items.

pub mod cancel;
pub mod counts;
pub mod events;
pub mod instance_history;
pub mod list;
pub mod open_batch;
pub mod record;
pub mod rejection;
pub mod row_set;
pub mod writes;

pub use counts::{BatchCounts, BatchProgress};
pub use instance_history::InstanceHistory;
pub use list::BatchPage;
pub use open_batch::{BATCH_SHARDS, MAX_OPEN_BATCHES, OpenBatch};
pub use record::{Batch, BatchState, MAX_RECIPIENTS};
pub use rejection::{Rejection, Rejections};
pub use writes::Opened;
