//! Messages: history, status, cancellation.

pub mod cancel;
pub mod history;
pub mod status;
