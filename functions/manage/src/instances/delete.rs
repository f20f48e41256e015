//! `DELETE /v1/instances/{id}`.

use serde_json::json;
use shared::account_key::ItemKey;
use shared::api_error::ApiError;
use shared::conditional_write::Transacted;
use shared::instance::Instance;

use super::unavailable;
use crate::answer::Answer;
use crate::router::Manager;

/// Removes an instance and its webhooks, and frees its number. What is queued for it fails without being tried.
///
/// A stone stays in its place, so that the messages of a phone number can still be found and erased.
pub async fn delete(manager: &Manager, instance: Instance) -> Result<Answer, ApiError> {
    let accounts = &manager.books.accounts;
    let (account, id) = (&instance.account_id, &instance.id);
    let webhooks = accounts.webhooks(account).await.map_err(unavailable)?;
    for webhook in webhooks.iter().filter(|webhook| webhook.instance_id.as_ref() == Some(id)) {
        accounts.delete_webhook(account, &webhook.id).await.map_err(ApiError::internal)?;
    }
    let stone = json!({ "id": id, "createdAt": instance.created_at });
    let mut writes = vec![
        accounts.delete_in_transaction(ItemKey::instance(account, id)),
        accounts.put_in_transaction(ItemKey::gone_instance(account, id), &stone, None).map_err(ApiError::internal)?,
    ];
    writes.extend(instance.number.iter().map(|number| accounts.delete_in_transaction(ItemKey::number(&number.id))));
    match accounts.transact(writes).await.map_err(ApiError::internal)? {
        Transacted::Done => {}
        Transacted::Refused(..) => return Err(ApiError::internal("a removal without conditions was refused")),
    }
    tracing::info!(instance_id = %id, "instance.deleted");
    Ok(Answer::nothing())
}
