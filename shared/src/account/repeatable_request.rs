//! Requests of the operator with an Idempotency-Key: what each has done is kept in an item (`repeat#…`) that the transaction which
//! does it writes as well. So of two such requests one does it, and the other finds the item.
//!
//! `send` needs no such items: the id of a message is derived from its key.

use std::time::Duration;

use aws_lc_rs::digest;
use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::aws::{AccountsTable, FORGET_AT, ItemKey, TableError, UpdateBuilder};
use crate::clock;
use crate::http::{ApiError, idempotency_key};
use crate::ids::AccountId;

/// A request with an Idempotency-Key.
#[derive(Clone, Debug)]
pub struct RepeatableRequest {
    item: ItemKey,
    body_hash: String,
}

/// What the first request with a key has done.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Done<T> {
    body_hash: String,
    result: T,
}

impl RepeatableRequest {
    /// A request with this key and body. An account has a key space for each operation.
    pub fn new(account: &AccountId, operation: &str, key: &str, body: &[u8]) -> Self {
        let hash = hex::encode(digest::digest(&digest::SHA256, key.as_bytes()));
        Self { item: ItemKey::repeat(account, operation, &hash), body_hash: idempotency_key::body_hash(body) }
    }

    /// Keeps the result of the first request with this key, for `kept` at least: part of the transaction that does what is asked
    /// for, which is refused if there was such a request.
    pub fn done(&self, accounts: &AccountsTable, result: &impl Serialize, kept: Duration) -> TransactWriteItem {
        let done = UpdateBuilder::new()
            .set("bodyHash", &self.body_hash)
            .set("result", result)
            .set(FORGET_AT, clock::now().plus(kept).secs())
            .when_absent("pk");
        accounts.update_in_transaction(self.item.clone(), &done)
    }

    /// The result of the first request with this key, if there was one.
    ///
    /// # Errors
    /// The key was used with another body, or the table did not answer.
    pub async fn first<T: DeserializeOwned>(&self, accounts: &AccountsTable) -> Result<Option<T>, ApiError> {
        let done: Option<Done<T>> = accounts.get(self.item.clone()).await.map_err(|error| unavailable(&error))?;
        match done {
            Some(done) if done.body_hash != self.body_hash => Err(idempotency_key::reused(None)),
            done => Ok(done.map(|done| done.result)),
        }
    }
}

fn unavailable(error: &TableError) -> ApiError {
    ApiError::unavailable(error, 1)
}
