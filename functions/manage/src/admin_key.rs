//! The deployment's admin key, which authenticates the operator.

use aws_lc_rs::{constant_time, digest};
use lambda_http::http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use shared::account::authentication::bearer;
use shared::http::{ApiError, ErrorCode};

/// The hash of the admin key.
pub struct AdminKey(digest::Digest);

impl AdminKey {
    /// The key that Secrets Manager generated.
    pub fn new(key: &SecretString) -> Self {
        Self(digest::digest(&digest::SHA256, key.expose_secret().as_bytes()))
    }

    /// Checks the `Authorization` header. Hashes are compared, so that the time reveals neither length nor content.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let given = digest::digest(&digest::SHA256, bearer(headers)?.as_bytes());
        constant_time::verify_slices_are_equal(self.0.as_ref(), given.as_ref()).map_err(|_| {
            let message = "This is not the deployment's admin key, which operator endpoints require.";
            ApiError::new(ErrorCode::InvalidApiKey, message)
        })
    }
}
