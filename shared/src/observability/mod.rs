//! What an operator sees: log lines and metrics, both written to standard output.
//!
//! No message text, token, key, secret or full phone number is ever written (promise 10).

pub mod log;
mod log_limit;
pub mod metrics;
pub mod request_log;

pub use log_limit::LogLimit;
pub use metrics::Metric;
