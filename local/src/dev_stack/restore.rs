//! `local restore`: copies items that only restored tables have into a deployment's tables (docs/operating.md, Restore).
//!
//! This also brings back items that were deleted on purpose since the backup: revoked keys, webhooks, instances. Accounts
//! are therefore copied only when their restored table is named, and nothing of accounts that were closed since.
//!
//! A message that was in progress at the time of the backup may have been sent since, so it must not be posted again. It is
//! restored as failed with `unknown_outcome`: the customer is notified, the credit is refunded unless it was already, and a
//! late callback still corrects the status.

mod closed_accounts;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::ProvideCredentials;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::json;
use shared::aws::{Item, ItemKey, LEDGER, UpdateBuilder, config};
use shared::clock;
use shared::ids::{AccountId, MessageId};
use shared::ledger::credits::{REFUND_NOTED, refund_note};
use shared::ledger::reservation::{OLD_RESERVATION, RESERVATIONS};
use shared::message::large_details::part_key;
use shared::message::received::Received;
use shared::message::tombstone::ERASED;
use shared::message::{Failure, FailureCode, MessageEvent, State, failed_key};

use closed_accounts::ClosedAccounts;

/// The number of concurrent writes.
const CONCURRENT_WRITES: usize = 16;
/// The position of the note of a refund among the writes of a message that was in progress, which is one that was sent: without
/// details beside it.
const REFUND_NOTE: usize = 2;
/// The attribute that only the records of messages have.
const STATUS: &str = "status";
/// Attributes of attempts and waits that have ended, and the one that would publish the message's event again.
const TRANSIENT_ATTRIBUTES: [&str; 6] = ["ev", "lease", "claim", "bulk", "waits", "due"];

/// A table of the deployment, and the restored table from which to copy, if any.
#[derive(Clone, Debug)]
pub struct TablePair {
    restored: Option<String>,
    live: String,
}

impl From<&str> for TablePair {
    /// Parses `LIVE` or `RESTORED=LIVE`.
    fn from(text: &str) -> Self {
        let (restored, live) = text.split_once('=').map_or((None, text), |(restored, live)| (Some(restored), live));
        Self { restored: restored.map(str::to_owned), live: live.to_owned() }
    }
}

/// Copies missing items and prints the progress.
pub async fn restore(accounts: &TablePair, messages: &TablePair) -> Result<(), String> {
    let config = config::load().await;
    check_credentials(&config).await?;
    let client = Client::new(&config);
    let closed = ClosedAccounts::read(&client, &accounts.live, accounts.restored.as_deref()).await?;
    let account_writes = async |item| Ok(put_if_absent(&accounts.live, without_reservations(item), "pk"));
    let message_writes = async |item: Item| {
        if !item.contains_key(STATUS) && !item.contains_key(ERASED) {
            return Ok(Vec::new()); // a part of a message's details, which is copied with the message
        }
        let details = details_writes(&client, messages, &item).await?;
        let mut writes = message_writes(accounts, messages, item)?;
        writes.extend(details);
        Ok(writes)
    };
    // Accounts first, so that the ledger exists to which a message's credit is refunded.
    copy_missing(&client, accounts, &closed, account_writes).await?;
    copy_missing(&client, messages, &closed, message_writes).await
}

/// Without credentials, names the way that works with every profile of the AWS CLI, also those of `aws login`, for which
/// the SDK would need 87 more crates, a second implementation of elliptic curves among them (docs/adr/0003).
async fn check_credentials(config: &SdkConfig) -> Result<(), String> {
    let provider = config.credentials_provider().ok_or("the SDK has no source of credentials")?;
    let found = provider.provide_credentials().await;
    found.map(drop).map_err(|error| {
        let cause = DisplayErrorContext(error);
        let instead = "eval \"$(aws configure export-credentials --format env)\"";
        format!("there are no AWS credentials. Run {instead} with the profile that you use, then this again. {cause}")
    })
}

async fn copy_missing(
    client: &Client,
    tables: &TablePair,
    closed: &ClosedAccounts,
    writes: impl AsyncFn(Item) -> Result<Vec<TransactWriteItem>, String>,
) -> Result<(), String> {
    let Some(restored) = &tables.restored else {
        return Ok(());
    };
    let mut pages = client.scan().table_name(restored).into_paginator().send();
    let (mut read, mut written) = (0, 0);
    while let Some(page) = pages.next().await {
        let items = page.map_err(|error| format!("{restored}: {}", DisplayErrorContext(error)))?.items;
        let items = items.unwrap_or_default();
        read += items.len();
        let items = stream::iter(items.into_iter().filter(|item| !closed.own(item)));
        let writes = items.map(|item| async { write(client, writes(item).await?).await });
        let results: Vec<bool> = writes.buffer_unordered(CONCURRENT_WRITES).try_collect().await?;
        written += results.into_iter().filter(|was_written| *was_written).count();
        eprintln!("{}: {read} read, {written} restored", tables.live);
    }
    Ok(())
}

/// Returns `false` when the item exists already, or there is nothing to write. A message whose credit was refunded since is restored alone.
async fn write(client: &Client, mut writes: Vec<TransactWriteItem>) -> Result<bool, String> {
    if writes.is_empty() {
        return Ok(false);
    }
    loop {
        let request = client.transact_write_items().set_transact_items(Some(writes.clone()));
        let Err(error) = request.send().await else { return Ok(true) };
        match refused_write(error.as_service_error()) {
            Some(0) => return Ok(false),
            Some(REFUND_NOTE) => writes.truncate(1),
            _ => return Err(DisplayErrorContext(error).to_string()),
        }
    }
}

/// The position of the first write whose condition did not hold.
fn refused_write(error: Option<&TransactWriteItemsError>) -> Option<usize> {
    let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error else {
        return None;
    };
    canceled.cancellation_reasons().iter().position(|reason| reason.code() == Some("ConditionalCheckFailed"))
}

fn put_if_absent(table: &str, item: Item, key: &str) -> Vec<TransactWriteItem> {
    let put = Put::builder().table_name(table).set_item(Some(item)).condition_expression("attribute_not_exists(#key)");
    let put = put.expression_attribute_names("#key", key).build().expect("a table and an item");
    vec![TransactWriteItem::builder().put(put).build()]
}

/// Removes reservations: their requests have ended, and `settle` must not complete them again.
fn without_reservations(mut item: Item) -> Item {
    item.retain(|name, _| name != RESERVATIONS && !name.starts_with(OLD_RESERVATION));
    item
}

/// The writes of a received message's details that are beside its record, as they were.
async fn details_writes(client: &Client, messages: &TablePair, item: &Item) -> Result<Vec<TransactWriteItem>, String> {
    let Some(restored) = &messages.restored else { return Ok(Vec::new()) };
    let Details { id, received } =
        serde_dynamo::from_item(item.clone()).map_err(|error| format!("a message is not valid: {error}"))?;
    let mut writes = Vec::new();
    for place in 0..received.and_then(|received| received.details_parts).unwrap_or_default() as usize {
        let request = client.get_item().table_name(restored).set_key(Some(part_key(&id, place)));
        let part = request.send().await.map_err(|error| format!("{restored}: {}", DisplayErrorContext(error)))?.item;
        let put =
            Put::builder().table_name(&messages.live).set_item(Some(part.ok_or("a message has lost its details")?));
        writes.push(TransactWriteItem::builder().put(put.build().expect("a table and an item")).build());
    }
    Ok(writes)
}

fn message_writes(
    accounts: &TablePair,
    messages: &TablePair,
    mut item: Item,
) -> Result<Vec<TransactWriteItem>, String> {
    for attribute in TRANSIENT_ATTRIBUTES {
        item.remove(attribute);
    }
    if item.contains_key(ERASED) {
        return Ok(put_if_absent(&messages.live, item, "id"));
    }
    let RestoredStatus { id, status, account_id } =
        serde_dynamo::from_item(item.clone()).map_err(|error| format!("a message is not valid: {error}"))?;
    if !matches!(status, State::Queued | State::Sending | State::Unknown | State::Held) {
        return Ok(put_if_absent(&messages.live, item, "id"));
    }
    let message = "The table was restored; the message may have arrived.".to_owned();
    // As `settle` leaves a message whose outcome is unknown.
    let unconfirmed = json!({
        "status": State::Unconfirmed,
        "rank": State::Unconfirmed.rank(),
        "failedAt": clock::now(),
        "error": Failure { code: FailureCode::UnknownOutcome, message, provider_code: None },
        "ev": MessageEvent::Failed,
        "refunded": true,
        "failed": failed_key(&account_id, &id),
    });
    let unconfirmed: Item = serde_dynamo::to_item(unconfirmed).map_err(|error| error.to_string())?;
    item.extend(unconfirmed);
    let mut writes = put_if_absent(&messages.live, item, "id");
    let key = ItemKey { pk: account_id.to_string(), sk: LEDGER.to_owned() };
    let credit = UpdateBuilder::new().add("credits", 1).when_present("credits");
    writes.push(credit.in_transaction(&accounts.live, key.into()));
    let note = refund_note(clock::now()).when_absent(REFUND_NOTED);
    writes.push(note.in_transaction(&accounts.live, ItemKey::refund(&account_id, &id).into()));
    Ok(writes)
}

/// The attributes that say what is beside a record.
#[derive(Deserialize)]
struct Details {
    id: MessageId,
    received: Option<Received>,
}

/// The attributes that decide how a message is restored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RestoredStatus {
    id: MessageId,
    status: State,
    account_id: AccountId,
}
