//! How the functions talk to AWS: clients, environment variables, secrets, the table of accounts and its keys, conditional writes
//! and queues.
//!
//! Defines how an item is written, not what it means: conditions and attributes belong to the module that owns the item.

pub mod accounts_table;
pub mod batch_delete;
pub mod conditional_write;
pub mod config;
pub mod connection;
pub mod environment;
pub mod item_keys;
pub mod queue_reader;
pub mod secrets;
pub mod sparse_index;
pub mod sqs;
pub mod sqs_batch;
#[cfg(test)]
pub(crate) mod test_database;
pub mod update;

pub use accounts_table::{AccountsTable, FORGET_AT};
pub use batch_delete::delete_batch;
pub use conditional_write::{ConditionalWrite, RefusedWrite, TableError};
pub use environment::EnvironmentError;
pub use item_keys::{
    ACCOUNT, CLOSING, EVENT, FORMER_WEBHOOK, INBOUND_URL, ItemKey, LEDGER, LISTENER, SLOTS, TOMBSTONE,
};
pub use queue_reader::QueueReader;
pub use secrets::{Secret, SecretError, SecretValue, SecretValues};
pub use sparse_index::has_entries;
pub use sqs::{MAX_QUEUE_BATCH, MAX_QUEUE_DELAY, Queue, QueueError};
pub use sqs_batch::ProcessingError;
pub use update::{Item, UpdateBuilder};
