//! The ids of messages and batches that are requested with an Idempotency-Key: requests with the same key make one of them.
//!
//! An id is a hash of account and key, so the record itself identifies the request and its insert is the check. No secret is
//! part of it: processes before and after a rotation must derive the same id. API keys of an account share one key space; an
//! inbound URL has one of its own.

use aws_lc_rs::{digest, hmac};
use lambda_http::http::HeaderMap;
use shared::account::Caller;
use shared::http::{ApiError, idempotency_key};
use shared::ids::AccountId;
use shared::security::{MasterKeys, Purpose};

use crate::idempotent_request::IdempotentRequest;

/// Begins what is hashed, so that no id is derived for two purposes.
const PURPOSE: &str = "idempotent message id";
const BATCH_PURPOSE: &str = "idempotent batch id";

/// Derives messages' ids from keys.
pub struct IdempotencyIds {
    /// Earlier versions derived ids with the master keys.
    keys: Vec<hmac::Key>,
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
