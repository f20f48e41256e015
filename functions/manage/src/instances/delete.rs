//! `DELETE /v1/instances/{instanceId}`.

use std::time::Duration;

use shared::account::InboundUrlListing;
use shared::aws::TableError;
use shared::aws::conditional_write::until_applied;
use shared::clock;
use shared::instance::Instance;

use crate::lookup;
use crate::prelude::*;
use crate::webhooks::inbound_url;

/// How much longer than its messages an instance is remembered: longer than callbacks about its number are kept that could not be read.
const FOUND_FOR: Duration = Duration::from_secs(31 * 24 * 60 * 60);

pub const DELETE: Endpoint = Endpoint {
    route: Route::new("DELETE", "/v1/instances/{instanceId}", customer!(InstancesWrite, delete)),
    id: "deleteInstance",
    summary: "Delete an instance, its webhooks and its inbound URLs",
    describe: |operation| {
        operation
            .description("Frees its WhatsApp number. Its queued messages fail without being sent.")
            .answers_nothing()
            .errors(&[ErrorCode::InstanceNotFound])
    },
};

async fn delete(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let deleted = until_applied(|| async {
        let instance = lookup::instance(state, caller, request).await?;
        delete_webhooks_and_urls(state, &instance).await?;
        let forget_at = clock::now().plus(state.retention).plus(FOUND_FOR);
        let is_deleted = state.accounts.delete_instance(&instance, forget_at).await.map_err(ApiError::internal)?;
        Ok::<_, ApiError>(is_deleted.then_some(instance.id))
    });
    let instance_id = deleted.await?.ok_or_else(|| ApiError::internal(TableError::Conflict))?;
    tracing::info!(%instance_id, "instance.deleted");
    Ok(ApiResponse::no_content())
}

async fn delete_webhooks_and_urls(state: &AppState, instance: &Instance) -> Result<(), ApiError> {
    let webhooks = state.accounts.webhooks(&instance.account_id).await.map_err(unavailable)?;
    let forget_at = clock::now().plus(state.retention);
    for webhook in webhooks.iter().filter(|webhook| webhook.instance_id.as_ref() == Some(&instance.id)) {
        state.accounts.delete_webhook(&webhook.account_id, &webhook.id, forget_at).await.map_err(ApiError::internal)?;
    }
    let is_obsolete = |url: &InboundUrlListing| url.instance_id.as_ref() == Some(&instance.id);
    inbound_url::delete_obsolete(state, &instance.account_id, is_obsolete).await
}
