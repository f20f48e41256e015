//! `DELETE /v1/webhooks/{webhookId}`: a webhook, or an inbound URL, whose id is of the same kind.

use shared::clock;

use crate::prelude::*;

pub const DELETE: Endpoint = Endpoint {
    route: Route::new("DELETE", "/v1/webhooks/{webhookId}", customer!(WebhooksWrite, delete)),
    id: "deleteWebhook",
    summary: "Delete a webhook or an inbound URL",
    describe: |operation| operation.answers_nothing().errors(&[ErrorCode::WebhookNotFound]),
};

async fn delete(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let (accounts, account) = (&state.accounts, caller.account());
    let id = request.id("webhookId", ErrorCode::WebhookNotFound)?;
    if accounts.webhook(account, &id).await.map_err(unavailable)?.is_some() {
        accounts.delete_webhook(account, &id, clock::now().plus(state.retention)).await.map_err(ApiError::internal)?;
    } else {
        let listing = accounts.inbound_url_listing(account, &id).await.map_err(unavailable)?;
        let url = listing.ok_or(ErrorCode::WebhookNotFound)?;
        accounts.delete_inbound_url(account, &url).await.map_err(ApiError::internal)?;
    }
    Ok(ApiResponse::no_content())
}
