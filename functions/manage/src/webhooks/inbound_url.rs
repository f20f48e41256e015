//! `/v1/webhooks/inbound`: URLs that send messages without an API key.
//!
//! A URL's token has 256 random bits, of which only the hash is kept. It acts for the API key that created it, from one
//! instance (docs/adr/0026).

use secrecy::ExposeSecret;
use shared::account::{ApiKey, InboundUrlListing, Scope, api_key};
use shared::clock;
use shared::http::request_body::{self, required};
use shared::ids::{AccountId, InstanceId, KeyId, WebhookId};

use crate::pagination;
use crate::prelude::*;
use crate::webhooks::webhook_fields;

/// A new inbound URL.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateInboundUrlRequest {
    /// What you call the inbound URL. At most 100 characters.
    #[schema(required = true, value_type = String, min_length = 1, max_length = 100)]
    name: Option<String>,
    /// The instance that it sends from.
    #[schema(required = true, value_type = String)]
    instance_id: Option<String>,
}

/// An inbound URL.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InboundUrlResponse {
    /// The id of the inbound URL: `DELETE /v1/webhooks/{webhookId}` ends it.
    id: WebhookId,
    /// What you call it.
    name: String,
    /// The instance that it sends from.
    #[schema(required = true, value_type = InstanceId)]
    instance_id: Option<InstanceId>,
    /// The API key that created it: the URL is deleted when the key is revoked.
    key_id: Option<KeyId>,
    /// The URL itself: only in the response that creates it.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// When it was created.
    #[schema(format = DateTime)]
    created_at: String,
}

impl InboundUrlResponse {
    fn new(id: WebhookId, key: ApiKey) -> Self {
        let ApiKey { name, instance_id, created_by, created_at, .. } = key;
        Self { id, name, instance_id, key_id: created_by, url: None, created_at: created_at.to_string() }
    }

    fn example() -> Value {
        json!({
            "id": "wh_xyz789", "name": "Shop", "instanceId": "inst_abc123", "keyId": "key_xyz789",
            "createdAt": "2026-02-03T12:00:00.000Z",
        })
    }
}

pub const CREATE: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/webhooks/inbound", customer!(WebhooksWrite, create)),
    id: "createInboundUrl",
    summary: "Create an inbound URL, which sends messages without an API key",
    describe: |operation| {
        let mut created = InboundUrlResponse::example();
        created["url"] = json!("https://api.example.com/webhook/in_…");
        operation
            .description(
                "Requires the scope `messages:write` as well. The URL contains a secret token and is only in this response. It \
                 acts for the API key that creates it: its requests count against the key's limit, and it ends with the key, \
                 or with its instance.",
            )
            .body::<CreateInboundUrlRequest>(
                true,
                &[("inbound", json!({ "name": "Shop", "instanceId": "inst_abc123" }))],
            )
            .answers_data::<InboundUrlResponse>(201, created)
            .errors(&[ErrorCode::InstanceNotFound, ErrorCode::LimitReached])
    },
};

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/webhooks/inbound", customer!(WebhooksRead, list)).with_query(&["limit", "offset"]),
    id: "listInboundUrls",
    summary: "List inbound URLs without their tokens, oldest first",
    describe: |operation| {
        pagination::describe_offset_page::<InboundUrlResponse>(operation, InboundUrlResponse::example())
            .errors(&[ErrorCode::InvalidRequest])
    },
};

async fn create(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    caller.require(Scope::MessagesWrite)?;
    let body: CreateInboundUrlRequest = request.body()?;
    let name = request_body::name(required(body.name, "name", "what you call the inbound URL")?)?;
    let instance_id = webhook_fields::instance(state, caller, body.instance_id).await?;
    let (id, now) = (WebhookId::generate(), clock::now());
    let (token, hash) = api_key::generate_inbound();
    let key = ApiKey {
        id: KeyId::generate(),
        account_id: caller.account().clone(),
        name,
        scopes: vec![Scope::MessagesWrite],
        expires_at: None,
        instance_id: Some(instance_id),
        created_by: Some(caller.limited_key().key_id.clone()),
        created_at: now,
    };
    let write = async { state.accounts.put_inbound_url(&id, &hash, &key).await.map_err(ApiError::internal) };
    let listing = InboundUrlListing { id: id.clone(), instance_id: None, hash: hash.as_str().to_owned(), key: None };
    let withdraw = state.accounts.delete_inbound_url(caller.account(), &listing);
    state.bounds.inbound_urls.create(caller.account(), write, withdraw).await?;
    tracing::info!(inbound_id = %id, key_id = %caller.limited_key().key_id, "inbound_url.created");
    let url = format!("{}/webhook/{}", request.base_url(), token.expose_secret());
    ApiResponse::created(&InboundUrlResponse { url: Some(url), ..InboundUrlResponse::new(id, key) })
}

async fn list(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let mut urls = state.accounts.inbound_urls(caller.account()).await.map_err(unavailable)?;
    urls.sort_by(|(a_id, a), (b_id, b)| (a.created_at, a_id).cmp(&(b.created_at, b_id)));
    let (urls, page) = pagination::offset_page(request, urls)?;
    let rows: Vec<_> = urls.into_iter().map(|(id, key)| InboundUrlResponse::new(id, key)).collect();
    ApiResponse::page(&rows, page)
}

/// Deletes the inbound URLs of an account that `is_obsolete` selects.
pub async fn delete_obsolete(
    state: &AppState,
    account: &AccountId,
    is_obsolete: impl Fn(&InboundUrlListing) -> bool,
) -> Result<(), ApiError> {
    let urls = state.accounts.inbound_url_listings(account).await.map_err(unavailable)?;
    for url in urls.iter().filter(|url| is_obsolete(url)) {
        state.accounts.delete_inbound_url(account, url).await.map_err(ApiError::internal)?;
    }
    Ok(())
}
