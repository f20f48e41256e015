//! A batch from the stream of messages or of accounts: publishes the events of each change to the webhooks that subscribe
//! to them, and redacts the delivery logs of messages that were erased.

use std::collections::HashMap;
use std::time::Duration;

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures::future::join_all;
use serde::Deserialize;
use serde::de::Error as _;
use serde_dynamo::Item;
use serde_json::Value;
use shared::aws::sqs_batch::catch_panic;
use shared::aws::{MAX_QUEUE_DELAY, ProcessingError, QueueError, TableError};
use shared::event::Event;
use shared::ids::{AccountId, MessageId};
use shared::instance::{Instance, events as instance_events};
use shared::listener::Subscribers;
use shared::message::tombstone::ERASED;
use shared::message::{Message, Tombstone, events as message_events};
use shared::observability::{Metric, metrics};
use shared::text::truncated;
use shared::webhook::{DeadLetter, LogRedaction, outbox};

use crate::dispatcher::{Dispatcher, UnreadableRecord};
use crate::listened_events;

/// Characters that are kept of the error of a record that is put aside.
const MAX_ERROR: usize = 1024;

/// A batch as Lambda delivers it. Each record is parsed on its own.
#[derive(Debug, Deserialize)]
pub struct StreamBatch {
    /// The records, in the order of the shard.
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct Record {
    dynamodb: Images,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    keys: Item,
    new_image: Option<Item>,
    old_image: Option<Item>,
}

/// What a change of an item asks for.
enum Change {
    /// Publishes these events.
    Events(Vec<Event>),
    /// A message was erased.
    Erasure(MessageId),
}

impl Change {
    fn events(&self) -> &[Event] {
        match self {
            Self::Events(events) => events,
            Self::Erasure(_) => &[],
        }
    }
}

/// Publishes the events of a batch and names the first record that must be delivered again: Lambda continues there. A
/// record that can never be published is put aside, so that it delays no other.
pub async fn publish(dispatcher: &Dispatcher, batch: StreamBatch) -> DynamoDbEventResponse {
    let changes = join_all(batch.records.iter().map(|record| catch_panic(async move { Ok(change(record)?) }))).await;
    let events: Vec<&Event> = changes.iter().flatten().flat_map(Change::events).collect();
    let subscribers = &subscribers(dispatcher, events.iter().copied()).await;
    let listeners = subscribers.values().flatten().flat_map(|found| &found.listeners);
    join_all(listeners.map(|listener| listened_events::keep(dispatcher, listener, &events))).await;
    let published = changes.into_iter().zip(&batch.records).map(|(change, record)| async move {
        let published = match change {
            Ok(Change::Events(events)) => catch_panic(publish_all(dispatcher, &events, subscribers)).await,
            Ok(Change::Erasure(message)) => redact(dispatcher, message).await,
            Err(error) => Err(error),
        };
        match published {
            Err(error) if error.is_permanent() => put_aside(dispatcher, record, &error).await,
            published => published,
        }
    });
    let mut failed = join_all(published).await.into_iter().zip(&batch.records).filter_map(|(published, record)| {
        published.err().map(|error| {
            let sequence = record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default();
            tracing::error!(%error, sequence, "stream_record.publish_failed");
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(sequence.to_owned());
            failure
        })
    });
    let mut response = DynamoDbEventResponse::default();
    response.batch_item_failures.extend(failed.next());
    response
}

fn change(record: &Value) -> Result<Change, TableError> {
    let record = Record::deserialize(record).map_err(serde_dynamo::Error::custom)?;
    let Some(new) = record.dynamodb.new_image else {
        return Ok(Change::Events(Vec::new()));
    };
    if new.inner().contains_key(ERASED) {
        return Ok(Change::Erasure(serde_dynamo::from_item::<_, Tombstone>(new)?.id));
    }
    let old = record.dynamodb.old_image;
    // The table of accounts is the one with a sort key; of its items, the source's filter passes instances, and events of the
    // outbox, which nothing changes.
    if outbox::is_event_key(&record.dynamodb.keys) {
        return Ok(Change::Events(vec![serde_dynamo::from_item(new)?]));
    }
    if record.dynamodb.keys.inner().contains_key("sk") {
        let old: Option<Instance> = old.map(serde_dynamo::from_item).transpose()?;
        let event = instance_events::between(old.as_ref(), &serde_dynamo::from_item(new)?);
        return Ok(Change::Events(event.into_iter().collect()));
    }
    let old = old.map(Message::from_item).transpose()?;
    Ok(Change::Events(message_events::between(old.as_ref(), &Message::from_item(new)?)))
}

/// Has the queue remove what the delivery logs hold of an erased message: now, and once more when the attempts that were in progress
/// have ended and the index shows their rows. Here, thousands of rows would delay the records of others.
async fn redact(dispatcher: &Dispatcher, erased_message: MessageId) -> Result<(), ProcessingError> {
    let redaction = LogRedaction { erased_message, after: None };
    for delay in [Duration::ZERO, MAX_QUEUE_DELAY] {
        dispatcher.queue.enqueue_redaction(&redaction, delay).await?;
    }
    Ok(())
}

type SubscribersByAccount = HashMap<AccountId, Result<Subscribers, TableError>>;

/// Reads each account's webhooks and listeners once a batch, without a cache: a new one gets the very next event.
async fn subscribers(dispatcher: &Dispatcher, events: impl Iterator<Item = &Event>) -> SubscribersByAccount {
    let mut accounts: Vec<_> = events.map(|event| event.account_id.clone()).collect();
    accounts.sort();
    accounts.dedup();
    let queries = accounts.into_iter().map(|account| async {
        let found = dispatcher.accounts.subscribers(&account).await;
        (account, found)
    });
    join_all(queries).await.into_iter().collect()
}

/// Publishes the events of one record in order. One that a webhook can never get does not keep the others from theirs.
async fn publish_all(
    dispatcher: &Dispatcher,
    events: &[Event],
    subscribers: &SubscribersByAccount,
) -> Result<(), ProcessingError> {
    let mut permanent = Ok(());
    for event in events {
        let of_account = match &subscribers[&event.account_id] {
            Ok(found) => &found.webhooks,
            Err(TableError::Unreadable(_)) => {
                return Err(TableError::Unreadable(serde_dynamo::Error::custom("a webhook")).into());
            }
            Err(error) => return enqueue_all(dispatcher, events, error).await.map_err(ProcessingError::from),
        };
        for error in dispatcher.publish_event(event, of_account).await {
            if !error.is_permanent() {
                return Err(error);
            }
            permanent = Err(error);
        }
    }
    permanent
}

/// Enqueues events whose account's webhooks could not be read: its turn in the queue reads them again. An account whose part of the
/// table is overloaded would stop the records of all others here.
async fn enqueue_all(dispatcher: &Dispatcher, events: &[Event], error: &TableError) -> Result<(), QueueError> {
    for event in events {
        tracing::warn!(account_id = %event.account_id, %error, "webhooks.read_failed");
        dispatcher.queue.enqueue_event(event, None).await?;
    }
    Ok(())
}

/// Keeps what identifies a record that can never be published.
async fn put_aside(dispatcher: &Dispatcher, record: &Value, error: &ProcessingError) -> Result<(), ProcessingError> {
    let (keys, sequence_number) = (record["dynamodb"]["Keys"].clone(), record["dynamodb"]["SequenceNumber"].clone());
    metrics::count(Metric::StreamRecordsUnreadable);
    let reason = match error {
        ProcessingError::Table(_) => {
            tracing::error!(%keys, "stream_record.unreadable");
            "The record cannot be read."
        }
        error => {
            tracing::error!(%keys, %error, "stream_record.unpublishable");
            "The events cannot be published: the log `stream_record.unpublishable` says why."
        }
    };
    let (now, forget_at) = dispatcher.dead_letter_times();
    let letter = DeadLetter::change(&keys, reason, now, forget_at);
    let error = truncated(error.to_string(), MAX_ERROR);
    dispatcher.unreadable_records.enqueue(&UnreadableRecord { keys, sequence_number, error }).await?;
    dispatcher.list_dead_letter(&letter).await;
    Ok(())
}
