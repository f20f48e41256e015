//! Webhooks: the addresses that are told of events.

mod inbound;
mod logs;
pub mod new;
mod replay;
mod save;
mod secret;
mod shown;
mod test;

use lambda_http::Request;
use shared::api_error::{ApiError, ErrorCode};
use shared::authentication::Caller;
use shared::webhook::Webhook;

use crate::answer::{Answer, unavailable};
use crate::endpoint::Endpoint;
use crate::query;
use crate::router::Manager;

pub use inbound::{Created, Fields as InboundFields};
pub use logs::Row as LogRow;
pub use replay::{Fields as ReplayFields, Replayed};
pub use save::{ChangedFields, NewFields, WithSecret};
pub use secret::{Fields as RotateFields, Rotated};
pub use shown::Shown;
pub use test::{Fields as TestFields, Tested};

/// Answers an endpoint of this class.
pub async fn answer(
    manager: &Manager,
    caller: &Caller,
    endpoint: Endpoint<'_>,
    request: &Request,
) -> Result<Answer, ApiError> {
    let body = request.body().as_ref();
    match endpoint {
        Endpoint::CreateWebhook => save::create(manager, caller, body).await,
        Endpoint::ListWebhooks => list(manager, caller, request).await,
        Endpoint::CreateInbound => inbound::create(manager, caller, request).await,
        Endpoint::GetWebhook(id) => Answer::ok(&Shown::of(own(manager, caller, id).await?)),
        Endpoint::UpdateWebhook(id) => save::update(manager, own(manager, caller, id).await?, body).await,
        Endpoint::DeleteWebhook(id) => delete(manager, caller, id).await,
        Endpoint::RotateSecret(id) => secret::rotate(manager, own(manager, caller, id).await?, body).await,
        Endpoint::TestWebhook(id) => test::test(manager, own(manager, caller, id).await?, body).await,
        Endpoint::ReplayWebhook(id) => replay::replay(manager, &own(manager, caller, id).await?, body).await,
        Endpoint::GetReplay(id, replay) => replay::show(manager, &own(manager, caller, id).await?, replay).await,
        Endpoint::WebhookLogs(id) => logs::list(manager, &own(manager, caller, id).await?, request).await,
        _ => Err(ApiError::internal("an endpoint of another class")),
    }
}

/// A webhook of the caller's account. Another account's is not found.
async fn own(manager: &Manager, caller: &Caller, id: &str) -> Result<Webhook, ApiError> {
    let id = id.parse().map_err(|_| not_found())?;
    let found = manager.books.accounts.webhook(caller.account(), &id).await;
    found.map_err(unavailable)?.ok_or_else(not_found)
}

fn not_found() -> ApiError {
    ApiError::new(ErrorCode::WebhookNotFound, "there is no such webhook in this account")
}

async fn list(manager: &Manager, caller: &Caller, request: &Request) -> Result<Answer, ApiError> {
    let mut webhooks = manager.books.accounts.webhooks(caller.account()).await.map_err(unavailable)?;
    if let Some(instance) = query::text(request, "instanceId") {
        webhooks.retain(|webhook| webhook.instance_id.as_ref().is_some_and(|own| own.as_str() == instance));
    }
    webhooks.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    let (webhooks, pagination) = query::page(request, webhooks)?;
    let rows: Vec<Shown> = webhooks.into_iter().map(Shown::of).collect();
    Answer::page(&rows, pagination)
}

/// Removes a webhook, or an inbound URL, which has an id of the same kind.
async fn delete(manager: &Manager, caller: &Caller, id: &str) -> Result<Answer, ApiError> {
    match own(manager, caller, id).await {
        Ok(webhook) => {
            let removed = manager.books.accounts.delete_webhook(caller.account(), &webhook.id).await;
            removed.map_err(ApiError::internal)?;
            Ok(Answer::nothing())
        }
        Err(error) if error.code() == ErrorCode::WebhookNotFound => inbound::delete(manager, caller, id).await,
        Err(error) => Err(error),
    }
}
