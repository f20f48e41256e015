//! Environment variables. They are read here alone, and every error names its variable.

use std::env;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// A variable that is missing or invalid.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The variable is not set, or empty.
    #[error("environment variable {0} is missing")]
    Missing(&'static str),
    /// The variable's value is invalid, and why.
    #[error("environment variable {0}: {1}")]
    Invalid(&'static str, String),
}

/// A required variable.
pub fn text(name: &'static str) -> Result<String, EnvironmentError> {
    optional(name).ok_or(EnvironmentError::Missing(name))
}

/// An optional variable.
pub fn optional(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// A required variable, parsed.
pub fn parsed<T: FromStr<Err: Display>>(name: &'static str) -> Result<T, EnvironmentError> {
    text(name)?.parse().map_err(|error: T::Err| EnvironmentError::Invalid(name, error.to_string()))
}

/// How long records are kept: `RETENTION_DAYS`, the template's parameter.
pub fn retention() -> Result<Duration, EnvironmentError> {
    let days: u32 = parsed("RETENTION_DAYS")?;
    Ok(Duration::from_secs(u64::from(days) * 24 * 60 * 60))
}
