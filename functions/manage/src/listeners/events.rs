//! `GET /v1/listeners/{listenerId}/events`.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::value::RawValue;
use shared::clock;
use shared::ids::{ListenerId, MessageId};
use shared::listener::{KeptEvent, LONG_POLL_WAIT, Listener, kept_event};
use shared::message::Message;
use tokio::time::{Instant, sleep};

use crate::pagination;
use crate::prelude::*;

/// Events of one answer.
const MAX_EVENTS: i32 = 50;
/// How long a poll pauses between two looks.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// How long after an event was kept it is shown, so that none appears behind the cursor: processes write at the same time, and
/// their clocks differ.
const VISIBLE_AFTER: Duration = Duration::from_secs(1);

/// An event.
#[derive(Serialize, ToSchema)]
struct ListenedEvent {
    /// The same when an event is shown twice.
    id: String,
    /// What webhooks get.
    #[schema(value_type = serde_json::Value)]
    body: Box<RawValue>,
}

/// Where the next poll begins.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ListenerPage {
    /// The next poll's `after`.
    next_cursor: Option<String>,
    /// Events that were left out, since there were too many at once.
    skipped: usize,
}

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/listeners/{listenerId}/events", customer!(MessagesRead, list))
        .with_query(&["after"])
        .for_customers_only(),
    id: "pollListener",
    summary: "Poll a listener",
    describe: |operation| {
        let body = json!({ "event": "message.sent", "timestamp": "2026-02-03T12:00:00.000Z", "data": { "messageId": "msg_xyz789" } });
        operation
            .description(
                "Waits for at most ten seconds until there are events, and answers with at most 50. Poll again at once. An event is shown \
                 a second after it happened, and seldom twice, with the same `id`. Of a message it is shown as its record says by now. \
                 A listener has one poll at a time (429).",
            )
            .query("after", false, json!({ "type": "string" }), "The `nextCursor` of the poll before")
            .answers_page::<ListenedEvent, ListenerPage>(
                json!({ "id": "evt_xyz789", "body": body }),
                json!({ "nextCursor": "1770120000000.00abc", "skipped": 0 }),
            )
            .errors(&[ErrorCode::ListenerNotFound, ErrorCode::InvalidRequest, ErrorCode::RateLimitExceeded])
    },
};

async fn list(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let id: ListenerId = request.id("listenerId", ErrorCode::ListenerNotFound)?;
    let after = request.query("after");
    if after.is_some_and(|after| !kept_event::is_place(after)) {
        return Err(ApiError::invalid("after", "`after` must be the `nextCursor` of a poll."));
    }
    let now = clock::now();
    let found = state.accounts.listener(caller.account(), &id).await.map_err(unavailable)?;
    let listener = found.filter(|listener| listener.is_live(now)).ok_or(ErrorCode::ListenerNotFound)?;
    if !state.accounts.begin_poll(&listener, now).await.map_err(unavailable)? {
        let message = "Another poll of this listener is in progress: wait for its answer.";
        return Err(ApiError::new(ErrorCode::RateLimitExceeded, message).retry_after(POLL_INTERVAL));
    }
    let polled = poll(state, &listener, after).await;
    state.accounts.end_poll(&listener, clock::now()).await.map_err(unavailable)?;
    let rows = polled?;
    let mut events = events(state, &listener, &rows).await?;
    // A page of long events ends early, before the row of the first that does not fit.
    let fitting = pagination::fitting(events.iter().map(|(_, event)| &event.body));
    let shown = &rows[..events.get(fitting).map_or(rows.len(), |(place, _)| *place)];
    events.truncate(fitting);
    let events: Vec<_> = events.into_iter().map(|(_, event)| event).collect();
    let next_cursor = shown.last().map(|row| row.place.clone()).or_else(|| after.map(str::to_owned));
    ApiResponse::page(&events, ListenerPage { next_cursor, skipped: shown.iter().map(|row| row.skipped).sum() })
}

/// Waits for events.
async fn poll(state: &AppState, listener: &Listener, after: Option<&str>) -> Result<Vec<KeptEvent>, ApiError> {
    let end = Instant::now() + LONG_POLL_WAIT;
    loop {
        let until = clock::now().minus(VISIBLE_AFTER);
        let rows = state.accounts.kept_events(&listener.id, (after, until), MAX_EVENTS).await.map_err(unavailable)?;
        if !rows.is_empty() || Instant::now() >= end {
            return Ok(rows);
        }
        sleep(POLL_INTERVAL).await;
        // One that was deleted makes room for another, whose poll would hold an execution as well.
        if state.accounts.listener(&listener.account_id, &listener.id).await.map_err(unavailable)?.is_none() {
            return Err(ErrorCode::ListenerNotFound.into());
        }
    }
}

/// The events of rows and the places of these, as far as what they are about is still stored.
async fn events(
    state: &AppState,
    listener: &Listener,
    rows: &[KeptEvent],
) -> Result<Vec<(usize, ListenedEvent)>, ApiError> {
    let mut ids: Vec<MessageId> = rows.iter().filter_map(|row| row.subject.parse().ok()).collect();
    ids.sort();
    ids.dedup();
    let messages = state.messages.get_batch(&ids).await.map_err(unavailable)?;
    let messages: HashMap<&str, &Message> = messages.iter().map(|message| (message.id.as_str(), message)).collect();
    let mut events = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let body = match (&row.body, messages.get(row.subject.as_str())) {
            (Some(body), _) => Some(body.clone()),
            (None, Some(message)) => {
                let of_message = shared::message::events::between(None, message);
                of_message.into_iter().find(|event| event.id(&listener.id) == row.id).map(|event| event.body)
            }
            (None, None) if row.subject.contains('.') => {
                let event = state.accounts.event(&row.subject).await.map_err(unavailable)?;
                event.filter(|event| event.account_id == listener.account_id).map(|event| event.body)
            }
            (None, None) => None, // erased
        };
        if let Some(body) = body {
            let body = RawValue::from_string(body).map_err(ApiError::internal)?;
            events.push((place, ListenedEvent { id: row.id.clone(), body }));
        }
    }
    Ok(events)
}
