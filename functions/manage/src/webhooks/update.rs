//! `PUT /v1/webhooks/{webhookId}`.

use shared::http::request_body;
use shared::webhook::WebhookChanges;

use crate::lookup;
use crate::prelude::*;
use crate::webhooks::webhook_fields;
use crate::webhooks::webhook_response::WebhookResponse;

/// Changes of a webhook; absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateWebhookRequest {
    url: Option<String>,
    events: Option<Vec<String>>,
    name: Option<String>,
    /// `active` or `disabled`.
    status: Option<String>,
    log_success: Option<bool>,
}

pub const UPDATE: Endpoint = Endpoint {
    route: Route::new("PUT", "/v1/webhooks/{webhookId}", customer!(WebhooksWrite, update)),
    id: "updateWebhook",
    summary: "Update a webhook",
    describe: |operation| {
        let body = json!({ "events": ["message.failed"], "status": "active" });
        operation
            .description("Absent fields stay as they are. `\"status\":\"active\"` also clears the webhook's failures.")
            .body::<UpdateWebhookRequest>(true, &[("events", body)])
            .answers_data::<WebhookResponse>(200, WebhookResponse::example())
            .errors(&[ErrorCode::WebhookNotFound, ErrorCode::InvalidWebhookUrl])
    },
};

async fn update(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let webhook = lookup::webhook(state, caller, request).await?;
    let body: UpdateWebhookRequest = request.body()?;
    let changes = WebhookChanges {
        url: body.url.map(|url| webhook_fields::url(state, "url", &url)).transpose()?,
        events: body.events.map(|events| webhook_fields::events("events", events)).transpose()?,
        name: body.name.map(request_body::name).transpose()?,
        log_success: body.log_success,
        active: match body.status.as_deref() {
            None => None,
            Some("active") => Some(true),
            Some("disabled") => Some(false),
            Some(_) => return Err(ApiError::invalid("status", "`status` must be `active` or `disabled`.")),
        },
    };
    let changed = state.accounts.change_webhook(&webhook, changes).await.map_err(ApiError::internal)?;
    ApiResponse::ok(&WebhookResponse::new(changed.ok_or(ErrorCode::WebhookNotFound)?))
}
