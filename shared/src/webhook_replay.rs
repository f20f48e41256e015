//! Replays: events of a time that is past, told again under the ids that they had.

use serde::{Deserialize, Serialize};

use crate::account_key::ItemKey;
use crate::account_table::AccountTable;
use crate::change::Change;
use crate::clock::Timestamp;
use crate::conditional_write::TableError;
use crate::ids::{AccountId, InstanceId, ReplayId, WebhookId};

/// A replay and how far it is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replay {
    /// Its id.
    pub id: ReplayId,
    /// Messages from here on, by when they were accepted or received.
    pub since: Timestamp,
    /// Up to here.
    pub until: Timestamp,
    /// Messages looked at so far.
    pub messages: u64,
    /// Events put into the queue so far.
    pub events: u64,
    /// Whether that was all.
    pub done: bool,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the table may forget it: seconds, as DynamoDB's TTL counts.
    pub forget_at: i64,
}

/// The next step of a replay, as it lies in the queue.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplayStep {
    /// The replay.
    pub replay_id: ReplayId,
    /// Whose webhook.
    pub account_id: AccountId,
    /// Which webhook.
    pub webhook_id: WebhookId,
    /// The instance whose messages they are.
    pub instance_id: InstanceId,
    /// See [`Replay::since`].
    pub since: Timestamp,
    /// See [`Replay::until`].
    pub until: Timestamp,
    /// The place of the last message that was looked at.
    pub after: Option<String>,
}

impl AccountTable {
    /// A replay of a webhook.
    pub async fn replay(&self, webhook: &WebhookId, id: &ReplayId) -> Result<Option<Replay>, TableError> {
        self.get(ItemKey::replay(webhook, id)).await
    }

    /// Writes a replay that begins.
    pub async fn put_replay(&self, webhook: &WebhookId, replay: &Replay) -> Result<(), TableError> {
        self.put(ItemKey::replay(webhook, &replay.id), replay).await
    }

    /// Notes a step of a replay. A step that is made twice counts twice; its events keep their ids.
    pub async fn note_replayed(
        &self,
        step: &ReplayStep,
        messages: usize,
        events: usize,
        done: bool,
    ) -> Result<(), TableError> {
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let change = Change::new().add("messages", count(messages)).add("events", count(events)).set("done", done);
        let key = ItemKey::replay(&step.webhook_id, &step.replay_id);
        self.change(key, &change.when_present("pk")).await.map(drop)
    }
}
