//! A request with an Idempotency-Key, and what it does about the record of an earlier one: requests with the same key and body
//! make one message and one charge (IETF draft "The Idempotency-Key HTTP Header Field").

use std::time::Duration;

use shared::clock::Timestamp;
use shared::http::{ApiError, ErrorCode, idempotency_key};
use shared::ids::InstanceId;
use shared::ledger::REQUEST_ENDED;
use shared::message::{Message, State};

/// A request with a key.
pub struct IdempotentRequest {
    /// The ids that the message may have: the one of a new message first, then those of earlier versions.
    pub ids: Vec<[u8; 16]>,
    /// The ids that an inbound URL's message has if a version accepted it in which the account's inbound URLs shared the key
    /// space of its API keys.
    pub earlier_ids: Vec<[u8; 16]>,
    /// The hash of the request's body.
    pub body_hash: String,
}

/// What a request does about the record of an earlier request with its key.
#[derive(Debug)]
pub enum ReplayDecision {
    /// Repeat the first response.
    Replay,
    /// Enqueue the message again, and repeat the first response: the first request ended before that.
    EnqueueAgain,
}

/// The refusal of a request while the first one with its key may still be in progress.
pub fn in_progress() -> ApiError {
    let code = ErrorCode::IdempotencyInProgress;
    ApiError::field(code, idempotency_key::HEADER, code.meaning()).retry_after(Duration::from_secs(1))
}

impl IdempotentRequest {
    /// Whether a record under one of the earlier ids is this request's. An API key's never is: its body names the instance,
    /// and an inbound URL's does not.
    pub fn is_earlier(&self, message: &Message, instance: &InstanceId) -> bool {
        message.body_hash.as_ref() == Some(&self.body_hash) && message.instance_id == *instance
    }

    /// Decides about a record that exists under this key and was read after `now`.
    pub fn decide(&self, message: &Message, now: Timestamp) -> Result<ReplayDecision, ApiError> {
        if message.body_hash.as_ref() != Some(&self.body_hash) {
            return Err(idempotency_key::reused(Some(message.id.as_str())));
        }
        if message.status != State::Queued || message.attempt > 0 {
            return Ok(ReplayDecision::Replay);
        }
        if now < message.created_at.plus(REQUEST_ENDED) {
            return Err(in_progress());
        }
        Ok(ReplayDecision::EnqueueAgain)
    }
}
