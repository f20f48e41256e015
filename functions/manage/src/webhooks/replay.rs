//! `POST /v1/webhooks/{id}/replay`: events told again, under the ids that they had: those of one message, of one row of
//! the log, or of all messages of a time.

use serde::{Deserialize, Serialize};
use shared::api_error::{ApiError, ErrorCode};
use shared::clock::{self, Timestamp};
use shared::event::Event;
use shared::ids::{InstanceId, LogId, MessageId, ReplayId};
use shared::request_body;
use shared::webhook::Webhook;
use shared::webhook_queue::Retry;
use shared::webhook_replay::{Replay, ReplayStep};
use shared::{instance_events, message_events};
use utoipa::ToSchema;

use super::unavailable;
use crate::answer::Answer;
use crate::router::Manager;

/// The body that is taken: one of the three.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ReplayBody)]
pub struct Fields {
    message_id: Option<String>,
    log_id: Option<String>,
    since: Option<String>,
    until: Option<String>,
}

/// How far a replay is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Replay)]
pub struct Replayed {
    /// Names one that goes on; what is done at once has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    replay_id: Option<ReplayId>,
    status: &'static str,
    /// Messages looked at so far.
    messages: u64,
    /// Events put into the queue so far.
    events: u64,
}

/// What is asked for.
enum Wanted {
    Message(MessageId),
    Log(LogId),
    Time(Timestamp, Timestamp),
}

/// Begins a replay, or makes a small one at once.
pub async fn replay(manager: &Manager, webhook: &Webhook, body: &[u8]) -> Result<Answer, ApiError> {
    let wanted = Wanted::parse(request_body::read(body)?, clock::now())?;
    let Some(instance) = webhook.instance_id.as_ref().filter(|_| webhook.active) else {
        let message = "this webhook is disabled; switch it on first: PUT it with status active";
        return Err(ApiError::new(ErrorCode::WebhookDisabled, message));
    };
    match wanted {
        Wanted::Message(id) => {
            let events = of_message(manager, webhook, instance, &id).await?;
            at_once(manager, webhook, events).await
        }
        Wanted::Log(id) => {
            let event = of_log(manager, webhook, instance, &id).await?;
            at_once(manager, webhook, vec![event]).await
        }
        Wanted::Time(since, until) => begin(manager, webhook, instance, since, until).await,
    }
}

/// `GET /v1/webhooks/{id}/replays/{replayId}`.
pub async fn show(manager: &Manager, webhook: &Webhook, id: &str) -> Result<Answer, ApiError> {
    let not_found = || ApiError::new(ErrorCode::ReplayNotFound, "there is no such replay of this webhook");
    let id: ReplayId = id.parse().map_err(|_| not_found())?;
    let found = manager.books.accounts.replay(&webhook.id, &id).await.map_err(unavailable)?;
    Answer::ok(&Replayed::of(found.ok_or_else(not_found)?))
}

impl Wanted {
    fn parse(fields: Fields, now: Timestamp) -> Result<Self, ApiError> {
        let one_of = "name one of messageId, logId, or since and until";
        match (fields.message_id, fields.log_id, fields.since, fields.until) {
            (Some(id), None, None, None) => {
                id.parse().map(Self::Message).map_err(|error| ApiError::invalid("messageId", error.to_string()))
            }
            (None, Some(id), None, None) => {
                id.parse().map(Self::Log).map_err(|error| ApiError::invalid("logId", error.to_string()))
            }
            (None, None, Some(since), until) => {
                let time = |text: &str, field: &str| {
                    text.parse().map_err(|error: clock::InvalidTimestamp| ApiError::invalid(field, error.to_string()))
                };
                let since: Timestamp = time(&since, "since")?;
                let until = until.map(|until| time(&until, "until")).transpose()?.unwrap_or(now).min(now);
                if until <= since {
                    return Err(ApiError::invalid("since", "must be before until, and before now"));
                }
                Ok(Self::Time(since, until))
            }
            (None, None, None, _) => Err(ApiError::invalid("since", one_of)),
            _ => Err(ApiError::invalid("messageId", one_of)),
        }
    }
}

impl Replayed {
    fn of(replay: Replay) -> Self {
        let status = if replay.done { "done" } else { "running" };
        Self { replay_id: Some(replay.id), status, messages: replay.messages, events: replay.events }
    }
}

/// What has happened to a message, as far as the webhook wants to know.
async fn of_message(
    manager: &Manager,
    webhook: &Webhook,
    instance: &InstanceId,
    id: &MessageId,
) -> Result<Vec<Event>, ApiError> {
    let found = manager.books.messages.get(id).await.map_err(unavailable)?;
    let own = found.filter(|found| found.account_id == webhook.account_id && found.instance_id == *instance);
    let message = own.ok_or_else(|| {
        ApiError::field(ErrorCode::MessageNotFound, "messageId", "there is no such message of this webhook's instance")
    })?;
    let events = message_events::of_change(None, &message);
    Ok(events.into_iter().filter(|event| webhook.wants(&event.instance_id, event.name)).collect())
}

/// The event that a row of the log is about.
async fn of_log(manager: &Manager, webhook: &Webhook, instance: &InstanceId, id: &LogId) -> Result<Event, ApiError> {
    let row = manager.books.accounts.log(&webhook.id, id).await.map_err(unavailable)?;
    let row = row.ok_or_else(|| ApiError::invalid("logId", "names no row of this webhook's log"))?;
    let events = match row.subject.as_deref().map(|subject| subject.parse::<MessageId>()) {
        None => return Err(ApiError::invalid("logId", "names a test; test the webhook again instead")),
        Some(Ok(message)) => of_message(manager, webhook, instance, &message).await?,
        Some(Err(_)) => {
            let found = manager.books.accounts.instance(&webhook.account_id, instance).await.map_err(unavailable)?;
            found.and_then(|found| instance_events::of_change(None, &found)).into_iter().collect()
        }
    };
    let event = events.into_iter().find(|event| event.id(&webhook.id) == row.event_id);
    event.ok_or_else(|| ApiError::invalid("logId", "is about an event that is no longer known, or no longer wanted"))
}

async fn at_once(manager: &Manager, webhook: &Webhook, events: Vec<Event>) -> Result<Answer, ApiError> {
    let now = clock::now();
    for event in &events {
        let put = manager.webhooks.enqueue(&Retry::first(event, webhook, now)).await;
        put.map_err(|error| ApiError::unavailable(error, 1))?; // what is told already is told again: at least once
    }
    tracing::info!(webhook_id = %webhook.id, events = events.len(), "webhook.replayed");
    let events = u64::try_from(events.len()).unwrap_or(u64::MAX);
    Answer::accepted(&Replayed { replay_id: None, status: "done", messages: 1, events })
}

async fn begin(
    manager: &Manager,
    webhook: &Webhook,
    instance: &InstanceId,
    since: Timestamp,
    until: Timestamp,
) -> Result<Answer, ApiError> {
    let now = clock::now();
    let replay = Replay {
        id: ReplayId::generate(),
        since,
        until,
        messages: 0,
        events: 0,
        done: false,
        created_at: now,
        forget_at: now.plus(manager.retention).secs(),
    };
    manager.books.accounts.put_replay(&webhook.id, &replay).await.map_err(ApiError::internal)?;
    let step = ReplayStep {
        replay_id: replay.id.clone(),
        account_id: webhook.account_id.clone(),
        webhook_id: webhook.id.clone(),
        instance_id: instance.clone(),
        since,
        until,
        after: None,
    };
    manager.webhooks.enqueue_replay(&step).await.map_err(|error| ApiError::unavailable(error, 1))?;
    tracing::info!(webhook_id = %webhook.id, replay_id = %replay.id, "webhook.replay_begun");
    Answer::accepted(&Replayed::of(replay))
}
