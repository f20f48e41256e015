//! Deletions of many items, whatever they are by then: for what nobody writes any more.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};

use crate::aws::conditional_write::TableError;
use crate::aws::update::Item;

/// The most items of one call (DynamoDB, BatchWriteItem).
const MAX_TOGETHER: usize = 25;
/// Attempts at the items that a call left unprocessed, which it does when the table is busy.
const ATTEMPTS: u32 = 6;
/// The wait before the second attempt, doubled with each.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// Deletes the items with these keys, each of which is named once. One that is not there counts as deleted.
pub async fn delete_batch(client: &Client, table: &str, keys: Vec<Item>) -> Result<(), TableError> {
    for keys in keys.chunks(MAX_TOGETHER) {
        let mut requests: Vec<_> = keys.iter().cloned().map(deletion).collect();
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            let call = client.batch_write_item().request_items(table, std::mem::take(&mut requests));
            let answer = call.send().await.map_err(TableError::unavailable)?;
            requests.extend(answer.unprocessed_items.into_iter().flatten().flat_map(|(_, left)| left));
            if requests.is_empty() {
                break;
            }
            if attempt == ATTEMPTS {
                return Err(TableError::Unavailable("a batch of deletions stayed incomplete".to_owned()));
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
    }
    Ok(())
}

fn deletion(key: Item) -> WriteRequest {
    let delete = DeleteRequest::builder().set_key(Some(key)).build().expect("the key is set");
    WriteRequest::builder().delete_request(delete).build()
}
