//! `GET /v1/messages/{messageId}/timeline`: what happened to a message, built from its record and from delivery logs.
//!
//! Nothing is written for it, so what neither of them keeps is missing: `notShown` says what.

use std::collections::HashMap;

use shared::account::Scope;
use shared::clock::{self, Timestamp};
use shared::ids::{MessageId, WebhookId};
use shared::message::{Direction, Failure, Message, MessageEvent, MessageStatus, State};
use shared::webhook::{DeliveryLog, DeliveryStatus, EventName, MessageAttempts, Webhook};

use crate::lookup;
use crate::prelude::*;

/// Attempts at webhooks that are shown: an event has six for each of an instance's webhooks.
const MAX_WEBHOOK_ATTEMPTS: usize = 100;

/// What happened to a message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TimelineResponse<'a> {
    message_id: &'a MessageId,
    /// The message's status.
    #[schema(value_type = MessageStatus)]
    status: &'static str,
    /// Attempts at sending it that were started.
    attempts: u32,
    /// Whether nobody knows yet if WhatsApp took the last attempt: it is not made again, and 15 minutes after it the message has failed
    /// unless WhatsApp has reported it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    outcome_unknown: bool,
    /// In the order of time.
    entries: Vec<TimelineEntry<'a>>,
    /// What happened or may have happened, and is not stored.
    not_shown: Vec<NotShown>,
}

/// One thing that happened to a message, or that is going to.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TimelineEntry<'a> {
    r#type: TimelineEntryType,
    /// When it happened, or is going to.
    #[schema(format = DateTime)]
    at: String,
    /// WhatsApp's id of the message, of `sent` and `received`.
    provider_id: Option<&'a str>,
    /// Why it failed, of `failed`.
    error: Option<&'a Failure>,
    /// The attempt at a webhook, of `webhookAttempt`.
    webhook: Option<WebhookAttemptResponse<'a>>,
}

/// What an entry says.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum TimelineEntryType {
    /// The request was accepted.
    Accepted,
    /// It was received from WhatsApp.
    Received,
    /// It waits, and may leave at this time.
    Due,
    /// It waits, and fails if it has not left at this time.
    Expires,
    /// WhatsApp accepted it: its answer, or its first callback.
    Sent,
    /// WhatsApp reported that it was delivered.
    Delivered,
    /// WhatsApp reported that it was read.
    Read,
    /// WhatsApp reported that it was played.
    Played,
    /// It failed.
    Failed,
    /// A webhook was called about it.
    WebhookAttempt,
}

/// A call of a webhook.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WebhookAttemptResponse<'a> {
    webhook_id: &'a WebhookId,
    /// The name of the event.
    #[schema(value_type = EventName)]
    event: &'a str,
    /// The header `webhook-id`.
    event_id: &'a str,
    /// Whether the endpoint took the event.
    #[schema(value_type = DeliveryStatus)]
    status: &'static str,
    /// The HTTP status of the answer; null without an answer.
    #[serialize_always]
    status_code: Option<u16>,
    /// In milliseconds.
    response_time: u64,
    /// Why it failed.
    error: Option<&'a str>,
    /// Attempts before this one.
    retry_count: u32,
    /// When the next attempt is due, if there will be one.
    #[schema(format = DateTime)]
    next_retry_at: Option<String>,
}

/// What a timeline lacks.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::enum_variant_names, reason = "the API's words")]
enum NotShown {
    /// The times of attempts at sending it before the last one, and what WhatsApp answered.
    EarlierAttempts,
    /// Successful calls of webhooks, which only those with `logSuccess` log.
    SuccessfulWebhookAttempts,
    /// Calls of webhooks: the key lacks the scope `webhooks:read`.
    WebhookAttempts,
    /// There are more calls of webhooks: `GET /v1/webhooks/{webhookId}/logs` has them.
    OlderWebhookAttempts,
}

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/messages/{messageId}/timeline", customer!(MessagesRead, get)),
    id: "getMessageTimeline",
    summary: "Get what happened to a message",
    describe: |operation| {
        let attempt = json!({
            "webhookId": "wh_xyz789", "event": "message.sent", "eventId": "evt_xyz789", "status": "failed",
            "statusCode": 502, "responseTime": 42, "error": "the endpoint answered 502 Bad Gateway", "retryCount": 0,
        });
        let entries = json!([
            { "type": "accepted", "at": "2026-02-03T12:00:00.000Z" },
            { "type": "sent", "at": "2026-02-03T12:00:01.000Z", "providerId": "wamid.HBgN" },
            { "type": "webhookAttempt", "at": "2026-02-03T12:00:01.100Z", "webhook": attempt },
        ]);
        let timeline = json!({
            "messageId": "msg_xyz789", "status": "sent", "attempts": 1, "entries": entries,
            "notShown": ["successful_webhook_attempts"],
        });
        operation
            .description(
                "When it was accepted, sent, delivered, read, played or failed, and the last 100 attempts at webhooks about it, \
                 in the order of time; those take the scope `webhooks:read`. `notShown` names what is not stored or not shown.",
            )
            .answers_data::<TimelineResponse<'_>>(200, timeline)
            .errors(&[ErrorCode::MessageNotFound])
    },
};

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let message = lookup::message(state, caller, request).await?;
    if caller.require(Scope::WebhooksRead).is_err() {
        return timeline(&message, entries_of_record(&message), vec![NotShown::WebhookAttempts]);
    }
    let webhooks = state.accounts.webhooks(&message.account_id).await.map_err(unavailable)?;
    let webhooks = webhooks.iter().map(|webhook| (&webhook.id, webhook)).collect();
    let logged = state.accounts.message_attempts(&message.id, MAX_WEBHOOK_ATTEMPTS).await.map_err(unavailable)?;
    let mut entries = entries_of_record(&message);
    entries.extend(logged.rows.iter().map(|(id, row)| (row.timestamp, attempt(id, row, &webhooks))));
    timeline(&message, entries, not_shown(&message, &webhooks, &logged))
}

fn timeline(
    message: &Message,
    mut entries: Vec<(Timestamp, TimelineEntry<'_>)>,
    not_shown: Vec<NotShown>,
) -> ApiResult {
    entries.sort_by_key(|(at, _)| *at);
    ApiResponse::ok(&TimelineResponse {
        message_id: &message.id,
        status: message.public_status(clock::now()),
        attempts: message.attempt,
        outcome_unknown: message.status == State::Unknown,
        entries: entries.into_iter().map(|(_, entry)| entry).collect(),
        not_shown,
    })
}

/// What the record says, in the order of a message's life.
fn entries_of_record(message: &Message) -> Vec<(Timestamp, TimelineEntry<'_>)> {
    let (provider_id, inbound) = (message.provider_id.as_deref(), message.direction == Direction::Inbound);
    let begin = if inbound { TimelineEntryType::Received } else { TimelineEntryType::Accepted };
    let first = TimelineEntry { provider_id: provider_id.filter(|_| inbound), ..entry(begin, message.created_at) };
    let mut entries = vec![(message.created_at, first)];
    for (event, kind) in [
        (MessageEvent::Sent, TimelineEntryType::Sent),
        (MessageEvent::Delivered, TimelineEntryType::Delivered),
        (MessageEvent::Read, TimelineEntryType::Read),
        (MessageEvent::Failed, TimelineEntryType::Failed),
    ] {
        let Some(at) = message.time_of(event) else { continue };
        let (sent, failed) = (event == MessageEvent::Sent, event == MessageEvent::Failed);
        let error = message.error.as_ref().filter(|_| failed);
        entries.push((at, TimelineEntry { provider_id: provider_id.filter(|_| sent), error, ..entry(kind, at) }));
    }
    entries.extend(message.played_at.map(|at| (at, entry(TimelineEntryType::Played, at))));
    if message.status == State::Queued {
        let due = message.waits_until().map_or(message.slot, |waits| waits.max(message.slot));
        entries.push((due, entry(TimelineEntryType::Due, due)));
        entries.push((message.deadline, entry(TimelineEntryType::Expires, message.deadline)));
    }
    entries
}

/// An attempt at a webhook. No attempt follows while it is disabled, or once it is gone.
fn attempt<'a>(
    webhook_id: &'a WebhookId,
    row: &'a DeliveryLog,
    webhooks: &HashMap<&WebhookId, &Webhook>,
) -> TimelineEntry<'a> {
    let is_active = webhooks.get(webhook_id).is_some_and(|webhook| webhook.active);
    let webhook = WebhookAttemptResponse {
        webhook_id,
        event: &row.event,
        event_id: &row.event_id,
        status: if row.succeeded { "success" } else { "failed" },
        status_code: row.status_code,
        response_time: row.response_time,
        error: row.error.as_deref(),
        retry_count: row.retry_count,
        next_retry_at: row.next_retry_at.filter(|_| is_active).map(|at| at.to_string()),
    };
    TimelineEntry { webhook: Some(webhook), ..entry(TimelineEntryType::WebhookAttempt, row.timestamp) }
}

fn not_shown(message: &Message, webhooks: &HashMap<&WebhookId, &Webhook>, logged: &MessageAttempts) -> Vec<NotShown> {
    let of_instance = |webhook: &&Webhook| webhook.instance_id.as_ref() == Some(&message.instance_id);
    let logs_failures_only = webhooks.values().copied().filter(of_instance).any(|webhook| !webhook.log_success);
    let lacks = [
        (message.attempt > 1, NotShown::EarlierAttempts),
        (logs_failures_only, NotShown::SuccessfulWebhookAttempts),
        (logged.has_more, NotShown::OlderWebhookAttempts),
    ];
    lacks.into_iter().filter_map(|(is_lacking, what)| is_lacking.then_some(what)).collect()
}

fn entry<'a>(kind: TimelineEntryType, at: Timestamp) -> TimelineEntry<'a> {
    TimelineEntry { r#type: kind, at: at.to_string(), provider_id: None, error: None, webhook: None }
}
