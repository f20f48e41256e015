//! `POST /v1/webhooks/inbound`: a URL that sends messages without an API key.
//!
//! Its token is an API key of 256 random bits for one instance, of which only the hash is kept.

use secrecy::ExposeSecret;
use shared::account::{ApiKey, Scope, api_key};
use shared::clock;
use shared::http::request_body::{self, required};
use shared::ids::{InstanceId, KeyId, WebhookId};

use crate::prelude::*;
use crate::webhooks::webhook_fields;

/// A new inbound URL.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateInboundUrlRequest {
    #[schema(required = true, value_type = String)]
    name: Option<String>,
    #[schema(required = true, value_type = String)]
    instance_id: Option<String>,
}

/// An inbound URL.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InboundUrlResponse {
    id: WebhookId,
    name: String,
    instance_id: InstanceId,
    url: String,
    created_at: String,
}

pub const CREATE: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/webhooks/inbound", customer!(WebhooksWrite, create)),
    id: "createInboundUrl",
    summary: "Create an inbound URL, which sends messages without an API key",
    describe: |operation| {
        let created = json!({
            "id": "wh_xyz789", "name": "Shop", "instanceId": "inst_abc123",
            "url": "https://api.example.com/webhook/in_…", "createdAt": "2026-02-03T12:00:00.000Z",
        });
        operation
            .description("The URL contains a secret token and is only in this response.")
            .body::<CreateInboundUrlRequest>(
                true,
                &[("inbound", json!({ "name": "Shop", "instanceId": "inst_abc123" }))],
            )
            .answers_data::<InboundUrlResponse>(201, created)
            .errors(&[ErrorCode::InstanceNotFound])
    },
};

async fn create(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let body: CreateInboundUrlRequest = request.body()?;
    let name = request_body::name(required(body.name, "name", "what you call the inbound URL")?)?;
    let instance_id = webhook_fields::instance(state, caller, body.instance_id).await?;
    let (id, now) = (WebhookId::generate(), clock::now());
    let (token, hash) = api_key::generate_inbound();
    let key = ApiKey {
        id: KeyId::generate(),
        account_id: caller.account().clone(),
        name: name.clone(),
        scopes: vec![Scope::MessagesWrite],
        expires_at: None,
        instance_id: Some(instance_id.clone()),
        created_at: now,
    };
    state.accounts.put_inbound_url(&id, &hash, &key).await.map_err(ApiError::internal)?;
    tracing::info!(inbound_id = %id, "inbound_url.created");
    let url = format!("{}/webhook/{}", request.base_url(), token.expose_secret());
    ApiResponse::created(&InboundUrlResponse { id, name, instance_id, url, created_at: now.to_string() })
}
