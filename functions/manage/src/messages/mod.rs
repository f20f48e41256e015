//! Messages: history, details, status, cancellation, read receipts.

pub mod cancel;
mod conversation;
pub mod details;
pub mod history;
pub mod media;
pub mod read;
pub mod status;
