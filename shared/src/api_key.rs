//! API keys: shown once, kept as a hash.

use aws_lc_rs::digest;
use secrecy::{ExposeSecret, SecretString};

use crate::ids;

/// What every key begins with, so that scanners for leaked secrets can know it.
const PREFIX: &str = "pombo_";

/// The SHA-256 of a key, in hex. A key has 256 random bits, so its hash can't be searched for and needs no salt; and
/// looking a hash up tells an attacker's stopwatch nothing of the key.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct KeyHash(String);

impl KeyHash {
    /// The hash of what a client sent.
    pub fn of(key: &str) -> Self {
        Self(hex::encode(digest::digest(&digest::SHA256, key.as_bytes())))
    }

    /// A hash as it was stored.
    pub const fn stored(hash: String) -> Self {
        Self(hash)
    }

    /// 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A new key and the hash to keep of it.
pub fn generate() -> (SecretString, KeyHash) {
    generate_with(PREFIX)
}

/// A new token of an inbound URL and the hash to keep of it.
pub fn generate_inbound() -> (SecretString, KeyHash) {
    generate_with("in_")
}

fn generate_with(prefix: &str) -> (SecretString, KeyHash) {
    let key = SecretString::from(format!("{prefix}{}", bs58::encode(ids::random::<32>()).into_string()));
    let hash = KeyHash::of(key.expose_secret());
    (key, hash)
}
