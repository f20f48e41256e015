//! The calls that a customer's key opens.

use serde_json::{Value, json};
use shared::api_error::ErrorCode;
use shared::openapi::Operation;

use super::{last_page, limited, numbered, only_row, text};
use crate::answer::{CursorPage, OffsetPage};
use crate::endpoint::Endpoint;
use crate::{instances, messages, webhooks};

const AT: &str = "2026-02-03T12:00:00.000Z";

/// Describes one.
pub fn describe(endpoint: Endpoint<'_>, call: impl Fn(&str, &str) -> Operation) -> Operation {
    use Endpoint as E;
    match endpoint {
        E::ListMessages | E::MessageStatus(_) | E::CancelMessage(_) => of_messages(endpoint, call),
        E::CreateInstance | E::ListInstances | E::GetInstance(_) | E::UpdateInstance(_) | E::DeleteInstance(_) => {
            of_instances(endpoint, call)
        }
        E::ConnectInstance(_) | E::DisconnectInstance(_) | E::InstanceStatus(_) => of_connections(endpoint, call),
        E::RotateSecret(_) | E::TestWebhook(_) | E::WebhookLogs(_) | E::CreateInbound => of_deliveries(endpoint, call),
        E::ReplayWebhook(_) | E::GetReplay(..) => of_replays(endpoint, call),
        _ => of_webhooks(endpoint, call),
    }
}

fn of_messages(endpoint: Endpoint<'_>, call: impl Fn(&str, &str) -> Operation) -> Operation {
    use messages::{Row, Status};
    let status = |status: &str| json!({ "messageId": "msg_xyz789", "status": status, "to": "5511999999999", "sentAt": null, "deliveredAt": null, "readAt": null });
    match endpoint {
        Endpoint::ListMessages => {
            let row = json!({
                "messageId": "msg_xyz789", "direction": "outbound", "type": "text", "content": "Hello", "to": "5511999999999",
                "chatId": "chat_5511999999999", "timestamp": AT, "status": "read",
            });
            limited(call("listMessages", "Messages of an instance or of one conversation, newest first"))
                .query("instanceId", true, text(), "The instance")
                .query("phone", false, text(), "Only those with this number")
                .query("chatId", false, text(), "Only those of this chat")
                .query("before", false, text(), "Only those older than this message")
                .query("after", false, text(), "Only those newer than this message")
                .answers_page::<Row, CursorPage>(row, last_page())
                .errors(&[ErrorCode::InvalidRequest, ErrorCode::InstanceNotFound])
        }
        Endpoint::MessageStatus(_) => call("getMessageStatus", "Where a message stands")
            .answers_data::<Status>(200, status("queued"))
            .errors(&[ErrorCode::MessageNotFound]),
        _ => {
            let mut canceled = status("failed");
            canceled["error"] = json!({ "code": "canceled", "message": "it was cancelled" });
            call("cancelMessage", "Cancel a message that is still queued; its credit comes back")
                .answers_data::<Status>(200, canceled)
                .errors(&[ErrorCode::MessageNotFound, ErrorCode::NotCancelable])
        }
    }
}

fn instance() -> Value {
    json!({
        "id": "inst_abc123", "name": "Support", "status": "connected", "phone": "+55 11 4000-0000",
        "profileName": "Support", "profilePicUrl": null, "webhookUrl": "https://example.com/webhook",
        "webhookEvents": ["message.sent"], "settings": {}, "createdAt": AT,
    })
}

fn of_instances(endpoint: Endpoint<'_>, call: impl Fn(&str, &str) -> Operation) -> Operation {
    use instances::{Fields, Shown};
    let body =
        json!({ "name": "Support", "webhookUrl": "https://example.com/webhook", "webhookEvents": ["message.sent"] });
    match endpoint {
        Endpoint::CreateInstance => call("createInstance", "Create an instance; `name` is required")
            .body::<Fields>(true, &[("instance", body)])
            .answers_data::<Shown>(201, instance())
            .errors(&[ErrorCode::InvalidWebhookUrl]),
        Endpoint::ListInstances => numbered(call("listInstances", "Instances, oldest first"))
            .query("status", false, json!({ "enum": ["connected", "disconnected"] }), "Only those")
            .answers_page::<Shown, OffsetPage>(instance(), only_row())
            .errors(&[ErrorCode::InvalidRequest]),
        Endpoint::GetInstance(_) => call("getInstance", "One instance")
            .answers_data::<Shown>(200, instance())
            .errors(&[ErrorCode::InstanceNotFound]),
        Endpoint::UpdateInstance(_) => call("updateInstance", "Change what is named, and leave the rest")
            .body::<Fields>(true, &[("name", json!({ "name": "Sales" })), ("webhook", json!({ "webhookUrl": null }))])
            .answers_data::<Shown>(200, instance())
            .errors(&[ErrorCode::InstanceNotFound, ErrorCode::InvalidWebhookUrl]),
        _ => call("deleteInstance", "Delete an instance and its webhooks; what is queued fails untried")
            .answers_nothing()
            .errors(&[ErrorCode::InstanceNotFound]),
    }
}

fn of_connections(endpoint: Endpoint<'_>, call: impl Fn(&str, &str) -> Operation) -> Operation {
    use instances::{ConnectFields, DisconnectFields, Status};
    let status = json!({
        "instanceId": "inst_abc123", "status": "connected", "phone": "+55 11 4000-0000", "profileName": "Support",
        "connectedAt": AT, "disconnectedAt": null,
    });
    let credentials = json!({
        "method": "official", "businessId": "102290129340398", "phoneNumberId": "106540352242922", "accessToken": "EAAG…",
    });
    match endpoint {
        Endpoint::ConnectInstance(_) => call("connectInstance", "Connect an instance to its number at WhatsApp")
            .body::<ConnectFields>(true, &[("official", credentials)])
            .answers_data::<Status<'_>>(200, status)
            .errors(&[ErrorCode::InstanceNotFound, ErrorCode::AlreadyConnected]),
        Endpoint::DisconnectInstance(_) => call("disconnectInstance", "Disconnect it; its token is forgotten")
            .body::<DisconnectFields>(false, &[("reason", json!({ "reason": "moving" }))])
            .answers_data::<Status<'_>>(200, status)
            .errors(&[ErrorCode::InstanceNotFound, ErrorCode::InstanceNotConnected]),
        _ => call("getInstanceStatus", "How an instance is connected")
            .answers_data::<Status<'_>>(200, status)
            .errors(&[ErrorCode::InstanceNotFound]),
    }
}

fn webhook() -> Value {
    json!({
        "id": "wh_xyz789", "name": "Ours", "url": "https://example.com/webhook", "instanceId": "inst_abc123",
        "events": ["message.sent"], "status": "active", "logSuccess": false, "createdAt": AT,
    })
}

fn of_webhooks(endpoint: Endpoint<'_>, call: impl Fn(&str, &str) -> Operation) -> Operation {
    use webhooks::{ChangedFields, NewFields, Shown, WithSecret};
    let body = json!({ "url": "https://example.com/webhook", "instanceId": "inst_abc123", "events": ["message.sent"] });
    match endpoint {
        Endpoint::CreateWebhook => {
            let mut created = webhook();
            created["secret"] = json!("whs_…");
            created["signingSecret"] = json!("whsec_…");
            call("createWebhook", "Create a webhook; its secret is shown now and never again")
                .body::<NewFields>(true, &[("webhook", body)])
                .answers_data::<WithSecret>(201, created)
                .errors(&[ErrorCode::InvalidWebhookUrl, ErrorCode::InstanceNotFound])
        }
        Endpoint::ListWebhooks => numbered(call("listWebhooks", "Webhooks, oldest first"))
            .query("instanceId", false, text(), "Only those of this instance")
            .answers_page::<Shown, OffsetPage>(webhook(), only_row())
            .errors(&[ErrorCode::InvalidRequest]),
        Endpoint::GetWebhook(_) => call("getWebhook", "One webhook")
            .answers_data::<Shown>(200, webhook())
            .errors(&[ErrorCode::WebhookNotFound]),
        Endpoint::UpdateWebhook(_) => call("updateWebhook", "Change what is named, and leave the rest")
            .body::<ChangedFields>(true, &[("events", json!({ "events": ["message.failed"], "status": "active" }))])
            .answers_data::<Shown>(200, webhook())
            .errors(&[ErrorCode::WebhookNotFound, ErrorCode::InvalidWebhookUrl]),
        _ => call("deleteWebhook", "Delete a webhook or an inbound URL")
            .answers_nothing()
            .errors(&[ErrorCode::WebhookNotFound]),
    }
}

fn of_deliveries(endpoint: Endpoint<'_>, call: impl Fn(&str, &str) -> Operation) -> Operation {
    use webhooks::{Created, InboundFields, LogRow, RotateFields, Rotated, TestFields, Tested};
    match endpoint {
        Endpoint::RotateSecret(_) => {
            let rotated = json!({ "id": "wh_xyz789", "secret": "whs_…", "signingSecret": "whsec_…", "previousSecretExpiresAt": AT });
            call("rotateWebhookSecret", "Give a webhook a new secret; the old one signs beside it for a day")
                .body::<RotateFields>(false, &[("own", json!({ "secret": "a secret of your own" }))])
                .answers_data::<Rotated<'_>>(200, rotated)
                .errors(&[ErrorCode::WebhookNotFound])
        }
        Endpoint::TestWebhook(_) => {
            let tested = json!({ "status": "success", "statusCode": 200, "responseTime": 42, "payload": { "event": "message.sent", "test": true } });
            call("testWebhook", "Deliver one event now, marked as a test")
                .body::<TestFields>(false, &[("event", json!({ "event": "message.sent" }))])
                .answers_data::<Tested>(200, tested)
                .errors(&[ErrorCode::WebhookNotFound])
        }
        Endpoint::WebhookLogs(_) => {
            let row = json!({
                "id": "log_xyz789", "event": "message.sent", "eventId": "evt_xyz789", "messageId": "msg_xyz789",
                "status": "failed", "statusCode": 502, "responseTime": 42, "timestamp": AT, "error": "answered 502 Bad Gateway",
                "response": "<html>", "retryCount": 0, "nextRetryAt": AT,
            });
            limited(call(
                "getWebhookLogs",
                "Attempts that failed, tests, and successes if logSuccess is set, newest first",
            ))
            .query("status", false, json!({ "enum": ["success", "failed"] }), "Only those")
            .query("after", false, text(), "The nextCursor of the page before")
            .answers_page::<LogRow, CursorPage>(row, last_page())
            .errors(&[ErrorCode::WebhookNotFound, ErrorCode::InvalidRequest])
        }
        _ => {
            let created = json!({ "id": "wh_xyz789", "name": "Shop", "instanceId": "inst_abc123", "url": "https://api.example.com/webhook/in_…", "createdAt": AT });
            call("createInboundUrl", "An address that sends without a key; shown now and never again")
                .body::<InboundFields>(true, &[("inbound", json!({ "name": "Shop", "instanceId": "inst_abc123" }))])
                .answers_data::<Created>(201, created)
                .errors(&[ErrorCode::InstanceNotFound])
        }
    }
}

fn of_replays(endpoint: Endpoint<'_>, call: impl Fn(&str, &str) -> Operation) -> Operation {
    use webhooks::{ReplayFields, Replayed};
    let running = json!({ "replayId": "rpl_xyz789", "status": "running", "messages": 0, "events": 0 });
    match endpoint {
        Endpoint::ReplayWebhook(_) => {
            let time = json!({ "since": AT, "until": "2026-02-03T18:00:00.000Z" });
            let bodies = [
                ("time", time),
                ("message", json!({ "messageId": "msg_xyz789" })),
                ("log", json!({ "logId": "log_xyz789" })),
            ];
            call("replayWebhook", "Tell events again, under the ids that they had: of the messages accepted or received in a time, of one message, or of one row of the log")
                .body::<ReplayFields>(true, &bodies)
                .answers_data::<Replayed>(202, running)
                .errors(&[ErrorCode::WebhookNotFound, ErrorCode::WebhookDisabled, ErrorCode::MessageNotFound])
        }
        _ => call("getWebhookReplay", "How far a replay is")
            .answers_data::<Replayed>(200, running)
            .errors(&[ErrorCode::WebhookNotFound, ErrorCode::ReplayNotFound]),
    }
}
