//! `GET /v1/instances/{instanceId}/status`.

use shared::clock;
use shared::ids::InstanceId;
use shared::instance::{ConnectionStatus, Instance};
use shared::whatsapp::PauseReason;

use crate::lookup;
use crate::prelude::*;

/// The connection of an instance.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstanceStatusResponse<'a> {
    /// The id of the instance.
    instance_id: &'a InstanceId,
    /// Whether it can send.
    status: ConnectionStatus,
    /// Its phone number, as WhatsApp shows it.
    phone: Option<&'a str>,
    /// The name that WhatsApp shows for the number.
    profile_name: Option<&'a str>,
    /// When it was last connected.
    #[schema(format = DateTime)]
    connected_at: Option<String>,
    /// When it was last disconnected.
    #[schema(format = DateTime)]
    disconnected_at: Option<String>,
    /// Until when a condition of its number or its business account pauses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    paused_until: Option<String>,
    /// Which condition that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_reason: Option<PauseReason>,
    /// Until when its messages wait, which are accepted meanwhile: WhatsApp wants fewer of them, or does not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    held_until: Option<String>,
    /// Why it was disconnected.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> InstanceStatusResponse<'a> {
    /// The connection in an instance's record.
    fn new(instance: &'a Instance) -> Self {
        let (number, now) = (instance.number.as_ref(), clock::now());
        let paused = instance.condition_remaining(now);
        Self {
            instance_id: &instance.id,
            status: instance.status,
            phone: number.and_then(|number| number.phone.as_deref()),
            profile_name: number.and_then(|number| number.profile_name.as_deref()),
            connected_at: instance.connected_at.map(|at| at.to_string()),
            disconnected_at: instance.disconnected_at.map(|at| at.to_string()),
            paused_until: paused.map(|(_, wait)| now.plus(wait).to_string()),
            pause_reason: paused.map(|(reason, _)| reason),
            held_until: instance.held_until(now).map(|until| until.to_string()),
            reason: instance.disconnect_reason.as_deref(),
        }
    }

    /// An example for the OpenAPI document.
    pub fn example() -> Value {
        json!({
            "instanceId": "inst_abc123", "status": "connected", "phone": "+55 11 4000-0000", "profileName": "Support",
            "connectedAt": "2026-02-03T12:00:00.000Z", "disconnectedAt": null,
        })
    }
}

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/instances/{instanceId}/status", customer!(InstancesRead, get)),
    id: "getInstanceStatus",
    summary: "Get the connection status of an instance",
    describe: |operation| {
        operation
            .answers_data::<InstanceStatusResponse<'_>>(200, InstanceStatusResponse::example())
            .errors(&[ErrorCode::InstanceNotFound])
    },
};

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let instance = lookup::instance(state, caller, request).await?;
    ApiResponse::ok(&InstanceStatusResponse::new(&instance))
}

/// The response after a change: the status of the instance as it is now.
pub async fn respond_after_change(state: &AppState, instance: &Instance) -> ApiResult {
    let found = state.accounts.instance(&instance.account_id, &instance.id).await.map_err(unavailable)?;
    ApiResponse::ok(&InstanceStatusResponse::new(&found.ok_or(ErrorCode::InstanceNotFound)?))
}
