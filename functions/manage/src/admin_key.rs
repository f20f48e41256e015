//! The deployment's admin key, which authenticates the operator.

use aws_lc_rs::{constant_time, digest};
use secrecy::{ExposeSecret, SecretString};
use shared::aws::{Secret, SecretError};

/// Shorter keys could be guessed; the template generates 48 characters.
const MIN_LENGTH: usize = 16;

/// The hash of the admin key.
#[derive(Debug)]
pub struct AdminKey(digest::Digest);

impl AdminKey {
    /// A key without the spaces around it. A short or empty one is refused.
    pub fn parse(key: &SecretString) -> Result<Self, SecretError> {
        let key = key.expose_secret().trim();
        if key.len() < MIN_LENGTH {
            let rule = format!("it must have at least {MIN_LENGTH} characters");
            return Err(SecretError::Invalid(Secret::AdminKey.name(), rule));
        }
        Ok(Self(digest::digest(&digest::SHA256, key.as_bytes())))
    }

    /// Whether it is this key. Hashes are compared, so that the time reveals neither length nor content.
    pub fn is(&self, key: &str) -> bool {
        let given = digest::digest(&digest::SHA256, key.as_bytes());
        constant_time::verify_slices_are_equal(self.0.as_ref(), given.as_ref()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_or_empty_key_is_refused_by_name_and_not_shown() {
        for key in ["", " ", "too short", "too short             "] {
            let error = AdminKey::parse(&key.into()).expect_err("too short").to_string();
            assert!(error.contains("AdminKey") && !error.contains("too short"), "{error}");
        }
    }

    #[test]
    fn a_key_is_valid_without_the_spaces_around_it() {
        let key = AdminKey::parse(&" the-key-of-this-test\n".into()).expect("long enough");
        assert!(key.is("the-key-of-this-test") && !key.is("the-key-of-another-test"));
    }
}
