//! What a number's files are moved with: its id at WhatsApp and its token, until WhatsApp refuses that.

use secrecy::SecretString;
use shared::aws::TableError;
use shared::ids::{AccountId, InstanceId};
use shared::instance::{Instance, RefusedConnection};
use shared::observability::{Metric, metrics};
use shared::security::DecryptionError;
use shared::whatsapp::GraphError;

use crate::mover::Mover;

/// A connected number.
pub struct Connection {
    /// Its instance.
    instance: Instance,
    /// WhatsApp's id of it.
    pub number_id: String,
    /// Its token, decrypted.
    pub token: SecretString,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoConnection {
    /// The instance is not connected.
    #[error("the instance is not connected")]
    Disconnected,
    /// This process does not have the key of the token, as it may during a rotation.
    #[error("the token's key is unknown")]
    KeyUnknown,
}

impl Mover {
    /// The number of an instance.
    pub async fn connection(
        &self,
        account: &AccountId,
        instance: &InstanceId,
    ) -> Result<Result<Connection, NoConnection>, TableError> {
        let instance = self.instances.get(account, instance).await?;
        let connected = instance.and_then(|instance| Some((instance.connected_number()?.clone(), instance)));
        let Some((number, instance)) = connected else { return Ok(Err(NoConnection::Disconnected)) };
        Ok(match self.cipher.decrypt(|cipher| instance.decrypt_token(&number, cipher)).await {
            Ok(token) => Ok(Connection { number_id: number.id, token, instance }),
            Err(DecryptionError::Changed) => Err(NoConnection::Disconnected),
            Err(DecryptionError::UnknownKey) => {
                metrics::count(Metric::KeysUnknown);
                tracing::error!(instance_id = %instance.id, "access_token.key_unknown");
                Err(NoConnection::KeyUnknown)
            }
        })
    }

    /// Stops an instance, as `deliver` does, whose token or number WhatsApp refuses: nothing else of it can succeed. The next look
    /// reads its connection of now.
    pub async fn disconnect_refused(
        &self,
        refused: &Connection,
        error: &GraphError,
    ) -> Result<RefusedConnection, TableError> {
        self.instances.invalidate(&refused.instance);
        self.accounts.disconnect_refused(&refused.instance, error).await
    }
}
