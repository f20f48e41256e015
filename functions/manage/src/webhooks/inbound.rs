//! `POST /v1/webhooks/inbound`: an address that sends a message without a key. Its token is one: a key of 256 random
//! bits that sends from one instance, of which only the hash is kept.

use lambda_http::Request;
use lambda_http::http::header;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use shared::account::{ApiKey, InboundListing, Scope};
use shared::account_key::ItemKey;
use shared::api_error::ApiError;
use shared::api_key;
use shared::authentication::Caller;
use shared::clock;
use shared::conditional_write::Transacted;
use shared::ids::{InstanceId, KeyId, WebhookId};
use shared::request_body::{self, required};
use utoipa::ToSchema;

use super::{not_found, save, unavailable};
use crate::answer::Answer;
use crate::router::Manager;

/// The body that is taken.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = InboundBody)]
pub struct Fields {
    #[schema(required = true, value_type = String)]
    name: Option<String>,
    #[schema(required = true, value_type = String)]
    instance_id: Option<String>,
}

/// What is answered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InboundUrl)]
pub struct Created {
    id: WebhookId,
    name: String,
    instance_id: InstanceId,
    url: String,
    created_at: String,
}

/// Makes an inbound URL, shown now and never again.
pub async fn create(manager: &Manager, caller: &Caller, request: &Request) -> Result<Answer, ApiError> {
    let fields: Fields = request_body::read(request.body())?;
    let name = request_body::name(required(fields.name, "name", "what you call it")?)?;
    let instance_id = save::instance(manager, caller, fields.instance_id).await?;
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
    let listing = InboundListing { id: id.clone(), instance_id: instance_id.clone(), hash: hash.as_str().to_owned() };
    let accounts = &manager.books.accounts;
    let listed = ItemKey::listed_inbound(caller.account(), &id);
    let writes = [
        accounts.put_in_transaction(ItemKey::inbound(&hash), &key, None),
        accounts.put_in_transaction(listed, &listing, None),
    ];
    let writes = writes.into_iter().collect::<Result<_, _>>().map_err(ApiError::internal)?;
    accounts.transact(writes).await.map_err(ApiError::internal)?;
    tracing::info!(inbound_id = %id, "inbound.created");
    let url = format!("{}/webhook/{}", base(request), token.expose_secret());
    Answer::created(&Created { id, name, instance_id, url, created_at: now.to_string() })
}

/// The address that the request itself came to.
fn base(request: &Request) -> String {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let scheme = header("x-forwarded-proto").unwrap_or("https");
    let host = header(header::HOST.as_str()).or_else(|| request.uri().host()).unwrap_or_default();
    format!("{scheme}://{host}")
}

/// Removes an inbound URL.
pub async fn delete(manager: &Manager, caller: &Caller, id: &str) -> Result<Answer, ApiError> {
    let id: WebhookId = id.parse().map_err(|_| not_found())?;
    let accounts = &manager.books.accounts;
    let listed = ItemKey::listed_inbound(caller.account(), &id);
    let found: Option<InboundListing> = accounts.get(listed.clone()).await.map_err(unavailable)?;
    let hash = api_key::KeyHash::stored(found.ok_or_else(not_found)?.hash);
    let writes = vec![accounts.delete_in_transaction(ItemKey::inbound(&hash)), accounts.delete_in_transaction(listed)];
    match accounts.transact(writes).await.map_err(ApiError::internal)? {
        Transacted::Done => Ok(Answer::nothing()),
        Transacted::Refused(..) => Err(ApiError::internal("a removal without conditions was refused")),
    }
}
