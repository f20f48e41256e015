//! Asks WhatsApp for templates, with the access token of the instance that sends. The keys that decrypt it are read when a
//! template is first fetched: most processes of `send` never have them.

use aws_config::SdkConfig;
use secrecy::SecretString;
use shared::aws::{Secret, SecretError, SecretValues};
use shared::instance::{Instance, Number};
use shared::security::{DecryptionError, MasterKeys, SecretCache, SecretCipher};
use shared::whatsapp::templates::Definition;
use shared::whatsapp::{GraphError, ManagementError, WhatsAppClient};
use tokio::sync::OnceCell;

/// Where templates come from.
pub struct TemplateSource {
    config: SdkConfig,
    whatsapp: WhatsAppClient,
    cipher: OnceCell<SecretCache<SecretCipher>>,
}

/// Why templates could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// WhatsApp refused, with this code.
    #[error("WhatsApp: error {0}")]
    Refused(i64),
    /// WhatsApp did not answer.
    #[error("WhatsApp: {0}")]
    Unavailable(String),
    /// The access token cannot be decrypted.
    #[error(transparent)]
    Token(#[from] DecryptionError),
    /// The keys cannot be read.
    #[error(transparent)]
    Keys(#[from] SecretError),
}

impl From<ManagementError> for TemplateError {
    fn from(error: ManagementError) -> Self {
        match error {
            ManagementError::Refused(GraphError { code, .. }) => Self::Refused(code),
            ManagementError::Unavailable(cause) => Self::Unavailable(cause),
        }
    }
}

impl TemplateSource {
    /// What this client says.
    pub fn new(config: SdkConfig, whatsapp: WhatsAppClient) -> Self {
        Self { config, whatsapp, cipher: OnceCell::new() }
    }

    /// The templates with exactly this name, of the number's business account. The caller limits the time.
    pub async fn named(
        &self,
        (instance, number): (&Instance, &Number),
        name: &str,
    ) -> Result<Vec<Definition>, TemplateError> {
        let token = self.token(instance, number).await?;
        let found = self.whatsapp.templates_named((&number.business_id, &token), name, None).await?;
        if found.is_partial {
            // What could not be read may be the very template: nothing is known of it.
            return Err(TemplateError::Unavailable("a template cannot be read".to_owned()));
        }
        Ok(found.templates.iter().map(Definition::from).collect())
    }

    async fn token(&self, instance: &Instance, number: &Number) -> Result<SecretString, TemplateError> {
        let load = || SecretCache::load(&self.config, &[Secret::MasterKeys], read);
        let cipher = self.cipher.get_or_try_init(load).await?;
        cipher.refresh().await;
        Ok(cipher.decrypt(|cipher| instance.decrypt_token(number, cipher)).await?)
    }
}

fn read(values: &SecretValues) -> Result<SecretCipher, SecretError> {
    let keys = MasterKeys::read(Secret::MasterKeys, values.required(Secret::MasterKeys)?)?;
    Ok(SecretCipher::new(&keys))
}
