//! The list of an account's batches, newest first: an item each, whose keys are sorted by time.

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

use crate::aws::item_keys::LISTED_BATCH;
use crate::aws::{AccountsTable, Item, ItemKey, TableError};
use crate::batch::record::Batch;
use crate::ids::{AccountId, BatchId, InstanceId};

/// Items that one call examines at most: those of other instances are left out.
const EXAMINED: i32 = 1000;

/// An entry of the list.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedBatch {
    id: BatchId,
    instance_id: InstanceId,
    forget_at: i64,
}

/// Batches of a list.
#[derive(Debug)]
pub struct BatchPage {
    /// Newest first.
    pub batches: Vec<Batch>,
    /// The key after which the next page begins, if there is one.
    pub next: Option<String>,
    /// Whether the cursor, if there was one, is that of a batch.
    pub is_after_known: bool,
}

impl ListedBatch {
    /// The entry of a batch.
    pub fn new(batch: &Batch) -> Self {
        Self { id: batch.id.clone(), instance_id: batch.instance_id.clone(), forget_at: batch.forget_at }
    }

    /// Its key in the table of accounts.
    pub fn key(&self, batch: &Batch) -> ItemKey {
        ItemKey::listed_batch(&batch.account_id, &batch.list_key())
    }
}

impl AccountsTable {
    /// Whether the list has an entry with this key, strongly consistent: a page may come from where a new entry is not known yet.
    pub async fn lists_batch(&self, account: &AccountId, key: &str) -> Result<bool, TableError> {
        Ok(self.get::<ListedBatch>(ItemKey::listed_batch(account, key)).await?.is_some())
    }

    /// An account's batches, or those of one instance, after the cursor `after`, at most `limit`.
    pub async fn batches(
        &self,
        account: &AccountId,
        instance: Option<&InstanceId>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<BatchPage, TableError> {
        // A key is thirteen digits, a `.` and an id: `~` sorts after all of them.
        let until = format!("{LISTED_BATCH}{}", after.unwrap_or("~"));
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :until")
            .expression_attribute_values(":pk", text(&ItemKey::batch_partition(account)))
            .expression_attribute_values(":first", text(LISTED_BATCH))
            .expression_attribute_values(":until", text(&until))
            .scan_index_forward(false)
            .limit(EXAMINED);
        let answer = query.send().await.map_err(TableError::unavailable)?;
        let has_more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default();
        let key = |item: &Item| ItemKey::from_item(item).sk.trim_start_matches(LISTED_BATCH).to_owned();
        let last_examined = items.last().map(key);
        let is_after_known = after.is_none_or(|after| items.first().map(key).as_deref() == Some(after));
        let mut listed = Vec::new();
        for item in items {
            let key = key(&item);
            let entry: ListedBatch = serde_dynamo::from_item(item)?;
            if after != Some(key.as_str()) && instance.is_none_or(|instance| entry.instance_id == *instance) {
                listed.push((key, entry.id));
            }
        }
        let next = match listed.get(limit) {
            Some(_) => listed.get(limit - 1).map(|(key, _)| key.clone()),
            None => last_examined.filter(|_| has_more),
        };
        let found = try_join_all(listed.iter().take(limit).map(|(_, id)| self.batch(account, id))).await?;
        Ok(BatchPage { batches: found.into_iter().flatten().collect(), next, is_after_known })
    }
}
