//! `POST /v1/listeners`.

use shared::account::Scope;
use shared::clock;
use shared::http::request_body::required;
use shared::listener::Listener;

use crate::account_bounds::create_within;
use crate::prelude::*;
use crate::webhooks::webhook_fields;

/// The most listeners of an account: each holds one execution of `manage` while it is polled.
const MAX_LISTENERS: usize = 5;

/// A new listener.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateListenerRequest {
    /// The instance whose events it gets; otherwise it gets those of the whole account.
    instance_id: Option<String>,
    /// The events that it gets, by the names of webhooks' events.
    #[schema(required = true, value_type = Vec<String>)]
    events: Option<Vec<String>>,
}

/// A listener.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ListenerResponse {
    /// Its id.
    id: String,
    /// When it ends unless it is polled.
    ends_at: String,
}

pub const CREATE: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/listeners", customer!(MessagesRead, create)),
    id: "createListener",
    summary: "Listen to events",
    describe: |operation| {
        operation
            .description(
                "Gets the events of an instance or of the whole account live, from now on, for somebody who watches: poll \
                 `GET /v1/listeners/{listenerId}/events`. It ends 60 seconds after the last poll. An account has at most five. \
                 Events of instances take the scope `instances:read`. Use webhooks where every event counts.",
            )
            .body::<CreateListenerRequest>(true, &[("listener", json!({ "events": ["message.received", "message.failed"] }))])
            .answers_data::<ListenerResponse>(201, json!({ "id": "lst_xyz789", "endsAt": "2026-02-03T12:01:00.000Z" }))
            .errors(&[ErrorCode::InvalidRequest, ErrorCode::InstanceNotFound, ErrorCode::LimitReached])
    },
};

async fn create(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let body: CreateListenerRequest = request.body()?;
    let events = webhook_fields::events("events", required(body.events, "events", "the events to listen to")?)?;
    if events.iter().any(|event| event.starts_with("instance.")) {
        caller.require(Scope::InstancesRead)?;
    }
    let instance = match body.instance_id {
        Some(id) => Some(webhook_fields::instance(state, caller, Some(id)).await?),
        None => None,
    };
    let listener = Listener::new(caller.account().clone(), instance, events, clock::now());
    let check = || async {
        let live = state.accounts.live_listeners(caller.account(), clock::now()).await.map_err(unavailable)?;
        if live.len() < MAX_LISTENERS {
            return Ok(());
        }
        let message = format!(
            "This account already has {MAX_LISTENERS} listeners: delete one, or wait until one ends, 60 seconds after its last poll."
        );
        Err(ApiError::new(ErrorCode::LimitReached, message))
    };
    state.accounts.delete_ended_listeners(caller.account(), clock::now()).await.map_err(unavailable)?;
    let put = state.accounts.new_listener(&listener).map_err(ApiError::internal)?;
    create_within(&state.accounts, caller.account(), check, &[put]).await?;
    tracing::info!(listener_id = %listener.id, "listener.created");
    ApiResponse::created(&ListenerResponse { id: listener.id.to_string(), ends_at: listener.ends_at.to_string() })
}
