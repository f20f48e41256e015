//! The deployment's master keys, from which a key is derived for each purpose.
//!
//! One secret in Secrets Manager holds them, newest first: the first signs and encrypts, all of them verify and decrypt.

use aws_lc_rs::{digest, hkdf};
use secrecy::{ExposeSecret, SecretString};

use crate::aws::{EnvironmentError, environment};

const VARIABLE: &str = "MASTER_KEYS";

/// Shorter keys could be guessed; the template generates 64 characters.
const MIN_LENGTH: usize = 32;

/// What a derived key is for. Each purpose has its own key, so that none can be used for another.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// Signing the tag that WhatsApp returns with each callback.
    Tag,
    /// Encrypting tokens and webhook secrets in the table.
    Encryption,
    /// Finding messages whose ids earlier versions derived from Idempotency-Keys with it.
    MessageId,
    /// Proving to `receive` that a replay of a kept callback comes from `manage`.
    CallbackReplay,
}

impl Purpose {
    /// The HKDF info (RFC 5869, section 3.2). Changing one makes everything derived with it unusable.
    const fn info(self) -> &'static [u8] {
        match self {
            Self::Tag => b"pombo callback tag v1",
            Self::Encryption => b"pombo sealed field v1",
            Self::MessageId => b"pombo idempotent message id v1",
            Self::CallbackReplay => b"pombo callback replay v1",
        }
    }
}

/// The master keys, newest first; never empty.
#[derive(Clone, Debug)]
pub struct MasterKeys(Vec<SecretString>);

impl MasterKeys {
    /// The keys in `MASTER_KEYS`, separated by commas.
    pub fn from_environment() -> Result<Self, EnvironmentError> {
        Self::parse(&environment::secret(VARIABLE)?)
    }

    /// The keys in a text, separated by commas.
    pub fn parse(text: &SecretString) -> Result<Self, EnvironmentError> {
        environment::split_secret(VARIABLE, "the secret MasterKeys", text, MIN_LENGTH).map(Self)
    }

    /// The keys for `purpose`, newest first, each behind the id that ciphertexts and tags name it by: eight hex digits of
    /// the master key's hash.
    pub fn derive(&self, purpose: Purpose) -> Vec<(String, [u8; 32])> {
        self.0.iter().map(|key| derive(key, purpose)).collect()
    }
}

fn derive(master: &SecretString, purpose: Purpose) -> (String, [u8; 32]) {
    let secret = master.expose_secret().as_bytes();
    let mut bytes = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"pombo")
        .extract(secret)
        .expand(&[purpose.info()], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut bytes))
        .expect("one SHA-256 block is within what HKDF gives");
    let hash = digest::digest(&digest::SHA256, secret);
    (hex::encode(&hash.as_ref()[..4]), bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_and_each_master_key_has_a_key_of_its_own() {
        let keys = MasterKeys::parse(&format!("{},{}", "a".repeat(32), "b".repeat(32)).into()).expect("long enough");
        let [(id, tag), (other_id, other_tag)] = &keys.derive(Purpose::Tag)[..] else { panic!("two keys") };
        let (same_id, encryption) = &keys.derive(Purpose::Encryption)[0];
        assert_eq!(id, same_id);
        assert_ne!(tag, encryption);
        assert_ne!(id, other_id);
        assert_ne!(tag, other_tag);
    }

    #[test]
    fn a_short_or_empty_key_is_refused_by_name_and_not_shown() {
        let long = "a".repeat(32);
        for keys in ["short".to_owned(), format!("{long},short"), format!("{long},"), format!("{long}, ,{long}")] {
            let error = MasterKeys::parse(&keys.into()).expect_err("too short").to_string();
            let names = ["MASTER_KEYS", "MasterKeys"];
            assert!(names.iter().all(|name| error.contains(name)) && !error.contains("short"), "{error}");
        }
    }
}
