//! Messages: history, one message, details, status, timeline, cancellation, read receipts.

mod batch;
pub mod cancel;
pub mod details;
mod filter;
pub mod get;
pub mod history;
pub mod media;
mod message_page;
mod message_response;
pub mod read;
mod selection;
pub mod status;
pub mod timeline;
