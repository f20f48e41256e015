//! Batches: list, one with its progress, cancellation.

mod batch_response;
pub mod cancel;
pub mod get;
pub mod list;
