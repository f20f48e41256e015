//! `DELETE /v1/instances/{instanceId}`.

use crate::lookup;
use crate::prelude::*;

pub const DELETE: Endpoint = Endpoint {
    route: Route::new("DELETE", "/v1/instances/{instanceId}", customer!(InstancesWrite, delete)),
    id: "deleteInstance",
    summary: "Delete an instance and its webhooks",
    describe: |operation| {
        operation
            .description("Frees its WhatsApp number. Its queued messages fail without being sent.")
            .answers_nothing()
            .errors(&[ErrorCode::InstanceNotFound])
    },
};

async fn delete(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let instance = lookup::instance(state, caller, request).await?;
    let webhooks = state.accounts.webhooks(&instance.account_id).await.map_err(unavailable)?;
    for webhook in webhooks.iter().filter(|webhook| webhook.instance_id.as_ref() == Some(&instance.id)) {
        state.accounts.delete_webhook(&webhook.account_id, &webhook.id).await.map_err(ApiError::internal)?;
    }
    state.accounts.delete_instance(&instance).await.map_err(ApiError::internal)?;
    tracing::info!(instance_id = %instance.id, "instance.deleted");
    Ok(ApiResponse::no_content())
}
