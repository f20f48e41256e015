//! `GET /v1/webhooks` and `GET /v1/webhooks/{webhookId}`.

use crate::prelude::*;
use crate::webhooks::webhook_response::WebhookResponse;
use crate::{lookup, pagination};

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/webhooks", customer!(WebhooksRead, list)).with_query(&[
        "instanceId",
        "limit",
        "offset",
    ]),
    id: "listWebhooks",
    summary: "List webhooks, oldest first",
    describe: |operation| {
        let operation =
            operation.query("instanceId", false, json!({ "type": "string" }), "Only webhooks of this instance");
        pagination::describe_offset_page::<WebhookResponse>(operation, WebhookResponse::example())
            .errors(&[ErrorCode::InvalidRequest])
    },
};

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/webhooks/{webhookId}", customer!(WebhooksRead, get)),
    id: "getWebhook",
    summary: "Get a webhook",
    describe: |operation| {
        operation.answers_data::<WebhookResponse>(200, WebhookResponse::example()).errors(&[ErrorCode::WebhookNotFound])
    },
};

async fn list(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let mut webhooks = state.accounts.webhooks(caller.account()).await.map_err(unavailable)?;
    if let Some(instance) = request.query("instanceId") {
        webhooks.retain(|webhook| webhook.instance_id.as_ref().is_some_and(|own| own.as_str() == instance));
    }
    webhooks.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    let (webhooks, page) = pagination::offset_page(request, webhooks)?;
    let rows: Vec<_> = webhooks.into_iter().map(WebhookResponse::new).collect();
    ApiResponse::page(&rows, page)
}

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    ApiResponse::ok(&WebhookResponse::new(lookup::webhook(state, caller, request).await?))
}
