//! `POST /v1/webhooks/{webhookId}/replay` and `GET /v1/webhooks/{webhookId}/replays/{replayId}`.
//!
//! The events of one message, or of one row of the delivery log, are enqueued at once; those of a period by `notify`, in
//! steps.

use std::time::Duration;

use shared::account::Admission;
use shared::clock::{self, InvalidTimestamp, Timestamp};
use shared::ids::{InstanceId, LogId, MessageId, ReplayId};
use shared::webhook::{RUNNING_REPLAYS, Replay, ReplayStatus, ReplayStep, Webhook, WebhookDelivery};

use crate::lookup;
use crate::prelude::*;
use crate::webhooks::replay_events;

/// When a request may find that more can be replayed again.
const QUOTA_WAIT: Duration = Duration::from_secs(60);

/// What to replay: one of the message, the row of the delivery log, and the period.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReplayRequest {
    /// All events of this message.
    message_id: Option<String>,
    /// The event of this row of the delivery log.
    log_id: Option<String>,
    /// The events that happened at this time or later.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// The end of that period; the present by default.
    #[schema(format = DateTime)]
    until: Option<String>,
}

/// The progress of a replay.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReplayResponse {
    /// The id of the replay. Absent when it was completed at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    replay_id: Option<ReplayId>,
    /// Whether it is complete.
    #[schema(value_type = ReplayStatus)]
    status: &'static str,
    /// Messages with events in the period, so far.
    messages: u64,
    /// Events enqueued so far.
    events: u64,
}

impl ReplayResponse {
    fn new(replay: Replay) -> Self {
        let status = if replay.done { "done" } else { "running" };
        Self { replay_id: Some(replay.id), status, messages: replay.messages, events: replay.events }
    }
}

pub const START: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/webhooks/{webhookId}/replay", customer!(WebhooksWrite, start)),
    id: "replayWebhook",
    summary: "Replay events with their original ids",
    describe: |operation| {
        let period = json!({ "since": "2026-02-03T12:00:00.000Z", "until": "2026-02-03T18:00:00.000Z" });
        let bodies = [
            ("period", period),
            ("message", json!({ "messageId": "msg_xyz789" })),
            ("log", json!({ "logId": "log_xyz789" })),
        ];
        let running = json!({ "replayId": "rpl_xyz789", "status": "running", "messages": 0, "events": 0 });
        operation
            .description(
                "The events that happened in a period, those of one message, or that of one row of the delivery log. A webhook \
                 has one replay of a period in progress, an account five. In a day an account may replay as many events as its \
                 rate limit allows requests, a quarter of them at once; the replay of a period goes on when it may.",
            )
            .body::<ReplayRequest>(true, &bodies)
            .answers_data::<ReplayResponse>(202, running)
            .errors(&[
                ErrorCode::WebhookNotFound,
                ErrorCode::WebhookDisabled,
                ErrorCode::MessageNotFound,
                ErrorCode::ReplayInProgress,
                ErrorCode::LimitReached,
                ErrorCode::RateLimitExceeded,
            ])
    },
};

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/webhooks/{webhookId}/replays/{replayId}", customer!(WebhooksRead, get)),
    id: "getWebhookReplay",
    summary: "Get the progress of a replay",
    describe: |operation| {
        let running = json!({ "replayId": "rpl_xyz789", "status": "running", "messages": 0, "events": 0 });
        operation
            .answers_data::<ReplayResponse>(200, running)
            .errors(&[ErrorCode::WebhookNotFound, ErrorCode::ReplayNotFound])
    },
};

/// What to replay.
enum Selection {
    Message(MessageId),
    Log(LogId),
    Period(Timestamp, Timestamp),
}

async fn start(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let webhook = lookup::webhook(state, caller, request).await?;
    let selection = Selection::parse(request.body()?, clock::now())?;
    let Some(instance) = webhook.instance_id.as_ref().filter(|_| webhook.active) else {
        let message = "This webhook is disabled: activate it first, by PUT with `\"status\":\"active\"`.";
        return Err(ApiError::new(ErrorCode::WebhookDisabled, message));
    };
    let events = match selection {
        Selection::Message(id) => replay_events::of_message(state, &webhook, instance, &id).await?,
        Selection::Log(id) => vec![replay_events::of_log(state, &webhook, instance, &id).await?],
        Selection::Period(since, until) => return start_period(state, &webhook, instance, since, until).await,
    };
    charge_quota(state, &webhook, events.len()).await?;
    let now = clock::now();
    for event in &events {
        let enqueued = state.webhook_queue.enqueue(&WebhookDelivery::new(event, &webhook, now)).await;
        enqueued.map_err(|error| ApiError::unavailable(error, 1))?; // a retry enqueues the first ones again: at least once
    }
    tracing::info!(webhook_id = %webhook.id, events = events.len(), "webhook.events_replayed");
    let events = u64::try_from(events.len()).unwrap_or(u64::MAX);
    ApiResponse::accepted(&ReplayResponse { replay_id: None, status: "done", messages: 1, events })
}

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let webhook = lookup::webhook(state, caller, request).await?;
    let id = request.id("replayId", ErrorCode::ReplayNotFound)?;
    let found = state.accounts.replay(&webhook.id, &id).await.map_err(unavailable)?;
    ApiResponse::ok(&ReplayResponse::new(found.ok_or(ErrorCode::ReplayNotFound)?))
}

impl Selection {
    fn parse(body: ReplayRequest, now: Timestamp) -> Result<Self, ApiError> {
        let invalid =
            |field: &str, error: &dyn std::fmt::Display| ApiError::invalid(field, format!("`{field}` {error}"));
        match (body.message_id, body.log_id, body.since, body.until) {
            (Some(id), None, None, None) => id.parse().map(Self::Message).map_err(|error| invalid("messageId", &error)),
            (None, Some(id), None, None) => id.parse().map(Self::Log).map_err(|error| invalid("logId", &error)),
            (None, None, Some(since), until) => {
                let time = |text: &str, field: &str| {
                    text.parse::<Timestamp>().map_err(|error: InvalidTimestamp| invalid(field, &error))
                };
                let since = time(&since, "since")?;
                let until = until.map(|until| time(&until, "until")).transpose()?.unwrap_or(now).min(now);
                if until <= since {
                    return Err(ApiError::invalid("since", "`since` must be before `until` and before the present."));
                }
                Ok(Self::Period(since, until))
            }
            (None, None, None, _) => {
                Err(ApiError::invalid("since", "One of `since`, `messageId` and `logId` is required: what to replay."))
            }
            _ => {
                let message = "`messageId`, `logId` and `since` cannot be combined: name one of them.";
                Err(ApiError::invalid("messageId", message))
            }
        }
    }
}

/// Takes events from what the account may replay in a day. A period's are taken step by step, and wait when there are none left.
async fn charge_quota(state: &AppState, webhook: &Webhook, events: usize) -> Result<(), ApiError> {
    let events = i64::try_from(events.max(1)).unwrap_or(i64::MAX);
    if state.replay_quota.take(&webhook.account_id, events).await.map_err(unavailable)? {
        return Ok(());
    }
    let message = "This account has replayed as many events as its plan allows in a day: wait, or replay a period, which goes on by itself.";
    Err(ApiError::new(ErrorCode::RateLimitExceeded, message).retry_after(QUOTA_WAIT))
}

/// Starts the replay of a period.
async fn start_period(
    state: &AppState,
    webhook: &Webhook,
    instance: &InstanceId,
    since: Timestamp,
    until: Timestamp,
) -> ApiResult {
    let now = clock::now();
    let replay = Replay {
        id: ReplayId::generate(),
        since,
        until,
        messages: 0,
        events: 0,
        done: false,
        created_at: now,
        forget_at: now.plus(state.retention).secs(),
    };
    let step = ReplayStep {
        replay_id: replay.id.clone(),
        account_id: webhook.account_id.clone(),
        webhook_id: webhook.id.clone(),
        instance_id: instance.clone(),
        since,
        until,
        after: None,
        late: false,
    };
    admit(state, &step).await?;
    if let Err(error) = begin(state, &replay, &step).await {
        RUNNING_REPLAYS.release(&state.accounts, step.operation()).await.map_err(unavailable)?;
        return Err(error);
    }
    tracing::info!(webhook_id = %webhook.id, replay_id = %replay.id, "webhook.replay_started");
    ApiResponse::accepted(&ReplayResponse::new(replay))
}

/// Refuses a replay while another one of the webhook is in progress, or too many of the account.
async fn admit(state: &AppState, step: &ReplayStep) -> Result<(), ApiError> {
    match RUNNING_REPLAYS.acquire(&state.accounts, step.operation()).await.map_err(unavailable)? {
        Admission::Admitted => Ok(()),
        Admission::SubjectBusy(_) => Err(ErrorCode::ReplayInProgress.into()),
        Admission::AccountBusy(_) => {
            let most = RUNNING_REPLAYS.max;
            let message = format!("This account already has {most} replays in progress: wait until one is done.");
            Err(ApiError::new(ErrorCode::LimitReached, message))
        }
    }
}

async fn begin(state: &AppState, replay: &Replay, step: &ReplayStep) -> Result<(), ApiError> {
    state.accounts.put_replay(&step.webhook_id, replay).await.map_err(ApiError::internal)?;
    let enqueued = state.webhook_queue.enqueue_replay(step, Duration::ZERO).await;
    enqueued.map_err(|error| ApiError::unavailable(error, 1))
}
