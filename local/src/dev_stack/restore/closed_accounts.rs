//! The accounts that were closed since the backup: a restore brings back nothing of theirs (docs/adr/0060).

use std::collections::HashSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};
use shared::aws::{ACCOUNT, FORMER_WEBHOOK, Item, ItemKey, LISTENER};

/// The number of concurrent reads.
const CONCURRENT_READS: usize = 16;
/// The attribute of an account that is closing, or closed.
const CLOSING: &str = "closing";

/// The beginnings of the sort keys of webhooks and listeners, of webhooks that were deleted, and of the operator's.
const HAVE_LISTS: [&str; 3] = ["wh", FORMER_WEBHOOK, "operator"];

/// Accounts that the deployment has closed, or is closing.
#[derive(Default)]
pub struct ClosedAccounts {
    accounts: HashSet<String>,
    /// Their webhooks and listeners at the time of the backup: logs and events are listed under their ids.
    lists: HashSet<String>,
}

impl ClosedAccounts {
    /// Reads which they are in the deployment's table, and what they had in the restored one, if that is to be copied.
    pub async fn read(client: &Client, live: &str, restored: Option<&str>) -> Result<Self, String> {
        let query = client.query().table_name(live).index_name("byKind");
        let query = query.key_condition_expression("kind = :kind");
        let query = query.expression_attribute_values(":kind", AttributeValue::S(ACCOUNT.to_owned()));
        let listed: Vec<Item> = query.into_paginator().items().send().try_collect().await.map_err(of(live))?;
        let read = stream::iter(listed).map(|listed| closed(client, live, listed));
        let accounts: HashSet<String> =
            read.buffer_unordered(CONCURRENT_READS).try_filter_map(|id| async { Ok(id) }).try_collect().await?;
        let mut lists = HashSet::new();
        if let Some(restored) = restored {
            for account in &accounts {
                for prefix in HAVE_LISTS {
                    lists.extend(ids(client, restored, account, prefix).await?);
                }
            }
        }
        Ok(Self { accounts, lists })
    }

    /// Whether an item is of one of them.
    pub fn own(&self, item: &Item) -> bool {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str);
        let partition = text("pk").map(|pk| pk.split_once('#').map_or(pk, |(_, owner)| owner)).unwrap_or_default();
        let account = text("accountId").unwrap_or_default();
        [partition, account].iter().any(|id| self.accounts.contains(*id)) || self.lists.contains(partition)
    }
}

/// The id of a listed account, if it is closed.
async fn closed(client: &Client, table: &str, listed: Item) -> Result<Option<String>, String> {
    let key = ItemKey::from_item(&listed);
    let id = key.pk.clone();
    let request = client.get_item().table_name(table).set_key(Some(key.into())).consistent_read(true);
    let item = request.send().await.map_err(of(table))?.item.unwrap_or_default();
    Ok(item.contains_key(CLOSING).then_some(id))
}

/// The ids under which an account's items of a kind have lists.
async fn ids(client: &Client, table: &str, account: &str, prefix: &str) -> Result<Vec<String>, String> {
    let query = client.query().table_name(table);
    let query = query.key_condition_expression("pk = :pk AND begins_with(sk, :prefix)");
    let query = query.expression_attribute_values(":pk", AttributeValue::S(account.to_owned()));
    let query = query.expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()));
    let items: Vec<Item> = query.into_paginator().items().send().try_collect().await.map_err(of(table))?;
    let id = |item: &Item| {
        let sk = ItemKey::from_item(item).sk;
        let of_key = [FORMER_WEBHOOK, LISTENER].iter().find_map(|prefix| sk.strip_prefix(prefix)).unwrap_or(&sk);
        let own = item.get("id").and_then(|id| id.as_s().ok());
        own.map_or(of_key, String::as_str).to_owned()
    };
    Ok(items.iter().map(id).collect())
}

fn of<E: std::error::Error>(table: &str) -> impl Fn(E) -> String {
    move |error| format!("{table}: {}", DisplayErrorContext(error))
}
