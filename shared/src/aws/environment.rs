//! Environment variables. They are read here alone, and every error names its variable.

use std::env;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

/// A variable that is missing or invalid. Its value is never shown: it may be a secret.
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

/// A required variable that is a secret.
pub fn secret(name: &'static str) -> Result<SecretString, EnvironmentError> {
    text(name).map(SecretString::from)
}

/// The keys in a secret, separated by commas, without the spaces around them. An empty or short one is refused, since
/// anybody could guess it; `parameter` is what the operator knows the variable as.
pub fn split_secret(
    name: &'static str,
    parameter: &str,
    secret: &SecretString,
    min_length: usize,
) -> Result<Vec<SecretString>, EnvironmentError> {
    let keys: Vec<&str> = secret.expose_secret().split(',').map(str::trim).collect();
    if keys.iter().any(|key| key.len() < min_length) {
        let rule = format!("each key in {parameter} must have at least {min_length} characters; commas separate keys");
        return Err(EnvironmentError::Invalid(name, rule));
    }
    Ok(keys.into_iter().map(SecretString::from).collect())
}
