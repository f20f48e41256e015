//! Reads and writes of listeners, and of the events that wait for them.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::kept_event::{KeptEvent, beginning};
use super::record::{Listener, end_after_poll, forget_at, poll_times};
use crate::aws::{AccountsTable, FORGET_AT, Item, ItemKey, LISTENER, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, ListenerId};
use crate::webhook::Webhook;

/// The most ended listeners that are deleted at once: more than an account creates while they are live.
const MAX_DELETED: usize = 100;
/// Of these, at the same time.
const CONCURRENT_DELETIONS: usize = 10;

/// Who gets an account's events.
#[derive(Debug, Default)]
pub struct Subscribers {
    /// Its webhooks.
    pub webhooks: Vec<Webhook>,
    /// Its listeners, also those that have ended.
    pub listeners: Vec<Listener>,
}

impl AccountsTable {
    /// The webhooks and listeners of an account, strongly consistent, in one query.
    pub async fn subscribers(&self, account: &AccountId) -> Result<Subscribers, TableError> {
        let query = self.client.query().table_name(&self.name).consistent_read(true);
        let query = query.key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last");
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let query = query.expression_attribute_values(":pk", text(account.as_str()));
        let query = query.expression_attribute_values(":first", text(LISTENER));
        let query = query.expression_attribute_values(":last", text("wh_~"));
        let items: Result<Vec<Item>, _> = query.into_paginator().items().send().try_collect().await;
        let mut subscribers = Subscribers::default();
        for item in items.map_err(TableError::unavailable)? {
            if ItemKey::from_item(&item).sk.starts_with(LISTENER) {
                subscribers.listeners.extend(serde_dynamo::from_item::<_, Listener>(item)); // one must not stop webhooks
            } else {
                subscribers.webhooks.push(serde_dynamo::from_item(item)?);
            }
        }
        Ok(subscribers)
    }

    /// The listeners of an account that have not ended.
    pub async fn live_listeners(&self, account: &AccountId, now: Timestamp) -> Result<Vec<Listener>, TableError> {
        let listeners: Vec<Listener> = self.query(account.as_str(), LISTENER).await?;
        Ok(listeners.into_iter().filter(|listener| listener.is_live(now)).collect())
    }

    /// Deletes listeners that have ended. The table deletes them as well, but within days, and until then each change of the account
    /// would be published with a read of all of them.
    pub async fn delete_ended_listeners(&self, account: &AccountId, now: Timestamp) -> Result<(), TableError> {
        let listeners: Vec<Listener> = self.query(account.as_str(), LISTENER).await?;
        let forgotten = listeners.into_iter().filter(|listener| listener.is_forgotten(now)).take(MAX_DELETED);
        let deleted = forgotten.map(async |listener| self.delete_listener(account, &listener.id).await);
        stream::iter(deleted).buffer_unordered(CONCURRENT_DELETIONS).try_collect().await
    }

    /// A listener of this account.
    pub async fn listener(&self, account: &AccountId, id: &ListenerId) -> Result<Option<Listener>, TableError> {
        self.get(ItemKey::listener(account, id)).await
    }

    /// A new listener, as part of a transaction.
    pub fn new_listener(&self, listener: &Listener) -> Result<TransactWriteItem, TableError> {
        self.put_in_transaction(ItemKey::listener(&listener.account_id, &listener.id), listener)
    }

    /// Begins a poll, which keeps the listener. `false` when another one is in progress.
    pub async fn begin_poll(&self, listener: &Listener, now: Timestamp) -> Result<bool, TableError> {
        let (until, ends_at) = poll_times(now);
        let update = UpdateBuilder::new()
            .set("polledUntil", until)
            .set("endsAt", ends_at)
            .set(FORGET_AT, forget_at(ends_at))
            .when_present("pk")
            .when_absent_or_at_most("polledUntil", now);
        let key = ItemKey::listener(&listener.account_id, &listener.id);
        Ok(self.update(key, &update).await?.is_applied())
    }

    /// Ends a poll. One whose end cannot be written ends by itself.
    pub async fn end_poll(&self, listener: &Listener, now: Timestamp) -> Result<(), TableError> {
        let ends_at = end_after_poll(now);
        let update = UpdateBuilder::new().remove("polledUntil").set("endsAt", ends_at);
        let update = update.set(FORGET_AT, forget_at(ends_at)).when_present("pk");
        self.update(ItemKey::listener(&listener.account_id, &listener.id), &update).await.map(drop)
    }

    /// Ends a listener, if it has not ended already. What waits for it is forgotten by itself.
    pub async fn delete_listener(&self, account: &AccountId, id: &ListenerId) -> Result<(), TableError> {
        self.delete(ItemKey::listener(account, id)).await
    }

    /// Adds an event to those that wait for a listener.
    pub async fn keep_event(&self, listener: &ListenerId, event: &KeptEvent) -> Result<(), TableError> {
        self.put(ItemKey::kept_event(listener, &event.place), event).await
    }

    /// Events that wait for a listener, after the place `after`, written before a time, at most `limit`.
    pub async fn kept_events(
        &self,
        listener: &ListenerId,
        (after, before): (Option<&str>, Timestamp),
        limit: i32,
    ) -> Result<Vec<KeptEvent>, TableError> {
        let (from, to) = (after.map_or_else(|| "0".to_owned(), |after| format!("{after}~")), beginning(before));
        if from > to {
            return Ok(Vec::new());
        }
        let key = |place: &str| ItemKey::kept_event(listener, place);
        let query = self.client.query().table_name(&self.name).limit(limit);
        let query = query.key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to");
        let query = query.expression_attribute_values(":pk", AttributeValue::S(key("").pk));
        let query = query.expression_attribute_values(":from", AttributeValue::S(key(&from).sk));
        let query = query.expression_attribute_values(":to", AttributeValue::S(key(&to).sk));
        let answer = query.send().await.map_err(TableError::unavailable)?;
        Ok(serde_dynamo::from_items(answer.items.unwrap_or_default())?)
    }
}
