//! Why a secret cannot be decrypted.

/// A ciphertext that none of our keys decrypts with its associated data.
#[derive(Debug, thiserror::Error)]
pub enum DecryptionError {
    /// It names a key that this process does not have: one that it has not read yet, or one that is gone.
    #[error("a secret cannot be decrypted: this process does not have its master key")]
    UnknownKey,
    /// It was moved or changed, or is none.
    #[error("a secret cannot be decrypted: it was moved or changed")]
    Changed,
}

impl DecryptionError {
    /// Whether a process with other keys may be able to decrypt it.
    pub const fn is_unknown_key(&self) -> bool {
        matches!(self, Self::UnknownKey)
    }
}
