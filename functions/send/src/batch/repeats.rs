//! Repeats of a batch with an Idempotency-Key: what an earlier request has accepted, recorded, or is about to.

use std::collections::HashSet;

use lambda_http::http::StatusCode;
use shared::account::Caller;
use shared::batch::{Batch, BatchState};
use shared::clock::Timestamp;
use shared::http::{ApiError, idempotency_key};
use shared::ids::BatchId;

use super::response::BatchResponse;
use crate::idempotent_request::in_progress;
use crate::record_and_enqueue::unavailable;
use crate::repeats::is_final;
use crate::sender::Sender;

/// What a request for a batch is known by.
pub struct RequestedBatch {
    /// The bytes of the batch's id.
    pub id: [u8; 16],
    /// The hash of the request's body, if it has an Idempotency-Key.
    pub body_hash: Option<String>,
    /// What an earlier request with the same key has left.
    pub broken_off: BrokenOff,
}

impl RequestedBatch {
    /// The batch's id.
    pub fn batch_id(&self) -> BatchId {
        BatchId::from_bytes(self.id)
    }
}

/// An earlier request with the same Idempotency-Key that broke off.
#[derive(Default)]
pub struct BrokenOff {
    /// Its record, if there is one.
    pub batch: Option<Box<Batch>>,
    /// The rows whose messages it has recorded.
    pub recorded: HashSet<u16>,
}

impl BrokenOff {
    /// When the batch began: what is recorded was accepted when its request began, and all of a batch is at one place of its instance's
    /// history. One of which nothing is recorded begins now, and may come too late for its `sendAt`.
    pub fn began_at(&self, now: Timestamp) -> Timestamp {
        self.batch.as_ref().filter(|_| !self.recorded.is_empty()).map_or(now, |batch| batch.created_at)
    }
}

/// What to do about the record of an earlier request with the same Idempotency-Key.
pub enum Earlier {
    /// It was accepted: repeat the answer.
    Accepted(Box<Batch>),
    /// It broke off: record what is missing.
    BrokenOff(Box<Batch>),
}

impl Sender {
    /// The record of a batch.
    pub async fn find_batch(&self, caller: &Caller, id: &BatchId) -> Result<Option<Box<Batch>>, ApiError> {
        Ok(self.accounts.batch(caller.account(), id).await.map_err(unavailable)?.map(Box::new))
    }

    /// Reads what a request that broke off has recorded.
    pub async fn broken_off(&self, batch: Box<Batch>) -> Result<BrokenOff, ApiError> {
        let stored = batch.stored_rows(&self.messages).await.map_err(unavailable)?;
        Ok(BrokenOff { batch: Some(batch), recorded: stored.into_iter().map(|(row, _)| row).collect() })
    }

    /// Answers a request that was refused and counted, as [`Sender::refuse`] does for a message: another one with its
    /// Idempotency-Key may have taken the credits, and accepted the batch or be about to. Messages that are recorded are sent whatever
    /// this one is answered, soon with an answer of their own: until then it is in progress. One that may only come later is refused.
    pub async fn refuse_batch(
        &self,
        caller: &Caller,
        requested: &RequestedBatch,
        refusal: ApiError,
        now: Timestamp,
    ) -> Result<BatchResponse, ApiError> {
        let RequestedBatch { id, body_hash, broken_off } = requested;
        if body_hash.is_none() {
            return Err(refusal);
        }
        let may_be_charged = self.charger.may_be_reserved(caller.account(), *id);
        let is_for_later = refusal.code.status() == StatusCode::TOO_MANY_REQUESTS;
        let found = self.find_batch(caller, &requested.batch_id()).await?;
        match found.map(|found| decide(found, body_hash.as_deref(), now)).transpose()? {
            Some(Earlier::Accepted(batch)) => {
                if !is_final(&refusal) {
                    self.charger.count(caller.limited_key(), now).await?;
                }
                Ok(BatchResponse::new(&batch))
            }
            _ if is_for_later || (broken_off.recorded.is_empty() && !may_be_charged) => Err(refusal),
            _ => Err(in_progress()),
        }
    }
}

/// Decides about the record of an earlier request with the same Idempotency-Key.
pub fn decide(batch: Box<Batch>, body_hash: Option<&str>, now: Timestamp) -> Result<Earlier, ApiError> {
    if batch.body_hash.as_deref() != body_hash {
        let made = (batch.state == BatchState::Accepted).then(|| batch.id.as_str()); // it may never be, and is not shown before
        return Err(idempotency_key::reused(made));
    }
    match batch.state {
        BatchState::Accepted => Ok(Earlier::Accepted(batch)),
        BatchState::Recording if batch.broke_off(now) => Ok(Earlier::BrokenOff(batch)),
        BatchState::Recording => Err(in_progress()),
    }
}

/// The answer to a request that met another one with its Idempotency-Key.
pub fn repeated(batch: Box<Batch>, body_hash: Option<&str>, now: Timestamp) -> Result<BatchResponse, ApiError> {
    match decide(batch, body_hash, now)? {
        Earlier::Accepted(batch) => Ok(BatchResponse::new(&batch)),
        Earlier::BrokenOff(_) => Err(in_progress()),
    }
}
