//! The deployment's master keys, the keys derived from them, and the encryption of secrets at rest.
//!
//! Keys and plain texts of secrets are held in `secrecy` types only, and never logged.

pub mod encryption;
pub mod master_keys;

pub use encryption::{DecryptionError, EncryptedSecret, SecretCipher};
pub use master_keys::{MasterKeys, Purpose};
