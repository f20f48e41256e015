//! Conditional writes and their results: applied, or refused with the item that did not meet the condition.
//!
//! A write that conflicts with a transaction on the same item is retried here after a short backoff, as is a transaction for which
//! a table had no capacity: nothing of it was applied.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem};

use crate::aws::update::{Item, UpdateBuilder};
use crate::ids;

/// Attempts at a write that conflicts with a transaction.
const TRANSACTION_ATTEMPTS: u32 = 8;
/// Why a transaction was cancelled that may be applied a moment later: of another one on the same item, or for want of capacity, of
/// a table that has a fixed one and of one that has not (DynamoDB, TransactionCanceledException). The SDK does not repeat it.
const PASSING: [&str; 3] = ["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"];
/// Attempts at a write that is built from what was last seen of an item, before the caller gives up.
const OPTIMISTIC_ATTEMPTS: u32 = 16;

/// A table that did not answer, or an item that could not be read. Whether a write was applied is not known.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// DynamoDB failed, after the SDK's own retries.
    #[error("DynamoDB: {0}")]
    Unavailable(String),
    /// DynamoDB never takes the request as it is: it is too large, or invalid. Nothing was applied.
    #[error("DynamoDB refused the request: {0}")]
    Invalid(String),
    /// An item does not have the form that we write. The cause is not displayed: it may quote the item, which may hold what
    /// no log may.
    #[error("unreadable item")]
    Unreadable(#[from] serde_dynamo::Error),
    /// The item was changed by others again and again between our reads and writes. Nothing was applied.
    #[error("gave up after repeated write conflicts")]
    Conflict,
}

impl TableError {
    /// An SDK error with all its causes.
    pub fn unavailable(error: impl std::error::Error) -> Self {
        Self::Unavailable(DisplayErrorContext(error).to_string())
    }

    /// An SDK error, with all its causes, of a request that would be refused again.
    fn invalid(error: impl std::error::Error) -> Self {
        Self::Invalid(DisplayErrorContext(error).to_string())
    }
}

/// The result of a conditional write.
#[derive(Debug)]
pub enum ConditionalWrite<T, R = Option<T>> {
    /// The write was applied; what it left.
    Applied(T),
    /// A condition did not hold and nothing was written; the existing item, if there was one.
    Refused(R),
}

/// The first write of a transaction whose condition did not hold.
#[derive(Debug)]
pub struct RefusedWrite {
    /// Its position in the transaction, from 0.
    pub position: usize,
    /// The item as it was, if there was one.
    pub item: Option<Item>,
    /// The positions and items of the others, in their order.
    pub others: Vec<(usize, Option<Item>)>,
}

impl<T, R> ConditionalWrite<T, R> {
    /// Whether the write was applied.
    pub const fn is_applied(&self) -> bool {
        matches!(self, Self::Applied(_))
    }
}

/// Updates one item.
pub async fn update(
    client: &Client,
    table: &str,
    key: Item,
    update: &UpdateBuilder,
) -> Result<ConditionalWrite<Item>, TableError> {
    for attempt in 0..TRANSACTION_ATTEMPTS {
        let response = client
            .update_item()
            .table_name(table)
            .set_key(Some(key.clone()))
            .update_expression(update.update_expression())
            .set_condition_expression(update.condition_expression())
            .set_expression_attribute_names(Some(update.names()))
            .set_expression_attribute_values(update.values())
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let error = match response {
            Ok(response) => return Ok(ConditionalWrite::Applied(response.attributes.unwrap_or_default())),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
                return Ok(ConditionalWrite::Refused(non_empty(refusal.item.clone())));
            }
            Some(UpdateItemError::TransactionConflictException(_)) => back_off(attempt).await,
            _ => return Err(TableError::unavailable(error)),
        }
    }
    Err(TableError::Conflict)
}

/// Applies all writes or none. The SDK's client token keeps a retried call from being applied twice.
pub async fn transact(
    client: &Client,
    writes: Vec<TransactWriteItem>,
) -> Result<ConditionalWrite<(), RefusedWrite>, TableError> {
    for attempt in 0..TRANSACTION_ATTEMPTS {
        let response = client.transact_write_items().set_transact_items(Some(writes.clone())).send().await;
        let Err(error) = response else {
            return Ok(ConditionalWrite::Applied(()));
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() else {
            let is_invalid = error.code() == Some("ValidationException");
            return Err(if is_invalid { TableError::invalid(error) } else { TableError::unavailable(error) });
        };
        let reasons = canceled.cancellation_reasons();
        let refused = reasons.iter().enumerate().filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"));
        let mut refused = refused.map(|(position, reason)| (position, non_empty(reason.item.clone())));
        if let Some((position, item)) = refused.next() {
            return Ok(ConditionalWrite::Refused(RefusedWrite { position, item, others: refused.collect() }));
        }
        if !reasons.iter().filter_map(|reason| reason.code()).any(|code| PASSING.contains(&code)) {
            return Err(TableError::invalid(error));
        }
        back_off(attempt).await;
    }
    Err(TableError::Conflict)
}

/// Repeats a write that is built from what was last seen of an item, until it is applied or refused for another reason.
///
/// An attempt that returns `None` was refused because the item had changed; it has seen the item anew, so the next one
/// starts from there. `None` in the end: others changed the item before every attempt.
pub async fn until_applied<T, E, F>(mut attempt: impl FnMut() -> F) -> Result<Option<T>, E>
where
    F: Future<Output = Result<Option<T>, E>>,
{
    for _ in 0..OPTIMISTIC_ATTEMPTS {
        if let Some(applied) = attempt().await? {
            return Ok(Some(applied));
        }
    }
    Ok(None)
}

fn non_empty(item: Option<Item>) -> Option<Item> {
    item.filter(|item| !item.is_empty())
}

/// Two milliseconds, doubled with each attempt, and as much again at random.
async fn back_off(attempt: u32) {
    let base = 2 << attempt;
    let jitter = u64::from(ids::random::<1>()[0]) * base / 256;
    tokio::time::sleep(Duration::from_millis(base + jitter)).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ItemKey;
    use crate::aws::test_database::{Fault, tables};
    use crate::ids::AccountId;

    /// The result of a transaction the first two attempts at which fail so, and how often it was attempted.
    async fn transact_after(fault: Fault) -> (Result<bool, TableError>, usize) {
        let (count, attempts) = std::sync::mpsc::channel();
        let mut left = 2;
        let (accounts, _) = tables(move |request| {
            request.get("TransactItems")?;
            count.send(()).expect("the test counts");
            left -= 1;
            (left >= 0).then(|| fault.clone())
        })
        .await;
        let write = UpdateBuilder::new().set("credits", 1);
        let write = accounts.update_in_transaction(ItemKey::ledger(&AccountId::generate()), &write);
        let written = accounts.transact(vec![write]).await.map(|written| written.is_applied());
        (written, attempts.try_iter().count())
    }

    #[tokio::test]
    async fn a_transaction_that_was_canceled_for_a_moment_is_repeated() {
        for code in PASSING {
            let (written, attempts) = transact_after(Fault::canceled(code)).await;
            assert!(matches!((&written, attempts), (Ok(true), 3)), "{code}: {written:?}, {attempts}");
        }
    }

    #[tokio::test]
    async fn a_transaction_that_dynamodb_never_takes_is_not_repeated() {
        for fault in [Fault::canceled("ValidationError"), Fault::invalid()] {
            let (written, attempts) = transact_after(fault).await;
            assert!(matches!((&written, attempts), (Err(TableError::Invalid(_)), 1)), "{written:?}, {attempts}");
        }
    }
}
