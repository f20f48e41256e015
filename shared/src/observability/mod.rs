//! What an operator sees: log lines and metrics, both written to standard output.
//!
//! No message text, token, key, secret or full phone number is ever written (promise 10).

pub mod log;
pub mod metrics;

pub use metrics::Metric;
