//! Replays: past events, delivered again with their original ids.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::account::{ConcurrencyLimit, Operation};
use crate::aws::{AccountsTable, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, ReplayId, WebhookId};

/// The replays of periods that an account may have in progress: one for each webhook. A step that failed is repeated within
/// the lease.
pub const RUNNING_REPLAYS: ConcurrencyLimit =
    ConcurrencyLimit { kind: "replays", max: 5, lease: Duration::from_secs(15 * 60) };

/// A replay and its progress.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replay {
    /// Its id.
    pub id: ReplayId,
    /// The period's start: events that happened from then on.
    pub since: Timestamp,
    /// The period's end.
    pub until: Timestamp,
    /// Messages with such events, so far.
    pub messages: u64,
    /// Events enqueued so far.
    pub events: u64,
    /// Whether it is complete.
    pub done: bool,
    /// When it was requested.
    pub created_at: Timestamp,
    /// When the table deletes it: seconds since the epoch (DynamoDB's TTL).
    pub forget_at: i64,
}

/// The next step of a replay, as a queue message.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplayStep {
    /// The replay.
    pub replay_id: ReplayId,
    /// The webhook's account.
    pub account_id: AccountId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The instance whose messages are read.
    pub instance_id: InstanceId,
    /// See [`Replay::since`].
    pub since: Timestamp,
    /// See [`Replay::until`].
    pub until: Timestamp,
    /// The cursor of the last message, or late event, that was read.
    pub after: Option<String>,
    /// Whether it reads late events: after the messages.
    #[serde(default)]
    pub late: bool,
}

impl ReplayStep {
    /// The replay as an operation of its account.
    pub fn operation(&self) -> Operation<'_> {
        let (subject, id) = (self.webhook_id.as_str(), self.replay_id.as_str());
        Operation { account: &self.account_id, subject, id }
    }
}

impl AccountsTable {
    /// A replay of a webhook.
    pub async fn replay(&self, webhook: &WebhookId, id: &ReplayId) -> Result<Option<Replay>, TableError> {
        self.get(ItemKey::replay(webhook, id)).await
    }

    /// Writes a new replay.
    pub async fn put_replay(&self, webhook: &WebhookId, replay: &Replay) -> Result<(), TableError> {
        self.put(ItemKey::replay(webhook, &replay.id), replay).await
    }

    /// Records the progress of a step. A step that is repeated counts twice; its events keep their ids.
    pub async fn record_replay_step(
        &self,
        step: &ReplayStep,
        messages: usize,
        events: usize,
        done: bool,
    ) -> Result<(), TableError> {
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let update =
            UpdateBuilder::new().add("messages", count(messages)).add("events", count(events)).set("done", done);
        let key = ItemKey::replay(&step.webhook_id, &step.replay_id);
        self.update(key, &update.when_present("pk")).await.map(drop)
    }
}
