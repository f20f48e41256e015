//! `PATCH /v1/instances/{instanceId}`.

use serde::Deserializer;
use serde_json::value::RawValue;
use shared::http::request_body;
use shared::instance::InstanceChanges;
use shared::webhook::EventName;

use crate::instances::instance_fields::{self, InstanceSettings};
use crate::instances::instance_response::InstanceResponse;
use crate::lookup;
use crate::prelude::*;

/// Changes of an instance; absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateInstanceRequest {
    /// What you call the instance. At most 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// The URL of the instance's webhook; `null` removes the webhook.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 2048)]
    webhook_url: Option<Option<String>>,
    /// The events of that webhook.
    #[schema(value_type = Option<Vec<EventName>>)]
    webhook_events: Option<Vec<String>>,
    /// All settings of the instance: they replace the earlier ones. At most 4,096 bytes.
    #[schema(value_type = Option<InstanceSettings>)]
    settings: Option<Box<RawValue>>,
}

/// Distinguishes a field that is `null` from one that is absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

pub const UPDATE: Endpoint = Endpoint {
    route: Route::new("PATCH", "/v1/instances/{instanceId}", customer!(InstancesWrite, update)),
    id: "updateInstance",
    summary: "Update an instance",
    describe: |operation| {
        let bodies = [
            ("name", json!({ "name": "Sales" })),
            ("webhook", json!({ "webhookUrl": null })),
            ("settings", json!({ "settings": { "outsideWindow": "refuse" } })),
        ];
        operation
            .description(
                "Absent fields stay as they are; `settings` is replaced as a whole. `send` follows a change of \
                 `settings.outsideWindow` within five seconds. `webhookUrl` and `webhookEvents` also need the scope `webhooks:write`.",
            )
            .body::<UpdateInstanceRequest>(true, &bodies)
            .answers_data::<InstanceResponse>(200, InstanceResponse::example())
            .errors(&[ErrorCode::InstanceNotFound, ErrorCode::InvalidWebhookUrl, ErrorCode::LimitReached])
    },
};

async fn update(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let instance = lookup::instance(state, caller, request).await?;
    let body: UpdateInstanceRequest = request.body()?;
    instance_fields::check_scope(caller, body.webhook_url.is_some() || body.webhook_events.is_some())?;
    let changes = InstanceChanges {
        name: body.name.map(request_body::name).transpose()?,
        settings: body.settings.map(instance_fields::settings).transpose()?,
        webhook_id: instance_fields::change_webhook(state, &instance, body.webhook_url, body.webhook_events).await?,
    };
    if !state.accounts.change_instance(&instance, changes).await.map_err(ApiError::internal)? {
        return Err(ErrorCode::InstanceNotFound.into());
    }
    let changed = lookup::instance(state, caller, request).await?;
    ApiResponse::ok(&InstanceResponse::read(state, changed).await?)
}
