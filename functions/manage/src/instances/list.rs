//! `GET /v1/instances` and `GET /v1/instances/{instanceId}`.

use shared::instance::{ConnectionStatus, Instance};

use crate::instances::instance_response::InstanceResponse;
use crate::prelude::*;
use crate::{lookup, pagination};

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/instances", customer!(InstancesRead, list))
        .with_query(&["status", "limit", "offset"]),
    id: "listInstances",
    summary: "List instances, oldest first",
    describe: |operation| {
        let status = json!({ "enum": ["connected", "disconnected"] });
        let operation = operation.query("status", false, status, "Only instances with this status");
        pagination::describe_offset_page::<InstanceResponse>(operation, InstanceResponse::example())
            .errors(&[ErrorCode::InvalidRequest])
    },
};

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/instances/{instanceId}", customer!(InstancesRead, get)),
    id: "getInstance",
    summary: "Get an instance",
    describe: |operation| {
        operation
            .answers_data::<InstanceResponse>(200, InstanceResponse::example())
            .errors(&[ErrorCode::InstanceNotFound])
    },
};

async fn list(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let status: Option<ConnectionStatus> = request.parse_query("status", "must be `connected` or `disconnected`.")?;
    let mut instances = state.accounts.instances(caller.account()).await.map_err(unavailable)?;
    instances.retain(|instance| status.is_none_or(|status| instance.status == status));
    instances.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    let (instances, page) = pagination::offset_page(request, instances)?;
    let webhooks = state.accounts.webhooks(caller.account()).await.map_err(unavailable)?;
    let with_webhook = |instance: Instance| {
        let webhook = webhooks.iter().find(|webhook| Some(&webhook.id) == instance.webhook_id.as_ref());
        InstanceResponse::new(instance, webhook)
    };
    let rows: Vec<_> = instances.into_iter().map(with_webhook).collect();
    ApiResponse::page(&rows, page)
}

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let instance = lookup::instance(state, caller, request).await?;
    ApiResponse::ok(&InstanceResponse::read(state, instance).await?)
}
