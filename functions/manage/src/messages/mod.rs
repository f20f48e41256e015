//! Messages: history, status, cancellation.

pub mod cancel;
mod conversation;
pub mod history;
pub mod status;
