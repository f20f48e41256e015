//! Sparse indexes: those that have entries only for what is in progress, and mostly none.

use aws_sdk_dynamodb::Client;

use crate::aws::conditional_write::TableError;

/// Whether an index may have entries, for half a read unit (Amazon DynamoDB, Scan: a page of at most 4 KB, eventually consistent).
/// A page that ends before the index does may be empty and says nothing.
pub async fn has_entries(client: &Client, table: &str, index: &str) -> Result<bool, TableError> {
    let page =
        client.scan().table_name(table).index_name(index).limit(1).send().await.map_err(TableError::unavailable)?;
    Ok(!page.items().is_empty() || page.last_evaluated_key().is_some_and(|key| !key.is_empty()))
}
