//! Instances: the numbers that a customer sends from.

mod connect;
mod connection;
mod delete;
mod save;
mod shown;

use lambda_http::Request;
use shared::api_error::{ApiError, ErrorCode};
use shared::authentication::Caller;
use shared::instance::{Connection, Instance};

use crate::answer::{Answer, unavailable};
use crate::endpoint::Endpoint;
use crate::query;
use crate::router::Manager;

pub use connect::Fields as ConnectFields;
pub use connection::{Fields as DisconnectFields, Status};
pub use save::Fields;
pub use shown::Shown;

/// Answers an endpoint of this class.
pub async fn answer(
    manager: &Manager,
    caller: &Caller,
    endpoint: Endpoint<'_>,
    request: &Request,
) -> Result<Answer, ApiError> {
    let body = request.body().as_ref();
    match endpoint {
        Endpoint::CreateInstance => save::create(manager, caller, body).await,
        Endpoint::ListInstances => list(manager, caller, request).await,
        Endpoint::GetInstance(id) => show(manager, own(manager, caller, id).await?).await,
        Endpoint::UpdateInstance(id) => save::update(manager, own(manager, caller, id).await?, body).await,
        Endpoint::DeleteInstance(id) => delete::delete(manager, own(manager, caller, id).await?).await,
        Endpoint::ConnectInstance(id) => connect::connect(manager, own(manager, caller, id).await?, body).await,
        Endpoint::DisconnectInstance(id) => {
            connection::disconnect(manager, own(manager, caller, id).await?, body).await
        }
        Endpoint::InstanceStatus(id) => connection::status(&own(manager, caller, id).await?),
        _ => Err(ApiError::internal("an endpoint of another class")),
    }
}

/// An instance of the caller's account. Another account's is not found.
pub async fn own(manager: &Manager, caller: &Caller, id: &str) -> Result<Instance, ApiError> {
    let id = id.parse().map_err(|_| not_found())?;
    let found = manager.books.accounts.instance(caller.account(), &id).await;
    found.map_err(unavailable)?.ok_or_else(not_found)
}

fn not_found() -> ApiError {
    ApiError::new(ErrorCode::InstanceNotFound, "there is no such instance in this account")
}

/// An instance with the webhook that was made with it.
async fn show(manager: &Manager, instance: Instance) -> Result<Answer, ApiError> {
    Answer::ok(&shown(manager, instance).await?)
}

async fn shown(manager: &Manager, instance: Instance) -> Result<Shown, ApiError> {
    let webhook = match &instance.webhook_id {
        Some(id) => manager.books.accounts.webhook(&instance.account_id, id).await.map_err(unavailable)?,
        None => None,
    };
    Ok(Shown::of(instance, webhook.as_ref()))
}

async fn list(manager: &Manager, caller: &Caller, request: &Request) -> Result<Answer, ApiError> {
    let status = match query::text(request, "status").as_deref() {
        None => None,
        Some("connected") => Some(Connection::Connected),
        Some("disconnected") => Some(Connection::Disconnected),
        Some(_) => return Err(ApiError::invalid("status", "must be connected or disconnected")),
    };
    let accounts = &manager.books.accounts;
    let mut instances = accounts.instances(caller.account()).await.map_err(unavailable)?;
    instances.retain(|instance| status.is_none_or(|status| instance.status == status));
    instances.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    let (instances, pagination) = query::page(request, instances)?;
    let webhooks = accounts.webhooks(caller.account()).await.map_err(unavailable)?;
    let rows: Vec<Shown> = instances
        .into_iter()
        .map(|instance| {
            let webhook = webhooks.iter().find(|webhook| Some(&webhook.id) == instance.webhook_id.as_ref());
            Shown::of(instance, webhook)
        })
        .collect();
    Answer::page(&rows, pagination)
}
