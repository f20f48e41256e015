//! The secrets of `receive`, which anybody can call: no key that decrypts tokens or webhook secrets, except after an upgrade
//! from a version that used one key for everything.

use shared::aws::{Secret, SecretError, SecretValues};
use shared::security::{MasterKeys, SecretCipher};
use shared::unread_callback::ReplayTokens;
use shared::whatsapp::{CallbackTagger, WhatsAppApp};

/// The secrets that a `receive` process reads; its environment names `MasterKeys` after such an upgrade only.
pub const READ: [Secret; 3] = [Secret::CallbackKeys, Secret::WhatsAppApp, Secret::MasterKeys];

/// The secrets of a `receive` process.
pub struct ReceiveSecrets {
    /// Verifies the tags.
    pub tagger: CallbackTagger,
    /// Decrypts the secrets of numbers' own Meta apps, and callbacks that could not be read.
    pub cipher: SecretCipher,
    /// Checks that a replay comes from `manage`.
    pub replay_tokens: ReplayTokens,
    /// Verifies callbacks of the deployment's Meta app, and proves to Meta that this URL is ours.
    pub app: WhatsAppApp,
}

impl ReceiveSecrets {
    /// Reads them from their values.
    pub fn read(values: &SecretValues) -> Result<Self, SecretError> {
        let keys = MasterKeys::read(Secret::CallbackKeys, values.required(Secret::CallbackKeys)?)?;
        let earlier = values.get(Secret::MasterKeys).map(|value| MasterKeys::read(Secret::MasterKeys, value));
        let earlier = earlier.transpose()?;
        Ok(Self {
            tagger: CallbackTagger::new(&keys, earlier.as_ref()),
            cipher: SecretCipher::for_callbacks(&keys, earlier.as_ref()),
            replay_tokens: ReplayTokens::new(&keys),
            app: WhatsAppApp::read(values.required(Secret::WhatsAppApp)?)?,
        })
    }
}
