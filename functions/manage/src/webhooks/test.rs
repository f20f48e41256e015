//! `POST /v1/webhooks/{webhookId}/test`.

use std::time::Duration;

use serde_json::value::RawValue;
use shared::account::{ConcurrencyLimit, Operation};
use shared::clock;
use shared::ids::LogId;
use shared::webhook::{DeliveryLog, DeliveryStatus, EventName, Webhook, signature};

use crate::lookup;
use crate::prelude::*;
use crate::webhooks::test_payload::test_payload;
use crate::webhooks::webhook_fields;

/// The tests that an account may have in progress: each occupies this function, which all accounts share, until the endpoint
/// answers. The lease is longer than the function's timeout.
const RUNNING_TESTS: ConcurrencyLimit = ConcurrencyLimit { kind: "tests", max: 2, lease: Duration::from_secs(20) };
/// When to try again after a refusal: a test takes no longer.
const TEST_TIME: Duration = Duration::from_secs(5);

/// A test.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TestWebhookRequest {
    /// The event to deliver.
    #[schema(value_type = Option<EventName>, default = "message.sent")]
    event: Option<String>,
}

/// The result of a test.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TestWebhookResponse<'a> {
    /// Whether the endpoint took the event.
    #[schema(value_type = DeliveryStatus)]
    status: &'static str,
    /// The HTTP status of the answer; null without an answer.
    status_code: Option<u16>,
    /// Milliseconds until the answer, or until the attempt was given up.
    response_time: u64,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// The body that was delivered.
    #[schema(value_type = HashMap<String, Value>)]
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
            .description(
                "One attempt, whether or not the webhook is active or subscribes to the event. A successful one ends `pausedUntil`. An account can have two tests \
                 in progress, of different webhooks; others get `rate_limit_exceeded`.",
            )
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
    let id = LogId::generate();
    let operation = Operation { account: caller.account(), subject: webhook.id.as_str(), id: id.as_str() };
    let test = run(state, &webhook, id.clone(), event);
    RUNNING_TESTS.during(&state.accounts, operation, test).await.map_err(unavailable)?.unwrap_or_else(|_| {
        let message = "Other webhook tests of this account are in progress: try again after `retryAfter` seconds.";
        Err(ApiError::new(ErrorCode::RateLimitExceeded, message).retry_after(TEST_TIME))
    })
}

/// Makes the attempt and logs it.
async fn run(state: &AppState, webhook: &Webhook, id: LogId, event: String) -> ApiResult {
    let now = clock::now();
    let payload = test_payload(webhook, &event, &now.to_string());
    let secrets = state.secrets.decrypt(|secrets| webhook.secrets(&secrets.cipher, now)).await;
    let secrets = secrets.map_err(ApiError::internal)?;
    let signature = signature::sign(&secrets, &DeliveryLog::test_event_id(&id), now, payload.get());
    let result = state.endpoints.call(&webhook.url, &signature, payload.get()).await;
    let log = DeliveryLog::for_test(id, event, &result, now, state.retention);
    if let Err(error) = state.accounts.put_delivery_log(&webhook.id, &log).await {
        tracing::error!(webhook_id = %webhook.id, %error, "webhook.log_failed"); // the test itself was made
    }
    if log.succeeded
        && let Err(error) = state.accounts.record_success(webhook).await
    {
        tracing::error!(webhook_id = %webhook.id, %error, "webhook.close_failed"); // its circuit closes after its next attempt
    }
    ApiResponse::ok(&TestWebhookResponse {
        status: if log.succeeded { "success" } else { "failed" },
        status_code: log.status_code,
        response_time: log.response_time,
        error: log.error.as_deref(),
        payload: &payload,
    })
}
