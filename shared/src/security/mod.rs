//! The deployment's keys, the keys derived from them, the encryption of secrets at rest, and the secrets of a process.
//!
//! Keys and plain texts of secrets are held in `secrecy` types only, and never logged.

pub mod decryption_error;
pub mod encryption;
pub mod key_ring;
pub mod master_keys;
pub mod secret_cache;

pub use decryption_error::DecryptionError;
pub use encryption::{EncryptedSecret, SecretCipher};
pub use key_ring::KeyRing;
pub use master_keys::{MasterKeys, Purpose};
pub use secret_cache::SecretCache;
