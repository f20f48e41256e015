//! Events that belong to no stored message and to no change of an instance: each is an item of its own (`event#…`), which
//! the stream of the table brings to `notify`. It is in no account's partition, so that many of them slow down no ledger.

use std::time::Duration;

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::Serialize;

use crate::aws::{AccountsTable, EVENT, Item, ItemKey, TableError, UpdateBuilder};
use crate::clock;
use crate::event::Event;

/// How long an item stays: WhatsApp repeats a callback for seven days, and a repeat must find it.
const KEPT_FOR: Duration = Duration::from_secs(8 * 24 * 60 * 60);

/// An item of the outbox. `ev` lets it through the filter of the stream, as that of messages does.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutboxItem<'a> {
    #[serde(flatten)]
    event: &'a Event,
    ev: &'static str,
    forget_at: i64,
}

impl AccountsTable {
    /// Puts an event into the outbox, from where it is published once. `false` when it is there already.
    pub async fn put_event(&self, event: &Event) -> Result<bool, TableError> {
        Ok(self.update(ItemKey::event(&event.subject), &put(event)?).await?.is_applied())
    }

    /// Puts an event into the outbox in one transaction with what it is about.
    pub fn put_event_in_transaction(&self, event: &Event) -> Result<TransactWriteItem, TableError> {
        Ok(put(event)?.in_transaction(&self.name, ItemKey::event(&event.subject).into()))
    }

    /// An event of the outbox, by its subject.
    pub async fn event(&self, subject: &str) -> Result<Option<Event>, TableError> {
        self.get(ItemKey::event(subject)).await
    }
}

fn put(event: &Event) -> Result<UpdateBuilder, TableError> {
    let item = OutboxItem { event, ev: "outbox", forget_at: clock::now().plus(KEPT_FOR).secs() };
    let item: Item = serde_dynamo::to_item(item)?;
    let put = item.into_iter().fold(UpdateBuilder::new(), |put, (name, value)| put.set_value(&name, value));
    Ok(put.when_absent("pk"))
}

/// Whether the key of an item, as a stream has it, is that of an event of the outbox.
pub fn is_event_key(key: &serde_dynamo::Item) -> bool {
    let partition = key.inner().get("pk");
    matches!(partition, Some(serde_dynamo::AttributeValue::S(pk)) if pk.starts_with(EVENT))
}
