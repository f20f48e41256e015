//! Idempotency-Key: requests with the same key and body make one message and one charge (IETF draft "The Idempotency-Key
//! HTTP Header Field").
//!
//! The message's id is a hash of account and key, so the record itself identifies the request and its insert is the check. No
//! secret is part of it: processes before and after a rotation must derive the same id. API keys of an account share one key
//! space; an inbound URL has one of its own.

use std::time::Duration;

use aws_lc_rs::{digest, hmac};
use lambda_http::http::HeaderMap;
use shared::account::Caller;
use shared::clock::Timestamp;
use shared::http::{ApiError, ErrorCode, idempotency_key};
use shared::ids::{AccountId, InstanceId};
use shared::ledger::REQUEST_ENDED;
use shared::message::{Message, State};
use shared::security::{MasterKeys, Purpose};

/// Begins what is hashed, so that no id is derived for two purposes.
const PURPOSE: &str = "idempotent message id";
const BATCH_PURPOSE: &str = "idempotent batch id";

/// Derives messages' ids from keys.
pub struct IdempotencyIds {
    /// Earlier versions derived ids with the master keys.
    keys: Vec<hmac::Key>,
}

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

impl IdempotencyIds {
    /// Also derives the ids of versions that did so with these keys.
    pub fn new(earlier: Option<&MasterKeys>) -> Self {
        let keys = earlier.map(|keys| keys.derive(Purpose::MessageId)).into_iter().flatten();
        Self { keys: keys.map(|(_, key)| hmac::Key::new(hmac::HMAC_SHA256, &key)).collect() }
    }

    /// The id of the batch of a key. Messages and batches have key spaces of their own.
    pub fn batch_id(account: &AccountId, key: &str) -> [u8; 16] {
        first_16(digest::digest(&digest::SHA256, format!("{BATCH_PURPOSE}\n{account}\n{key}").as_bytes()).as_ref())
    }

    /// Reads the request's key, if it has one.
    pub fn read(
        &self,
        headers: &HeaderMap,
        caller: &Caller,
        body: &[u8],
    ) -> Result<Option<IdempotentRequest>, ApiError> {
        let Some(key) = idempotency_key::read(headers)? else {
            return Ok(None);
        };
        let account = caller.account();
        let (name, earlier_ids) = match caller.inbound_url() {
            Some(url) => (format!("{account}\n{url}\n{key}"), self.keyed_ids(&format!("{account}\n{key}"))),
            None => (format!("{account}\n{key}"), Vec::new()),
        };
        let id = first_16(digest::digest(&digest::SHA256, format!("{PURPOSE}\n{name}").as_bytes()).as_ref());
        let ids = [id].into_iter().chain(self.keyed_ids(&name)).collect();
        Ok(Some(IdempotentRequest { ids, earlier_ids, body_hash: idempotency_key::body_hash(body) }))
    }

    /// The ids of a name in earlier versions, under each of our keys.
    fn keyed_ids(&self, name: &str) -> Vec<[u8; 16]> {
        self.keys.iter().map(|key| first_16(hmac::sign(key, name.as_bytes()).as_ref())).collect()
    }
}

fn first_16(hash: &[u8]) -> [u8; 16] {
    let mut first = [0; 16];
    first.copy_from_slice(&hash[..16]);
    first
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
