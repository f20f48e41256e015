//! How many webhooks an account and an instance may have. Each event of an instance is sent to all its webhooks.

use shared::aws::{EnvironmentError, environment};
use shared::webhook::Webhook;

use crate::account_bounds::{create_within, reached};
use crate::prelude::*;

/// The most webhooks.
#[derive(Clone, Copy, Debug)]
pub struct MaxWebhooks {
    /// Of an account.
    pub of_account: usize,
    /// Of an instance.
    pub of_instance: usize,
}

impl MaxWebhooks {
    /// The limits in the environment.
    pub fn from_environment() -> Result<Self, EnvironmentError> {
        let of_account = environment::parsed("MAX_WEBHOOKS")?;
        Ok(Self { of_account, of_instance: environment::parsed("MAX_WEBHOOKS_PER_INSTANCE")? })
    }
}

/// Writes a new webhook, unless its account or its instance has as many as it may have.
pub async fn create(state: &AppState, webhook: &Webhook) -> Result<(), ApiError> {
    let write = state.accounts.put_in_transaction(webhook.key(), webhook).map_err(ApiError::internal)?;
    let check = || check(state, webhook);
    create_within(&state.accounts, &webhook.account_id, check, &[write]).await.map(drop)
}

/// Refuses when there is no room for a webhook.
pub async fn check(state: &AppState, webhook: &Webhook) -> Result<(), ApiError> {
    let MaxWebhooks { of_account, of_instance } = state.max_webhooks;
    let existing = state.accounts.webhooks(&webhook.account_id).await.map_err(unavailable)?;
    let same_instance = existing.iter().filter(|other| other.instance_id == webhook.instance_id).count();
    if same_instance >= of_instance {
        return Err(reached("instance", of_instance, "webhooks"));
    }
    if existing.len() >= of_account {
        return Err(reached("account", of_account, "webhooks"));
    }
    Ok(())
}
