//! A batch from the stream of messages or of accounts: what each change tells, to every webhook that wants it.

use std::collections::HashMap;

use futures::future::join_all;
use serde::{Deserialize, Serialize};
use serde_dynamo::Item;
use serde_json::Value;
use shared::clock;
use shared::conditional_write::TableError;
use shared::event::Event;
use shared::ids::AccountId;
use shared::instance::Instance;
use shared::message::Message;
use shared::queue::QueueError;
use shared::webhook::Webhook;
use shared::webhook_queue::Retry;
use shared::{instance_events, message_events};

use crate::teller::Teller;

/// A batch as Lambda brings it. Each record is read on its own.
#[derive(Debug, Deserialize)]
pub struct Changes {
    /// The records, in the order of the shard.
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

/// Lambda goes on from the lowest sequence number that is named here.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamBatchResponse {
    batch_item_failures: Vec<StreamFailure>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamFailure {
    item_identifier: String,
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

/// What became of one record.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
enum NotTold {
    Table(#[from] TableError),
    Queue(#[from] QueueError),
}

/// Tells what a batch holds and names the first record that must come again.
pub async fn tell(teller: &Teller, batch: Changes) -> StreamBatchResponse {
    let events: Vec<_> = batch.records.iter().map(events).collect();
    let webhooks = webhooks(teller, events.iter().flatten().flatten()).await;
    let told = events.iter().zip(&batch.records).map(|(events, record)| async {
        match events {
            Ok(events) => tell_all(teller, events, &webhooks).await,
            Err(error) => put_aside(teller, record, error).await,
        }
    });
    let mut failed = join_all(told).await.into_iter().zip(&batch.records).filter_map(|(told, record)| {
        told.err().map(|error| {
            let sequence = record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default();
            tracing::error!(%error, sequence, "change.not_told");
            StreamFailure { item_identifier: sequence.to_owned() }
        })
    });
    StreamBatchResponse { batch_item_failures: failed.next().into_iter().collect() }
}

fn events(record: &Value) -> Result<Vec<Event>, serde_dynamo::Error> {
    let record = Record::deserialize(record).map_err(|error| serde::de::Error::custom(error.to_string()))?;
    let Some(new) = record.dynamodb.new_image else {
        return Ok(Vec::new());
    };
    let old = record.dynamodb.old_image;
    // The table of accounts is the one with a sort key; of what lies in it, its source's filter passes instances alone.
    if record.dynamodb.keys.inner().contains_key("sk") {
        let old: Option<Instance> = old.map(serde_dynamo::from_item).transpose()?;
        return Ok(instance_events::of_change(old.as_ref(), &serde_dynamo::from_item(new)?).into_iter().collect());
    }
    let old: Option<Message> = old.map(serde_dynamo::from_item).transpose()?;
    Ok(message_events::of_change(old.as_ref(), &serde_dynamo::from_item(new)?))
}

type WebhooksByAccount = HashMap<AccountId, Result<Vec<Webhook>, String>>;

/// Asked once a batch and account, and not kept: a new webhook gets the very next event.
async fn webhooks(teller: &Teller, events: impl Iterator<Item = &Event>) -> WebhooksByAccount {
    let mut accounts: Vec<_> = events.map(|event| event.account_id.clone()).collect();
    accounts.sort();
    accounts.dedup();
    let asked = accounts.into_iter().map(|account| async {
        let webhooks = teller.accounts.webhooks(&account).await.map_err(|error| error.to_string());
        (account, webhooks)
    });
    join_all(asked).await.into_iter().collect()
}

/// The events of one record, one after another; the webhooks of each side by side.
async fn tell_all(teller: &Teller, events: &[Event], webhooks: &WebhooksByAccount) -> Result<(), NotTold> {
    for event in events {
        let of_account = match &webhooks[&event.account_id] {
            Ok(webhooks) => webhooks,
            Err(reason) => return Err(TableError::Unavailable(reason.clone()).into()),
        };
        let wanting = of_account.iter().filter(|webhook| webhook.wants(&event.instance_id, event.name));
        let told = join_all(
            wanting.map(|webhook| teller.tell_from_stream(webhook, Retry::first(event, webhook, clock::now()))),
        )
        .await;
        told.into_iter().collect::<Result<(), _>>()?;
    }
    Ok(())
}

async fn put_aside(teller: &Teller, record: &Value, error: &serde_dynamo::Error) -> Result<(), NotTold> {
    #[derive(Serialize)]
    struct Unreadable<'a> {
        keys: &'a Value,
        sequence_number: &'a Value,
        error: String,
    }
    let images = &record["dynamodb"];
    tracing::error!(keys = %images["Keys"], "change.unreadable"); // the error may quote what the record holds
    let (keys, sequence_number) = (&images["Keys"], &images["SequenceNumber"]);
    Ok(teller.dead_letters.put_aside(&Unreadable { keys, sequence_number, error: error.to_string() }).await?)
}
