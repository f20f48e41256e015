//! `POST /v1/webhooks/{webhookId}/test`.

use serde_json::value::RawValue;
use shared::clock;
use shared::ids::LogId;
use shared::webhook::{DeliveryLog, signature};

use crate::lookup;
use crate::prelude::*;
use crate::webhooks::test_payload::test_payload;
use crate::webhooks::webhook_fields;

/// A test.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TestWebhookRequest {
    /// `message.sent` by default.
    event: Option<String>,
}

/// The result of a test.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TestWebhookResponse<'a> {
    status: &'static str,
    status_code: Option<u16>,
    response_time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[schema(value_type = Object)]
    payload: &'a RawValue,
}

pub const TEST: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/webhooks/{webhookId}/test", customer!(WebhooksWrite, test)),
    id: "testWebhook",
    summary: "Deliver a test event to a webhook",
    describe: |operation| {
        let tested = json!({
            "status": "success", "statusCode": 200, "responseTime": 42,
            "payload": { "event": "message.sent", "test": true },
        });
        operation
            .description("One attempt, whether or not the webhook is active or subscribes to the event.")
            .body::<TestWebhookRequest>(false, &[("event", json!({ "event": "message.sent" }))])
            .answers_data::<TestWebhookResponse<'_>>(200, tested)
            .errors(&[ErrorCode::WebhookNotFound])
    },
};

async fn test(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let webhook = lookup::webhook(state, caller, request).await?;
    let body: TestWebhookRequest = request.body_or_default()?;
    let event = body.event.unwrap_or_else(|| "message.sent".to_owned());
    webhook_fields::check_event("event", &event)?;
    let (now, id) = (clock::now(), LogId::generate());
    let payload = test_payload(&webhook, &event, &now.to_string());
    let secrets = webhook.secrets(&state.cipher, now).map_err(ApiError::internal)?;
    let signature = signature::sign(&secrets, &DeliveryLog::test_event_id(&id), now, payload.get());
    let result = state.endpoints.call(&webhook.url, &signature, payload.get()).await;
    let log = DeliveryLog::for_test(id, event, &result, now, state.retention);
    if let Err(error) = state.accounts.put_delivery_log(&webhook.id, &log).await {
        tracing::error!(webhook_id = %webhook.id, %error, "webhook.log_failed"); // the test itself was made
    }
    ApiResponse::ok(&TestWebhookResponse {
        status: if log.succeeded { "success" } else { "failed" },
        status_code: log.status_code,
        response_time: log.response_time,
        error: log.error.as_deref(),
        payload: &payload,
    })
}
