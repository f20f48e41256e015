//! Repeats of a request with an Idempotency-Key: what an earlier request has recorded, or is about to.

use futures::future::try_join_all;
use lambda_http::http::StatusCode;
use shared::clock::{self, Timestamp};
use shared::http::ApiError;
use shared::ids::{InstanceId, MessageId};
use shared::ledger::LimitedKey;
use shared::message::{Message, Stored};

use crate::idempotent_request::{IdempotentRequest, ReplayDecision, in_progress};
use crate::record_and_enqueue::{erased, unavailable};
use crate::sender::Sender;

impl Sender {
    /// Whether an earlier request may have the same Idempotency-Key, for half the price of [`Self::find`]: the read is eventually
    /// consistent. One that misses the record of a moment ago does no harm: the insert finds it, and a refusal is only given after
    /// `find`. The insert does not find records under ids of earlier versions, so these are always looked for.
    pub async fn may_be_repeated(&self, idempotent: Option<&IdempotentRequest>) -> Result<bool, ApiError> {
        let Some(idempotent) = idempotent else { return Ok(false) };
        let [id] = idempotent.ids[..] else { return Ok(true) };
        if !idempotent.earlier_ids.is_empty() {
            return Ok(true);
        }
        let id = MessageId::from_bytes(id);
        self.messages.may_exist(&id).await.map_err(unavailable)
    }

    /// The record of an earlier request with the same Idempotency-Key.
    pub async fn find(
        &self,
        idempotent: Option<&IdempotentRequest>,
        instance: &InstanceId,
    ) -> Result<Option<Box<Message>>, ApiError> {
        let Some(idempotent) = idempotent else {
            return Ok(None);
        };
        let ids: Vec<_> =
            idempotent.ids.iter().chain(&idempotent.earlier_ids).map(|id| MessageId::from_bytes(*id)).collect();
        let found = try_join_all(ids.iter().map(|id| self.messages.get_stored(id))).await.map_err(unavailable)?;
        for (position, found) in found.into_iter().enumerate() {
            let is_own = position < idempotent.ids.len();
            match found {
                Some(Stored::Message(message)) if is_own || idempotent.is_earlier(&message, instance) => {
                    return Ok(Some(message));
                }
                Some(Stored::Erased(_)) if is_own => return Err(erased()),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Answers a request that was refused and counted: with the first response, if its Idempotency-Key has a message by now. One that
    /// is charged for and not recorded is in progress. The ledger was seen when the request was counted, before the record is read:
    /// what is in neither was accepted by nobody.
    pub async fn refuse(
        &self,
        key: &LimitedKey,
        repeatable: Option<(&IdempotentRequest, &InstanceId)>,
        refusal: ApiError,
        now: Timestamp,
    ) -> Result<Message, ApiError> {
        let Some((idempotent, instance)) = repeatable else { return Err(refusal) };
        let may_be_charged = idempotent.ids.iter().any(|id| self.charger.may_be_reserved(&key.account_id, *id));
        match self.find(Some(idempotent), instance).await? {
            Some(existing) if is_final(&refusal) => self.replay(Some(idempotent), existing, now).await,
            Some(existing) => self.repeat(key, Some(idempotent), existing, now).await,
            None if may_be_charged && is_final(&refusal) => Err(in_progress()),
            None => Err(refusal),
        }
    }

    /// Answers a request whose Idempotency-Key has a message already, and counts it.
    pub async fn repeat(
        &self,
        key: &LimitedKey,
        idempotent: Option<&IdempotentRequest>,
        existing: Box<Message>,
        now: Timestamp,
    ) -> Result<Message, ApiError> {
        self.charger.count(key, now).await?;
        self.replay(idempotent, existing, now).await
    }

    /// Repeats the first response. `now` is from before the record was read: a record that is young then may be withdrawn.
    pub async fn replay(
        &self,
        idempotent: Option<&IdempotentRequest>,
        existing: Box<Message>,
        now: Timestamp,
    ) -> Result<Message, ApiError> {
        let Some(idempotent) = idempotent else {
            return Err(ApiError::internal("a new message id was taken"));
        };
        if matches!(idempotent.decide(&existing, now)?, ReplayDecision::EnqueueAgain) {
            let enqueued = self.queues.enqueue_repeated(&existing, clock::now()).await;
            enqueued.map_err(unavailable)?;
        }
        tracing::info!(message_id = %existing.id, "request.repeated");
        Ok(*existing)
    }
}

/// Whether a refusal says that nothing was accepted, and was counted. A request that may only come later, or that an error of ours
/// refuses, learns by its repeat.
pub fn is_final(refusal: &ApiError) -> bool {
    let status = refusal.code.status();
    status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS
}
