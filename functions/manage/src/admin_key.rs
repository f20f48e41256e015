//! The deployment's admin key, which authenticates the operator.

use aws_lc_rs::{constant_time, digest};
use lambda_http::http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use shared::account::authentication::bearer;
use shared::aws::{EnvironmentError, environment};
use shared::http::{ApiError, ErrorCode};
use shared::observability::{Metric, metrics};

const VARIABLE: &str = "ADMIN_KEY";
/// Shorter keys could be guessed; the template generates 48 characters.
const MIN_LENGTH: usize = 16;

/// The hash of the admin key.
#[derive(Debug)]
pub struct AdminKey(digest::Digest);

impl AdminKey {
    /// The key in `ADMIN_KEY`.
    pub fn from_environment() -> Result<Self, EnvironmentError> {
        Self::parse(&environment::secret(VARIABLE)?)
    }

    /// A key without the spaces around it. A short or empty one is refused.
    fn parse(key: &SecretString) -> Result<Self, EnvironmentError> {
        let key = key.expose_secret().trim();
        if key.len() < MIN_LENGTH {
            let rule = format!("the secret AdminKey must have at least {MIN_LENGTH} characters");
            return Err(EnvironmentError::Invalid(VARIABLE, rule));
        }
        Ok(Self(digest::digest(&digest::SHA256, key.as_bytes())))
    }

    /// Checks the `Authorization` header. Hashes are compared, so that the time reveals neither length nor content.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let given = digest::digest(&digest::SHA256, bearer(headers)?.as_bytes());
        constant_time::verify_slices_are_equal(self.0.as_ref(), given.as_ref()).map_err(|_| {
            metrics::count(Metric::AdminKeysRefused);
            tracing::warn!("admin_key.refused");
            let message = "This is not the deployment's admin key, which operator endpoints require.";
            ApiError::new(ErrorCode::InvalidApiKey, message)
        })
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::{HeaderValue, header};

    use super::*;

    #[test]
    fn a_short_or_empty_key_is_refused_by_name_and_not_shown() {
        for key in ["", " ", "too short", "too short             "] {
            let error = AdminKey::parse(&key.into()).expect_err("too short").to_string();
            let names = ["ADMIN_KEY", "AdminKey"];
            assert!(names.iter().all(|name| error.contains(name)) && !error.contains("too short"), "{error}");
        }
    }

    #[test]
    fn a_key_is_valid_without_the_spaces_around_it() {
        let key = AdminKey::parse(&" the-key-of-this-test\n".into()).expect("long enough");
        let given = |value| HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]);
        assert!(key.check(&given("Bearer the-key-of-this-test")).is_ok());
        assert!(key.check(&given("Bearer the-key-of-another-test")).is_err());
    }
}
