//! `PUT /v1/webhooks/{webhookId}`.

use shared::http::request_body;
use shared::webhook::{EventName, WebhookChanges, WebhookStatus};

use crate::lookup;
use crate::prelude::*;
use crate::webhooks::webhook_fields;
use crate::webhooks::webhook_response::WebhookResponse;

/// Changes of a webhook; absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateWebhookRequest {
    /// The public https URL that receives the events. At most 2,048 bytes.
    #[schema(max_length = 2048)]
    url: Option<String>,
    /// The events that it gets, at least one.
    #[schema(value_type = Option<Vec<EventName>>, min_items = 1)]
    events: Option<Vec<String>>,
    /// What you call the webhook. At most 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Whether it gets events.
    #[schema(value_type = Option<WebhookStatus>)]
    status: Option<String>,
    /// Whether its delivery log has successful attempts as well.
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
