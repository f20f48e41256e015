//! Messages: history, details, status, cancellation.

pub mod cancel;
pub mod details;
pub mod history;
pub mod status;
