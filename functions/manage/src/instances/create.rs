//! `POST /v1/instances`.

use serde_json::value::RawValue;
use shared::aws::ItemKey;
use shared::clock;
use shared::http::request_body::{self, required};
use shared::ids::InstanceId;
use shared::instance::Instance;
use shared::webhook::{EventName, Webhook};

use crate::account_bounds::create_within;
use crate::instances::instance_fields::{self, InstanceSettings};
use crate::instances::instance_response::InstanceResponse;
use crate::prelude::*;
use crate::webhooks::webhook_count;

/// A new instance.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateInstanceRequest {
    /// What you call the instance. At most 100 characters.
    #[schema(required = true, value_type = String, min_length = 1, max_length = 100)]
    name: Option<String>,
    /// The public https URL of a webhook that is created with the instance.
    #[schema(max_length = 2048)]
    webhook_url: Option<String>,
    /// The events of that webhook; those of messages and connections by default.
    #[schema(value_type = Option<Vec<EventName>>)]
    webhook_events: Option<Vec<String>>,
    /// Settings of the instance: ours, and any of your own. At most 4,096 bytes.
    #[schema(value_type = Option<InstanceSettings>)]
    settings: Option<Box<RawValue>>,
}

pub const CREATE: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/instances", customer!(InstancesWrite, create)),
    id: "createInstance",
    summary: "Create an instance",
    describe: |operation| {
        let body = json!({ "name": "Support", "webhookUrl": "https://example.com/webhook", "webhookEvents": ["message.sent"] });
        operation
            .description(
                "With `webhookUrl`, a webhook is created too: for all events of messages and connections, unless \
                 `webhookEvents` names some. Both also need the scope `webhooks:write`.",
            )
            .body::<CreateInstanceRequest>(true, &[("instance", body)])
            .answers_data::<InstanceResponse>(201, InstanceResponse::example())
            .errors(&[ErrorCode::InvalidWebhookUrl, ErrorCode::LimitReached])
    },
};

async fn create(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let body: CreateInstanceRequest = request.body()?;
    instance_fields::check_scope(caller, body.webhook_url.is_some() || body.webhook_events.is_some())?;
    let name = request_body::name(required(body.name, "name", "what you call the instance")?)?;
    let mut instance = Instance::new(caller.account().clone(), InstanceId::generate(), name, clock::now());
    instance.settings = body.settings.map(instance_fields::settings).transpose()?;
    let webhook = instance_fields::new_instance_webhook(state, &instance, body.webhook_url, body.webhook_events)?;
    instance.webhook_id = webhook.as_ref().map(|webhook| webhook.id.clone());
    write(state, &instance, webhook.as_ref()).await?;
    tracing::info!(instance_id = %instance.id, "instance.created");
    ApiResponse::created(&InstanceResponse::new(instance, webhook.as_ref()))
}

/// Writes the instance and its webhook, both or neither.
async fn write(state: &AppState, instance: &Instance, webhook: Option<&Webhook>) -> Result<(), ApiError> {
    let (accounts, account) = (&state.accounts, &instance.account_id);
    let mut writes = vec![accounts.put_in_transaction(ItemKey::instance(account, &instance.id), instance)];
    writes.extend(webhook.map(|webhook| accounts.put_in_transaction(webhook.key(), webhook)));
    let writes: Vec<_> = writes.into_iter().collect::<Result<_, _>>().map_err(ApiError::internal)?;
    let check = || async {
        if let Some(webhook) = webhook {
            webhook_count::check(state, webhook).await?;
        }
        state.bounds.instances.check(account).await
    };
    create_within(accounts, account, check, &writes).await.map(drop)
}
