//! Callbacks that were not read: kept, and read again when the operator asks for it after an upgrade.

use futures::{StreamExt, TryStreamExt, stream};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use secrecy::ExposeSecret;
use serde_json::json;
use shared::aws::TableError;
use shared::clock::{self, Timestamp};
use shared::ids::CallbackId;
use shared::observability::{Metric, metrics};
use shared::unread_callback::{SignedBy, UnreadCallback};
use shared::whatsapp::{Callback, UnreadPack};

use crate::app_secrets::Owners;
use crate::handler::{empty, keep_only};
use crate::receiver::{MAX_CONCURRENCY, Receiver};
use crate::secrets::ReceiveSecrets;
use crate::store_error::StoreError;

impl Receiver {
    /// Keeps what was not read of a callback that `came` at a time. `owners` are those of its numbers whose own app signed it, if that was not the
    /// deployment's.
    pub async fn keep_unread(
        &self,
        packs: Vec<UnreadPack>,
        owners: Option<&Owners>,
        came: Timestamp,
    ) -> Result<(), StoreError> {
        let signed_by: Option<SignedBy> = owners
            .map(|owners| owners.iter().map(|(number, owner)| (number.clone(), owner.account_id.clone())).collect());
        let kept = stream::iter(packs).map(|pack| self.keep(pack, signed_by.clone(), came));
        kept.buffer_unordered(MAX_CONCURRENCY).try_collect().await
    }

    async fn keep(&self, pack: UnreadPack, signed_by: Option<SignedBy>, came: Timestamp) -> Result<(), StoreError> {
        let callback = UnreadCallback::new(pack, signed_by, &self.secrets.get().cipher, came)?;
        if self.unread.keep(&callback).await? {
            metrics::count(Metric::CallbacksUnread);
            let reasons: Vec<&str> = callback.reasons.iter().map(<&str>::from).collect();
            tracing::warn!(callback_id = %callback.id, reasons = reasons.join(","), size = callback.size, "callback.unread");
        }
        Ok(())
    }

    /// Reads a kept callback again, for `manage`. One that can be read now is deleted; the response says how many updates are
    /// still unread.
    pub async fn replay(&self, token: &str, request: &Request) -> Response<Body> {
        let id = std::str::from_utf8(request.body()).ok().and_then(|id| id.parse::<CallbackId>().ok());
        let Some(id) = id else { return empty(StatusCode::UNAUTHORIZED) };
        let is_ours = |secrets: &ReceiveSecrets| secrets.replay_tokens.verifies(token, &id);
        if !self.secrets.with_latest(is_ours, |is_ours| !is_ours).await {
            return empty(StatusCode::UNAUTHORIZED);
        }
        match self.replay_callback(&id).await {
            Ok(Some(unread)) => Response::new(Body::Text(json!({ "unread": unread }).to_string())),
            Ok(None) => empty(StatusCode::NOT_FOUND),
            Err(error) => {
                tracing::error!(%error, callback_id = %id, "callback.replay_failed");
                empty(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    async fn replay_callback(&self, id: &CallbackId) -> Result<Option<usize>, StoreError> {
        let Some(kept) = self.unread.get(id).await? else { return Ok(None) };
        let body = self.secrets.decrypt(|secrets| kept.body(&secrets.cipher)).await?;
        let owners = match &kept.signed_by {
            Some(signed_by) => Some(self.owners_still(signed_by).await?),
            None => None,
        };
        let Ok(mut callback) = Callback::read(body.expose_secret().as_bytes()) else { return Ok(Some(1)) };
        let updates = callback.updates();
        if let Some(owners) = &owners {
            keep_only(&mut callback, owners);
        }
        // What is about a number that is away stays, since it may come back.
        let unread = callback.unread.len() + updates - callback.updates();
        let came = kept.received_at().unwrap_or_else(clock::now);
        let of_unknown_accounts = self.store_all(callback, owners.as_ref(), came).await?;
        let unread = unread + of_unknown_accounts.len();
        if unread == 0 {
            self.unread.delete(id).await?;
        }
        tracing::info!(callback_id = %id, unread, "callback.replayed");
        Ok(Some(unread))
    }

    /// The numbers that still belong to the account whose app signed the callback.
    async fn owners_still(&self, signed_by: &SignedBy) -> Result<Owners, TableError> {
        let mut owners = Owners::new();
        for (number, account) in signed_by {
            let owner = self.accounts.number_owner(number).await?;
            owners.extend(owner.filter(|owner| owner.account_id == *account).map(|owner| (number.clone(), owner)));
        }
        Ok(owners)
    }
}
