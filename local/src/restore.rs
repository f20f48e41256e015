//! `pombo restore`: puts back into the stack's tables what only restored ones have (docs/operating.md, Restore).
//!
//! What was deleted on purpose since is missing as well, and would come back: keys that were revoked, webhooks, instances.
//! So the accounts are put back only when they are named.
//!
//! A message that was under way at that time may have been sent since. It comes back as failed with `unknown_outcome`,
//! which is told, gives its credit back and lets a late callback correct it: so it is never posted again.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use shared::account_key::ItemKey;
use shared::change::Change;
use shared::clock::{self, Timestamp};
use shared::failure::{Failure, FailureCode};
use shared::ids::AccountId;
use shared::state::{State, Transition};
use shared::{cloud, meter};

type Item = HashMap<String, AttributeValue>;

/// Writes that are under way side by side.
const SIDE_BY_SIDE: usize = 16;
/// What belongs to an attempt or a wait that is over, and what would have a copy told again.
const OF_THE_MOMENT: [&str; 4] = ["ev", "lease", "claim", "bulk"];

/// A table of the stack, and the restored one if its items are to be put back.
#[derive(Clone, Debug)]
pub struct Tables {
    restored: Option<String>,
    live: String,
}

impl FromStr for Tables {
    type Err = std::convert::Infallible;

    /// Reads `LIVE` or `RESTORED=LIVE`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (restored, live) = text.split_once('=').map_or((None, text), |(restored, live)| (Some(restored), live));
        Ok(Self { restored: restored.map(str::to_owned), live: live.to_owned() })
    }
}

/// Puts back what is missing. Says on the way how far it is.
pub async fn restore(accounts: &Tables, messages: &Tables) -> Result<(), String> {
    let client = Client::new(&cloud::config().await);
    // First the accounts: a message's credit goes back to a meter that is there.
    put_back(&client, accounts, |item| Ok(plain(&accounts.live, without_reservations(item), "pk"))).await?;
    put_back(&client, messages, |item| message(accounts, messages, item)).await
}

async fn put_back(
    client: &Client,
    tables: &Tables,
    writes: impl Fn(Item) -> Result<Vec<TransactWriteItem>, String>,
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
        let put = stream::iter(items.into_iter().map(&writes)).map(|writes| async { put(client, writes?).await });
        let done: Vec<bool> = put.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        written += done.into_iter().filter(|done| *done).count();
        eprintln!("{}: {read} read, {written} put back", tables.live);
    }
    Ok(())
}

/// `false` when it is there already.
async fn put(client: &Client, writes: Vec<TransactWriteItem>) -> Result<bool, String> {
    let request = client.transact_write_items().set_transact_items(Some(writes));
    match request.send().await {
        Ok(_) => Ok(true),
        Err(error) if is_there(error.as_service_error()) => Ok(false),
        Err(error) => Err(DisplayErrorContext(error).to_string()),
    }
}

fn is_there(error: Option<&TransactWriteItemsError>) -> bool {
    let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error else {
        return false;
    };
    canceled.cancellation_reasons().first().is_some_and(|reason| reason.code() == Some("ConditionalCheckFailed"))
}

fn plain(table: &str, item: Item, key: &str) -> Vec<TransactWriteItem> {
    let put = Put::builder().table_name(table).set_item(Some(item)).condition_expression("attribute_not_exists(#key)");
    let put = put.expression_attribute_names("#key", key).build().expect("a table and an item");
    vec![TransactWriteItem::builder().put(put).build()]
}

/// Requests of that time have ended: `settle` must not finish them anew.
fn without_reservations(mut item: Item) -> Item {
    let reservation = meter::of_reservation("");
    item.retain(|name, _| !name.starts_with(&reservation));
    item
}

fn message(accounts: &Tables, messages: &Tables, mut item: Item) -> Result<Vec<TransactWriteItem>, String> {
    for attribute in OF_THE_MOMENT {
        item.remove(attribute);
    }
    let Standing { status, account_id } =
        serde_dynamo::from_item(item.clone()).map_err(|error| format!("a message that can't be read: {error}"))?;
    if !matches!(status, State::Queued | State::Sending | State::Unknown | State::Held) {
        return Ok(plain(&messages.live, item, "id"));
    }
    let unconfirmed: Item = serde_dynamo::to_item(Unconfirmed::now()).map_err(|error| error.to_string())?;
    item.extend(unconfirmed);
    let mut writes = plain(&messages.live, item, "id");
    let key = ItemKey { pk: account_id.to_string(), sk: meter::SORT_KEY.to_owned() };
    let credit = Change::new().add("credits", 1).when_present("credits");
    writes.push(TransactWriteItem::builder().update(credit.in_transaction(&accounts.live, key.into())).build());
    Ok(writes)
}

/// What decides about a message.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Standing {
    status: State,
    account_id: AccountId,
}

/// What a message becomes of which nobody knows whether it was sent (see `settle`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Unconfirmed {
    status: State,
    rank: u8,
    failed_at: Timestamp,
    error: Failure,
    ev: Transition,
    refunded: bool,
}

impl Unconfirmed {
    fn now() -> Self {
        let message = "the table was restored; it may have arrived".to_owned();
        Self {
            status: State::Unconfirmed,
            rank: State::Unconfirmed.rank(),
            failed_at: clock::now(),
            error: Failure { code: FailureCode::UnknownOutcome, message, provider_code: None },
            ev: Transition::Failed,
            refunded: true,
        }
    }
}
