//! How many webhooks an account and an instance may have. Each event of an instance is sent to all its webhooks.

use shared::aws::{EnvironmentError, environment};
use shared::webhook::Webhook;

use crate::account_bounds::create_within;
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
    let create = async { state.accounts.put_webhook(webhook).await.map_err(ApiError::internal) };
    let withdraw = state.accounts.delete_webhook(&webhook.account_id, &webhook.id);
    create_within(|more| check(state, webhook, more), create, withdraw).await
}

/// Refuses when there is no room for `more` webhooks.
async fn check(state: &AppState, webhook: &Webhook, more: usize) -> Result<(), ApiError> {
    let MaxWebhooks { of_account, of_instance } = state.max_webhooks;
    let existing = state.accounts.webhooks(&webhook.account_id).await.map_err(unavailable)?;
    let same_instance = existing.iter().filter(|other| other.instance_id == webhook.instance_id).count();
    let refused = |owner: &str, most: usize| {
        let message = format!("This {owner} already has {most} webhooks: delete one first.");
        Err(ApiError::new(ErrorCode::LimitReached, message))
    };
    if same_instance + more > of_instance {
        return refused("instance", of_instance);
    }
    if existing.len() + more > of_account {
        return refused("account", of_account);
    }
    Ok(())
}
