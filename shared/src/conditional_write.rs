//! Conditional writes and what comes of them: done, or refused with the item as it stands.
//!
//! A write that meets a transaction on the same item is tried again here, a moment later: nothing of it was done.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem};

use crate::change::{Change, Item};
use crate::ids;

/// How often a write that met a transaction is tried.
const TRIES: u32 = 8;

/// A table that did not answer, or whose answer could not be read. Whether a write was applied is not known.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// DynamoDB, after the SDK's own attempts.
    #[error("DynamoDB: {0}")]
    Unavailable(String),
    /// An item that is not what we write.
    #[error("an item that can't be read: {0}")]
    Unreadable(#[from] serde_dynamo::Error),
}

impl TableError {
    /// A failure of the SDK with all its causes.
    pub fn unavailable(error: impl std::error::Error) -> Self {
        Self::Unavailable(DisplayErrorContext(error).to_string())
    }
}

/// What became of an update.
#[derive(Debug)]
pub enum Updated {
    /// It was applied; the item as it stands now.
    Done(Item),
    /// A condition did not hold; the item as it stood, if there is one.
    Refused(Option<Item>),
}

/// What became of a transaction.
#[derive(Debug)]
pub enum Transacted {
    /// All of it was applied.
    Done,
    /// Nothing was: the part at this position was refused; its item as it stood, if there is one.
    Refused(usize, Option<Item>),
}

/// Updates one item.
pub async fn update(client: &Client, table: &str, key: Item, change: &Change) -> Result<Updated, TableError> {
    for attempt in 0..TRIES {
        let answer = client
            .update_item()
            .table_name(table)
            .set_key(Some(key.clone()))
            .update_expression(change.update_expression())
            .set_condition_expression(change.condition_expression())
            .set_expression_attribute_names(Some(change.names()))
            .set_expression_attribute_values(change.values())
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let error = match answer {
            Ok(answer) => return Ok(Updated::Done(answer.attributes.unwrap_or_default())),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
                return Ok(Updated::Refused(standing(refusal.item.clone())));
            }
            Some(UpdateItemError::TransactionConflictException(_)) => pause(attempt).await,
            _ => return Err(TableError::unavailable(error)),
        }
    }
    Err(TableError::Unavailable("a transaction on the same item does not end".to_owned()))
}

/// Applies all writes or none. The SDK's own token keeps a repeated call from being applied twice.
pub async fn transact(client: &Client, writes: Vec<TransactWriteItem>) -> Result<Transacted, TableError> {
    for attempt in 0..TRIES {
        let answer = client.transact_write_items().set_transact_items(Some(writes.clone())).send().await;
        let Err(error) = answer else {
            return Ok(Transacted::Done);
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() else {
            return Err(TableError::unavailable(error));
        };
        let reasons = canceled.cancellation_reasons();
        let coded = |code: &str| reasons.iter().position(|reason| reason.code() == Some(code));
        if let Some(position) = coded("ConditionalCheckFailed") {
            return Ok(Transacted::Refused(position, standing(reasons[position].item.clone())));
        }
        if coded("TransactionConflict").or_else(|| coded("ThrottlingError")).is_none() {
            return Err(TableError::unavailable(error));
        }
        pause(attempt).await;
    }
    Err(TableError::Unavailable("a transaction on the same item does not end".to_owned()))
}

fn standing(item: Option<Item>) -> Option<Item> {
    item.filter(|item| !item.is_empty())
}

/// Two milliseconds and twice as many each time, with as much again at random.
async fn pause(attempt: u32) {
    let base = 2 << attempt;
    let jitter = u64::from(ids::random::<1>()[0]) * base / 256;
    tokio::time::sleep(Duration::from_millis(base + jitter)).await;
}
