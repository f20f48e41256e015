//! `POST /v1/webhooks/{id}/test`: one delivery now, marked as a test, and what the webhook said to it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared::api_error::ApiError;
use shared::clock;
use shared::delivery_log::DeliveryLog;
use shared::ids::{InstanceId, LogId};
use shared::request_body;
use shared::webhook::{EVENTS, Webhook};
use shared::webhook_endpoint::Delivered;
use shared::webhook_signature;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::router::Manager;

/// The body that is taken.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TestBody)]
pub struct Fields {
    event: Option<String>,
}

/// What is answered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TestedWebhook)]
pub struct Tested {
    status: &'static str,
    status_code: Option<u16>,
    response_time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[schema(value_type = Object)]
    payload: Box<RawValue>,
}

/// Delivers an example of an event, whether or not the webhook wants such events or is active.
pub async fn test(manager: &Manager, webhook: Webhook, body: &[u8]) -> Result<Answer, ApiError> {
    let fields: Fields = if body.is_empty() { Fields::default() } else { request_body::read(body)? };
    let event = fields.event.unwrap_or_else(|| "message.sent".to_owned());
    if !EVENTS.contains(&event.as_str()) {
        return Err(ApiError::invalid("event", format!("is no event; there are {}", EVENTS.join(", "))));
    }
    let now = clock::now();
    let id = LogId::generate();
    let payload = payload(&webhook, &event, &now.to_string());
    let secrets = webhook.secrets(&manager.sealer, now).map_err(ApiError::internal)?;
    let event_id = format!("evt_test_{id}");
    let signature = webhook_signature::sign(&secrets, &event_id, now, payload.get());
    let Delivered { status_code, response_time, response, error, .. } =
        manager.endpoints.call(&webhook.url, &signature, payload.get()).await;
    let log = DeliveryLog {
        id,
        event,
        event_id,
        subject: None,
        succeeded: error.is_none(),
        status_code,
        response_time,
        timestamp: now,
        error: error.as_ref().map(ToString::to_string),
        retry_count: 0,
        response,
        next_retry_at: None,
        retry: None,
        waits: None,
        due: None,
        forget_at: now.plus(manager.retention).secs(),
    };
    if let Err(error) = manager.books.accounts.put_log(&webhook.id, &log).await {
        tracing::error!(webhook_id = %webhook.id, %error, "webhook.test_not_logged"); // the caller has its answer all the same
    }
    let status = if log.succeeded { "success" } else { "failed" };
    Answer::ok(&Tested { status, status_code, response_time, error: log.error, payload })
}

/// An event as a webhook gets it, about a message that does not exist.
fn payload(webhook: &Webhook, event: &str, now: &str) -> Box<RawValue> {
    let instance = webhook.instance_id.as_ref().map_or("", InstanceId::as_str);
    let message = |status: &str| {
        format!(
            r#"{{"messageId":"msg_test","instanceId":"{instance}","to":"5511999999999","status":"{status}","timestamp":"{now}","metadata":{{"test":true}}"#
        )
    };
    let data = match event {
        "message.received" => format!(
            r#"{{"messageId":"msg_test","instanceId":"{instance}","chatId":"chat_5511999999999","from":"5511999999999","type":"text","content":"This is a test","contactName":"Test","isGroup":false,"timestamp":"{now}"}}"#
        ),
        "message.failed" => format!(
            r#"{},"error":{{"code":"provider_error","message":"This is a test","providerCode":131000}}}}"#,
            message("failed")
        ),
        _ if event.starts_with("instance.") => {
            let status = event.trim_start_matches("instance.");
            format!(r#"{{"instanceId":"{instance}","status":"{status}","timestamp":"{now}"}}"#)
        }
        _ => format!("{}}}", message(event.trim_start_matches("message."))),
    };
    let text = format!(r#"{{"event":"{event}","timestamp":"{now}","test":true,"data":{data}}}"#);
    RawValue::from_string(text).expect("ids, times and events need no escapes")
}
