//! The deployment's secrets in Secrets Manager. A function's environment has their ARNs, of those that its role may read, and
//! never their values.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::DisplayErrorContext;
use secrecy::{ExposeSecret, SecretString};

use crate::aws::environment;
use crate::clock::Timestamp;

/// A secret of the template.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Secret {
    /// The keys for tokens and webhook secrets.
    MasterKeys,
    /// The keys for what `receive` verifies and decrypts.
    CallbackKeys,
    /// The operator's bearer token.
    AdminKey,
    /// The Meta app's secret and the verify token, as JSON.
    WhatsAppApp,
}

impl Secret {
    /// The environment variable with its ARN.
    const fn variable(self) -> &'static str {
        match self {
            Self::MasterKeys => "MASTER_KEYS_ARN",
            Self::CallbackKeys => "CALLBACK_KEYS_ARN",
            Self::AdminKey => "ADMIN_KEY_ARN",
            Self::WhatsAppApp => "WHATSAPP_APP_ARN",
        }
    }

    /// The name that the operator knows it by: its logical id in the template.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MasterKeys => "MasterKeys",
            Self::CallbackKeys => "CallbackKeys",
            Self::AdminKey => "AdminKey",
            Self::WhatsAppApp => "WhatsAppApp",
        }
    }
}

/// Why a secret cannot be used. Its value is never shown.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The function needs it, and its environment does not name it.
    #[error("environment variable {0} is missing")]
    Missing(&'static str),
    /// Its value is invalid, and why.
    #[error("the secret {0}: {1}")]
    Invalid(&'static str, String),
    /// Secrets Manager refused to show it.
    #[error("the secret {0} cannot be read: {1}")]
    Refused(&'static str, String),
    /// Secrets Manager did not answer.
    #[error("the secret {0} cannot be read: {1}")]
    NoAnswer(&'static str, String),
}

/// The value of a secret.
#[derive(Clone, Debug)]
pub struct SecretValue {
    /// The value itself.
    pub text: SecretString,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// The values of a function's secrets.
#[derive(Clone, Debug, Default)]
pub struct SecretValues(BTreeMap<Secret, SecretValue>);

impl SecretValues {
    /// The value of a secret that the function may have.
    pub fn get(&self, secret: Secret) -> Option<&SecretValue> {
        self.0.get(&secret)
    }

    /// The value of a secret that the function cannot do without.
    pub fn required(&self, secret: Secret) -> Result<&SecretValue, SecretError> {
        self.get(secret).ok_or(SecretError::Missing(secret.variable()))
    }

    /// Whether these are the same versions of the same values.
    pub fn is_same(&self, other: &Self) -> bool {
        let is_same = |(one, other): (&SecretValue, &SecretValue)| {
            one.changed_at == other.changed_at && one.text.expose_secret() == other.text.expose_secret()
        };
        self.0.keys().eq(other.0.keys()) && self.0.values().zip(other.0.values()).all(is_same)
    }
}

/// Reads a function's secrets.
#[derive(Debug)]
pub struct SecretReader {
    client: Client,
    arns: Vec<(Secret, String)>,
}

impl SecretReader {
    /// A reader of those of these secrets whose ARNs the environment has.
    pub fn from_environment(config: &SdkConfig, secrets: &[Secret]) -> Self {
        let arns = secrets.iter().filter_map(|secret| Some((*secret, environment::optional(secret.variable())?)));
        Self { client: Client::new(config), arns: arns.collect() }
    }

    /// Whether it has nothing to read.
    pub fn is_empty(&self) -> bool {
        self.arns.is_empty()
    }

    /// Reads all of them, one after another on one connection (docs/adr/0042).
    pub async fn read(&self) -> Result<SecretValues, SecretError> {
        let mut values = BTreeMap::new();
        for (secret, arn) in &self.arns {
            let answer = self.client.get_secret_value().secret_id(arn).send().await;
            let answer = answer.map_err(|error| {
                let is_answered = error.as_service_error().is_some();
                let text = DisplayErrorContext(error).to_string();
                let kind = if is_answered { SecretError::Refused } else { SecretError::NoAnswer };
                kind(secret.name(), text)
            })?;
            let changed_at = answer.created_date.and_then(|created| created.to_millis().ok()).unwrap_or_default();
            let text = answer.secret_string.unwrap_or_default().into();
            values.insert(*secret, SecretValue { text, changed_at: Timestamp::from_millis(changed_at) });
        }
        Ok(SecretValues(values))
    }
}

/// The keys in the secret `name`, separated by commas, without the spaces around them. An empty or short one is refused, since
/// anybody could guess it.
pub fn split(name: &'static str, secret: &SecretString, min_length: usize) -> Result<Vec<SecretString>, SecretError> {
    let keys: Vec<&str> = secret.expose_secret().split(',').map(str::trim).collect();
    if keys.iter().any(|key| key.len() < min_length) {
        let rule = format!("each key must have at least {min_length} characters; commas separate keys");
        return Err(SecretError::Invalid(name, rule));
    }
    Ok(keys.into_iter().map(SecretString::from).collect())
}
