//! Messages: history, details, status, cancellation.

pub mod cancel;
mod conversation;
pub mod details;
pub mod history;
pub mod status;
