//! The record of a batch.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::aws::{ItemKey, TableError};
use crate::batch::rejection::Rejections;
use crate::clock::Timestamp;
use crate::ids::{AccountId, BatchId, InstanceId, MessageId};
use crate::ledger::REQUEST_ENDED;
use crate::message::batch_row::row_ids;
use crate::message::{MAX_PAGE, MessageRepository};

/// The most recipients of a batch (contract-2, Batches).
pub const MAX_RECIPIENTS: usize = 1000;

/// Whether all messages of a batch are recorded.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum BatchState {
    /// They are being recorded, or the request that did so broke off.
    Recording,
    /// They are recorded, and the batch is accepted.
    Accepted,
}

/// A batch as the table holds it.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    /// Its id.
    pub id: BatchId,
    /// Its account.
    pub account_id: AccountId,
    /// The instance that it leaves from.
    pub instance_id: InstanceId,
    /// Recipients of the request.
    pub recipients: u16,
    /// Messages that were accepted. While they are recorded, those that are to be.
    pub accepted: u16,
    /// The recipients that were not.
    #[serde(default)]
    pub rejections: Rejections,
    /// Whether its messages are recorded.
    pub state: BatchState,
    /// The charge of the request that records them, or did.
    pub nonce: String,
    /// The hash of the request's body, if it had an Idempotency-Key.
    pub body_hash: Option<String>,
    /// When it was requested.
    pub created_at: Timestamp,
    /// When the request began that records its messages.
    pub recording_since: Timestamp,
    /// When it is to begin, if that was in the future.
    pub send_at: Option<Timestamp>,
    /// Until when its messages may be sent.
    pub deadline: Timestamp,
    /// When its customer cancelled it.
    pub canceled_at: Option<Timestamp>,
    /// When nothing of it was left to be sent.
    pub completed_at: Option<Timestamp>,
    /// When the table deletes it: seconds since the epoch (DynamoDB's TTL).
    pub forget_at: i64,
}

impl Batch {
    /// Its key in the table of accounts.
    pub fn key(&self) -> ItemKey {
        ItemKey::batch(&self.account_id, &self.id)
    }

    /// The ids of its messages, those of rejected recipients included, which do not exist.
    pub fn message_ids(&self) -> Vec<MessageId> {
        row_ids(&self.id, 0..self.recipients)
    }

    /// The rows whose messages are stored, also erased ones, with the nonces of these. No more than a page of records is held at a time.
    pub async fn stored_rows(&self, messages: &MessageRepository) -> Result<Vec<(u16, String)>, TableError> {
        let ids = self.message_ids();
        let mut stored = Vec::new();
        for (first, page) in (0..).step_by(MAX_PAGE).zip(ids.chunks(MAX_PAGE)) {
            let rows: HashMap<&MessageId, u16> = page.iter().zip(first..).collect();
            let found = messages.get_stored_without_content(page).await?;
            stored.extend(found.iter().filter_map(|it| Some((*rows.get(it.id())?, it.nonce().to_owned()))));
        }
        Ok(stored)
    }

    /// Whether the request that records its messages has ended without an answer.
    pub fn broke_off(&self, now: Timestamp) -> bool {
        self.state == BatchState::Recording && now >= self.recording_since.plus(REQUEST_ENDED)
    }

    /// The key that sorts it in the lists of its account and of its instance.
    pub fn list_key(&self) -> String {
        list_key(self.created_at, &self.id)
    }
}

/// The key that sorts a batch among others.
pub(super) fn list_key(created_at: Timestamp, id: &BatchId) -> String {
    format!("{:013}.{id}", created_at.millis())
}
