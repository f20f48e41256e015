//! The secrets of `manage`.

use shared::aws::{Secret, SecretError, SecretValues};
use shared::security::{MasterKeys, SecretCipher};
use shared::unread_callback::ReplayTokens;

use crate::admin_key::AdminKey;

/// The secrets that a `manage` process reads.
pub const READ: [Secret; 3] = [Secret::MasterKeys, Secret::CallbackKeys, Secret::AdminKey];

/// The secrets of a `manage` process.
pub struct ManageSecrets {
    /// Encrypts tokens and webhook secrets.
    pub cipher: SecretCipher,
    /// Encrypts app secrets of numbers, which `receive` decrypts.
    pub callback_cipher: SecretCipher,
    /// Prove to `receive` that a replay is ours.
    pub replay_tokens: ReplayTokens,
    /// Authenticates the operator.
    pub admin_key: AdminKey,
}

impl ManageSecrets {
    /// Reads them from their values.
    pub fn read(values: &SecretValues) -> Result<Self, SecretError> {
        let master_keys = MasterKeys::read(Secret::MasterKeys, values.required(Secret::MasterKeys)?)?;
        let callback_keys = MasterKeys::read(Secret::CallbackKeys, values.required(Secret::CallbackKeys)?)?;
        Ok(Self {
            cipher: SecretCipher::new(&master_keys),
            callback_cipher: SecretCipher::for_callbacks(&callback_keys, None),
            replay_tokens: ReplayTokens::new(&callback_keys),
            admin_key: AdminKey::parse(&values.required(Secret::AdminKey)?.text)?,
        })
    }
}
