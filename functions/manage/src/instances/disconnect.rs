//! `POST /v1/instances/{instanceId}/disconnect`.

use shared::http::request_body::bounded;

use crate::instances::status::{self, InstanceStatusResponse};
use crate::lookup;
use crate::prelude::*;

/// The most characters of a reason.
const MAX_REASON: usize = 200;

/// Why an instance is disconnected.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DisconnectInstanceRequest {
    /// Your own words, which its status and the event `instance.disconnected` show. At most 200 characters.
    #[schema(max_length = 200)]
    reason: Option<String>,
}

pub const DISCONNECT: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/instances/{instanceId}/disconnect", customer!(InstancesWrite, disconnect)),
    id: "disconnectInstance",
    summary: "Disconnect an instance from its WhatsApp number",
    describe: |operation| {
        operation
            .description(
                "Deletes the access token and frees the number, also that of an instance whose token WhatsApp no longer \
                 accepts. For three days, messages to a number that nobody has connected are not lost: whoever connects it \
                 receives them.",
            )
            .body::<DisconnectInstanceRequest>(false, &[("reason", json!({ "reason": "moving" }))])
            .answers_data::<InstanceStatusResponse<'_>>(200, InstanceStatusResponse::example())
            .errors(&[ErrorCode::InstanceNotFound, ErrorCode::InstanceNotConnected])
    },
};

async fn disconnect(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let instance = lookup::instance(state, caller, request).await?;
    let body: DisconnectInstanceRequest = request.body_or_default()?;
    let reason = body.reason.map(|reason| bounded(reason, "reason", MAX_REASON)).transpose()?;
    if !state.accounts.disconnect(&instance, reason.as_deref()).await.map_err(ApiError::internal)? {
        return Err(ErrorCode::InstanceNotConnected.into());
    }
    tracing::info!(instance_id = %instance.id, "instance.disconnected");
    status::respond_after_change(state, &instance).await
}
