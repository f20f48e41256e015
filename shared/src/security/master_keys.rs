//! Master keys, from which a key is derived for each purpose.
//!
//! A secret in Secrets Manager holds them, newest first: `MasterKeys` those for what `receive` must not read, `CallbackKeys`
//! those for what it verifies and decrypts. All of them verify and decrypt, and one signs and encrypts: the first, from some
//! minutes after the secret was changed, so that every process can use it first.

use std::time::Duration;

use aws_lc_rs::{digest, hkdf};
use secrecy::{ExposeSecret, SecretString};

use crate::aws::secrets::{self, Secret, SecretError, SecretValue};
use crate::clock::Timestamp;
use crate::security::key_ring::KeyRing;
use crate::security::secret_cache::MAX_AGE;

/// Shorter keys could be guessed; the template generates 64 characters.
const MIN_LENGTH: usize = 32;

/// What a derived key is for. Each purpose has its own key, so that none can be used for another.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// Signing the tag that WhatsApp returns with each callback.
    Tag,
    /// Encrypting tokens and webhook secrets in the table; earlier versions also what `CallbackEncryption` is for.
    Encryption,
    /// Encrypting what `receive` decrypts: app secrets of numbers, and callbacks that could not be read.
    CallbackEncryption,
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
            Self::CallbackEncryption => b"pombo sealed callback field v1",
            Self::MessageId => b"pombo idempotent message id v1",
            Self::CallbackReplay => b"pombo callback replay v1",
        }
    }
}

/// How long after a change of the secret its first key signs and encrypts. By then every process has read it again: `MAX_AGE`,
/// an invocation that had begun before, and a read that was refused.
pub const SEALS_AFTER: Duration = Duration::from_secs(15 * 60);
const _: () = assert!(SEALS_AFTER.as_secs() >= 2 * MAX_AGE.as_secs());

/// Master keys, newest first; never empty.
#[derive(Clone, Debug)]
pub struct MasterKeys {
    keys: Vec<SecretString>,
    newest_from: Timestamp,
}

impl MasterKeys {
    /// The keys in a secret's value, separated by commas.
    pub fn read(secret: Secret, value: &SecretValue) -> Result<Self, SecretError> {
        let keys = secrets::split(secret.name(), &value.text, MIN_LENGTH)?;
        Ok(Self { keys, newest_from: value.changed_at.plus(SEALS_AFTER) })
    }

    /// The keys in a text, which was not changed lately.
    pub fn parse(text: &SecretString) -> Result<Self, SecretError> {
        Self::read(Secret::MasterKeys, &SecretValue { text: text.clone(), changed_at: Timestamp::from_millis(0) })
    }

    /// The keys for `purpose`.
    pub fn ring<K>(&self, purpose: Purpose, key: impl Fn([u8; 32]) -> K) -> KeyRing<K> {
        let keys = self.derive(purpose).into_iter().map(|(id, bytes)| (id, key(bytes)));
        KeyRing::new(keys.collect(), self.newest_from)
    }

    /// The keys for `purpose`, newest first, each behind the id that ciphertexts and tags name it by: eight hex digits of
    /// the master key's hash.
    pub fn derive(&self, purpose: Purpose) -> Vec<(String, [u8; 32])> {
        self.keys.iter().map(|key| derive(key, purpose)).collect()
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
            assert!(error.contains("MasterKeys") && !error.contains("short"), "{error}");
        }
    }
}
