//! Failures of one account that are written together: each refund changes the account's ledger, and single transactions
//! would cancel each other and the account's charges.
//!
//! A group commit: while a process writes failures of an account, the next ones wait, and one transaction writes all of
//! them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::aws::{ConditionalWrite, RefusedWrite, TableError, UpdateBuilder};
use crate::ids::{AccountId, MessageId};
use crate::ledger::Ledger;
use crate::message::record::Message;
use crate::message::repository::MessageRepository;
use crate::message::tombstone::read_message;
use crate::mutex::lock;

/// The most failures of one transaction: two writes each and the ledger's, of which DynamoDB takes 100. It takes 4 MB in all: fewer
/// of large messages.
pub const MAX_FAILURES_TOGETHER: usize = 25;
/// The time between two transactions of one account, for its charges.
const PAUSE_BETWEEN_TRANSACTIONS: Duration = Duration::from_millis(50);

/// The result of a failure: written, or refused with the record as it is.
pub type FailureWrite = ConditionalWrite<(), Option<Box<Message>>>;

/// Writes failures with their refunds.
#[derive(Clone, Debug)]
pub struct FailureGroupCommit {
    messages: MessageRepository,
    ledger: Ledger,
    accounts: Arc<Mutex<HashMap<AccountId, Arc<AccountFailures>>>>,
}

/// The failures of one account that this process has to write.
#[derive(Debug, Default)]
struct AccountFailures {
    /// Held by the one that writes.
    writing: tokio::sync::Mutex<()>,
    waiting: Mutex<Vec<Waiting>>,
}

/// A failure that waits to be written.
#[derive(Debug)]
struct Waiting {
    id: MessageId,
    failed: UpdateBuilder,
    written: oneshot::Sender<Result<FailureWrite, TableError>>,
}

impl FailureGroupCommit {
    /// Writes failures of messages in this table, whose credits are in that ledger.
    pub fn new(messages: MessageRepository, ledger: Ledger) -> Self {
        Self { messages, ledger, accounts: Arc::default() }
    }

    /// Writes a failure and refunds the message's credit, together with others of the account.
    pub async fn write(
        &self,
        account: &AccountId,
        id: &MessageId,
        failed: UpdateBuilder,
    ) -> Result<FailureWrite, TableError> {
        let of_account = lock(&self.accounts).entry(account.clone()).or_default().clone();
        let (sender, mut written) = oneshot::channel();
        lock(&of_account.waiting).push(Waiting { id: id.clone(), failed, written: sender });
        let turn = of_account.writing.lock().await;
        let result = loop {
            match written.try_recv() {
                Ok(result) => break result,
                // The one that wrote it was dropped: whether it is written is not known.
                Err(oneshot::error::TryRecvError::Closed) => break Err(TableError::Conflict),
                Err(oneshot::error::TryRecvError::Empty) => {
                    self.write_next(account, &of_account).await;
                    if !lock(&of_account.waiting).is_empty() {
                        tokio::time::sleep(PAUSE_BETWEEN_TRANSACTIONS).await;
                    }
                }
            }
        };
        drop(turn);
        let mut accounts = lock(&self.accounts);
        if Arc::strong_count(&of_account) == 2 {
            accounts.remove(account); // nobody else has it
        }
        result
    }

    /// Writes those that wait longest. How large their records are is not known: what DynamoDB never takes is halved.
    async fn write_next(&self, account: &AccountId, of_account: &AccountFailures) {
        let mut groups = vec![take_next(&mut lock(&of_account.waiting))];
        while let Some(group) = groups.pop() {
            let mut refused = self.write_together(account, group).await;
            let half = refused.split_off(refused.len().div_ceil(2));
            groups.extend([half, refused].into_iter().filter(|group| !group.is_empty()));
        }
    }

    /// Writes failures in one transaction. Returns several that DynamoDB never takes together.
    async fn write_together(&self, account: &AccountId, mut together: Vec<Waiting>) -> Vec<Waiting> {
        while !together.is_empty() {
            let ids: Vec<_> = together.iter().map(|waiting| waiting.id.clone()).collect();
            let failed = together.iter().map(|waiting| waiting.failed.clone());
            let refunds = self.ledger.refund(account, &ids);
            let written = self.messages.update_with_credit(ids.iter().zip(failed), refunds).await;
            match written {
                Ok(ConditionalWrite::Applied(())) => {
                    together.into_iter().for_each(|waiting| waiting.tell(Ok(ConditionalWrite::Applied(()))));
                    break;
                }
                // All that are refused at once: of messages that leave meanwhile these are many.
                Ok(ConditionalWrite::Refused(RefusedWrite { position, item, others })) if position < together.len() => {
                    let others = others.into_iter().filter(|(position, _)| *position < together.len());
                    let refused: Vec<_> = std::iter::once((position, item)).chain(others).collect();
                    for (position, item) in refused.into_iter().rev() {
                        let refused = together.remove(position);
                        refused.tell(read_message(item).map(ConditionalWrite::Refused));
                    }
                }
                // The account has no ledger any more.
                Ok(ConditionalWrite::Refused(_)) => {
                    for waiting in together {
                        let written = self.messages.update(&waiting.id, waiting.failed.clone()).await;
                        waiting.tell(written.map(|written| match written {
                            ConditionalWrite::Applied(_) => ConditionalWrite::Applied(()),
                            ConditionalWrite::Refused(existing) => ConditionalWrite::Refused(existing),
                        }));
                    }
                    break;
                }
                Err(TableError::Invalid(_)) if together.len() > 1 => return together,
                Err(error) => {
                    let again = || TableError::Unavailable(error.to_string());
                    together.into_iter().for_each(|waiting| waiting.tell(Err(again())));
                    break;
                }
            }
        }
        Vec::new()
    }
}

impl Waiting {
    /// The caller may be gone.
    fn tell(self, result: Result<FailureWrite, TableError>) {
        drop(self.written.send(result));
    }
}

/// Takes the next failures, each message once: DynamoDB accepts no transaction that changes an item twice.
fn take_next(waiting: &mut Vec<Waiting>) -> Vec<Waiting> {
    let mut next: Vec<Waiting> = Vec::new();
    let mut rest = Vec::new();
    for failure in waiting.drain(..) {
        let is_taken = next.iter().any(|taken| taken.id == failure.id);
        if next.len() < MAX_FAILURES_TOGETHER && !is_taken { next.push(failure) } else { rest.push(failure) }
    }
    *waiting = rest;
    next
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aws_sdk_dynamodb::types::AttributeValue;
    use futures::future::join_all;

    use super::*;
    use crate::aws::test_database::{Fault, tables};

    /// Records of which DynamoDB takes no more in a transaction.
    const FIT: usize = 2;

    /// Records of messages that are queued or sent.
    async fn put_records(messages: &MessageRepository, count: usize, status: &str) -> Vec<MessageId> {
        let ids: Vec<MessageId> = (0..count).map(|_| MessageId::generate()).collect();
        for id in &ids {
            let put = messages.client.put_item().table_name("Messages").item("id", AttributeValue::S(id.to_string()));
            put.item("status", AttributeValue::S(status.to_owned())).send().await.expect("a record");
        }
        ids
    }

    #[tokio::test]
    async fn failures_that_are_refused_cost_one_transaction_more_however_many_they_are() {
        let transactions = Arc::new(AtomicUsize::new(0));
        let counted = transactions.clone();
        let (accounts, messages) = tables(move |request| {
            counted.fetch_add(usize::from(request.get("TransactItems").is_some()), Ordering::Relaxed);
            None
        })
        .await;
        let (account, ledger) = (AccountId::generate(), Ledger::new(accounts));
        ledger.open(&account, 0).await.expect("a ledger");
        let sent = put_records(&messages, 10, "sent").await;
        let queued = put_records(&messages, 10, "queued").await;
        let failures = FailureGroupCommit::new(messages, ledger.clone());
        let failed = || UpdateBuilder::new().set("status", "failed").when_equal("status", "queued");
        let ids = sent.iter().zip(&queued).flat_map(|(sent, queued)| [sent, queued]);
        let written = join_all(ids.map(|id| failures.write(&account, id, failed()))).await;
        assert_eq!(written.iter().flatten().filter(|written| written.is_applied()).count(), 10);
        assert!(transactions.load(Ordering::Relaxed) <= 3, "one alone, and two with the others: {transactions:?}");
        assert_eq!(ledger.read(&account).await.expect("an answer").map(|ledger| ledger.credits), Some(10));
    }

    #[tokio::test]
    async fn failures_of_messages_too_large_for_one_transaction_are_written_in_several() {
        let refused = Arc::new(AtomicUsize::new(0));
        let counted = refused.clone();
        let (accounts, messages) = tables(move |request| {
            let writes = request.get("TransactItems")?.as_array()?.iter();
            let records = writes.filter(|write| write["Update"]["TableName"] == "Messages").count();
            (records > FIT).then(|| {
                counted.fetch_add(1, Ordering::Relaxed);
                Fault::invalid()
            })
        })
        .await;
        let (account, ledger) = (AccountId::generate(), Ledger::new(accounts));
        ledger.open(&account, 0).await.expect("a ledger");
        let ids = put_records(&messages, 8, "queued").await;
        let failures = FailureGroupCommit::new(messages, ledger.clone());
        let failed = || UpdateBuilder::new().set("status", "failed");
        let written = join_all(ids.iter().map(|id| failures.write(&account, id, failed()))).await;
        assert!(written.iter().flatten().filter(|written| written.is_applied()).count() == 8, "{written:?}");
        assert!(refused.load(Ordering::Relaxed) > 0, "they were written together");
        assert_eq!(ledger.read(&account).await.expect("an answer").map(|ledger| ledger.credits), Some(8));
    }
}
