//! Histories: messages of conversations, with a reference, or that failed, through the table's keys-only indexes. That of an instance
//! has its batches' messages too (`crate::batch::instance_history`).

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures::future::try_join_all;

use crate::aws::{Item, TableError};
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, MessageId};
use crate::ledger::Lane;
use crate::message::failed_index::{FAILED, failed_keys};
use crate::message::history_span::{Entry, Span, ids_of};
use crate::message::record::{Direction, MAX_EXPIRES_IN, Message};
use crate::message::record_keys::history_key;
use crate::message::repository::{MessageRepository, item_key};
use crate::message::state::State;
use crate::message::tombstone::Stored;

/// The most items of one batch read (DynamoDB, BatchGetItem).
pub const MAX_PAGE: usize = 100;
/// Earlier messages of a conversation that are read together.
const EARLIER_PAGE: usize = 5;
/// How much earlier a message may have been accepted than one that left before it: requests run in parallel, and one that
/// broke off is completed by `settle` a minute later.
const OVERTAKEN_WITHIN: Duration = Duration::from_secs(120);
/// Attempts at the items that a batch read left unprocessed.
const BATCH_ATTEMPTS: u32 = 5;

/// Where an earlier message of a conversation is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Earlier {
    /// In the express queue, or being sent from it.
    InExpress,
    /// In the table, until this time.
    InTable(Timestamp),
}

/// Which messages.
#[derive(Debug)]
pub enum History<'a> {
    /// Those with this key of a reference ([`reference_key`](crate::message::record_keys::reference_key)).
    Reference(&'a str),
    /// Those of an account that failed.
    Failed(&'a AccountId),
    /// Those of the conversations with these keys, as one: a person may have been known by several aliases.
    Conversations(&'a [String]),
}

/// Messages of a history.
#[derive(Debug)]
pub struct HistoryPage {
    /// In the span's direction. Those that were erased or have expired are left out, so there may be none.
    pub messages: Vec<Message>,
    /// The key at which the next page begins, if there is one.
    pub next: Option<String>,
}

impl MessageRepository {
    /// The first messages of a span, at most `limit`.
    pub async fn history(&self, history: &History<'_>, span: &Span, limit: usize) -> Result<HistoryPage, TableError> {
        let entries = self.history_entries(history, span, limit + 1).await?;
        self.page_of(entries, limit).await
    }

    /// The page of at most `limit` messages that begins with these entries; one more says that there is a next page.
    pub async fn page_of(&self, entries: Vec<Entry>, limit: usize) -> Result<HistoryPage, TableError> {
        let (ids, next) = ids_of(entries, limit);
        Ok(HistoryPage { messages: self.get_batch(&ids).await?, next })
    }

    /// The first entries of a span: those of several keys are merged by the time of the messages.
    async fn history_entries(
        &self,
        history: &History<'_>,
        span: &Span,
        limit: usize,
    ) -> Result<Vec<Entry>, TableError> {
        let (index, name, keys) = match history {
            History::Reference(key) => ("byReference", "ref", vec![(*key).to_owned()]),
            History::Failed(account) => ("byFailed", FAILED, failed_keys(account).collect()),
            History::Conversations(keys) => ("byChat", "chat", keys.to_vec()),
        };
        let pages = keys.iter().map(|key| self.entries((index, name, key), span, limit));
        Ok(span.first(try_join_all(pages).await?.concat(), limit))
    }

    /// The entries of an instance in the index `byInstance`, in their order: all but the messages of its batches.
    pub async fn indexed_entries(
        &self,
        instance: &InstanceId,
        span: &Span,
        limit: usize,
    ) -> Result<Vec<Entry>, TableError> {
        self.entries(("byInstance", "instanceId", instance.as_str()), span, limit).await
    }

    /// The first entries of one key of an index.
    async fn entries(
        &self,
        (index, name, value): (&str, &str, &str),
        span: &Span,
        limit: usize,
    ) -> Result<Vec<Entry>, TableError> {
        if span.is_empty() {
            return Ok(Vec::new());
        }
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index)
            .key_condition_expression("#key = :key AND #at BETWEEN :from AND :to")
            .expression_attribute_names("#key", name)
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":key", text(value))
            .expression_attribute_values(":from", text(&span.from))
            .expression_attribute_values(":to", text(&span.to))
            .scan_index_forward(span.is_ascending)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let items = request.send().await.map_err(TableError::unavailable)?.items.unwrap_or_default();
        let text = |item: &Item, name: &str| item.get(name)?.as_s().ok().cloned();
        let entry = |item| Some(Entry { key: text(item, "at")?, id: text(item, "id")?.parse().ok()? });
        Ok(items.iter().filter_map(entry).collect())
    }

    /// When the first message of a conversation that is still kept was accepted or received.
    pub async fn first_at(&self, conversation: &str) -> Result<Option<Timestamp>, TableError> {
        let request = self.client.query().table_name(&self.table).index_name("byChat");
        let request = request
            .key_condition_expression("chat = :key")
            .expression_attribute_values(":key", AttributeValue::S(conversation.to_owned()))
            .limit(1);
        let items = request.send().await.map_err(TableError::unavailable)?.items.unwrap_or_default();
        let at = items.first().and_then(|item| item.get("at")?.as_s().ok()?.split('#').next()?.parse().ok());
        Ok(at.map(Timestamp::from_millis))
    }

    /// The records of these messages in their order; erased and expired ones are left out.
    pub async fn get_batch(&self, ids: &[MessageId]) -> Result<Vec<Message>, TableError> {
        self.read_batch(ids, true).await
    }

    /// The same, eventually consistent: at half the price.
    pub async fn get_batch_eventually(&self, ids: &[MessageId]) -> Result<Vec<Message>, TableError> {
        self.read_batch(ids, false).await
    }

    /// What is under these ids, strongly consistent: erased messages too.
    pub async fn get_stored_batch(&self, ids: &[MessageId]) -> Result<Vec<Stored>, TableError> {
        self.read_stored(ids, true).await
    }

    async fn read_batch(&self, ids: &[MessageId], consistent: bool) -> Result<Vec<Message>, TableError> {
        let stored = self.read_stored(ids, consistent).await?.into_iter().filter_map(Stored::message);
        let mut found: HashMap<MessageId, Message> = stored.map(|message| (message.id.clone(), *message)).collect();
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    async fn read_stored(&self, ids: &[MessageId], consistent: bool) -> Result<Vec<Stored>, TableError> {
        let mut found = Vec::new();
        let mut wanted: Vec<_> = ids.iter().map(item_key).collect();
        for _ in 0..BATCH_ATTEMPTS {
            if wanted.is_empty() {
                break;
            }
            let keys = KeysAndAttributes::builder().set_keys(Some(std::mem::take(&mut wanted)));
            let keys = keys.consistent_read(consistent).build().expect("keys are set");
            let request = self.client.batch_get_item().request_items(&self.table, keys);
            let answer = request.send().await.map_err(TableError::unavailable)?;
            for item in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                found.push(Stored::read(item)?);
            }
            wanted.extend(answer.unprocessed_keys.into_iter().flatten().flat_map(|(_, left)| left.keys));
        }
        if !wanted.is_empty() {
            return Err(TableError::Unavailable("a batch read stayed incomplete".to_owned()));
        }
        Ok(found)
    }

    /// The last earlier message of this one's conversation that may still be sent, and is in the table, or in the express
    /// queue while this one is in the bulk queue. Those of its own queue do not count: an earlier one may be behind it.
    pub async fn earlier_elsewhere(&self, message: &Message) -> Result<Option<Earlier>, TableError> {
        let history = History::Conversations(std::slice::from_ref(&message.conversation));
        let (begun, _) = message.place_in_line();
        let mut oldest = begun.minus(MAX_EXPIRES_IN);
        let mut before = history_key(begun, &message.id);
        loop {
            let HistoryPage { messages, next } =
                self.history(&history, &Span::newest_first().behind(&before), EARLIER_PAGE).await?;
            // Those of batches have no order with others.
            for earlier in messages.iter().filter(|earlier| earlier.batch_row.is_none()) {
                if earlier.place_in_line() >= message.place_in_line() {
                    continue; // it comes behind this one, or is this one
                }
                let is_open = matches!(earlier.status, State::Queued | State::Sending);
                if let Some(due) = earlier.waits_until().filter(|_| is_open) {
                    return Ok(Some(Earlier::InTable(due)));
                }
                if is_open && message.lane() == Lane::Bulk && earlier.lane() == Lane::Express {
                    return Ok(Some(Earlier::InExpress));
                }
                if earlier.direction == Direction::Outbound && earlier.provider_id.is_some() {
                    oldest = oldest.max(earlier.created_at.minus(OVERTAKEN_WITHIN));
                }
            }
            match next {
                Some(next) if messages.last().is_none_or(|last| last.created_at > oldest) => before = next,
                _ => return Ok(None),
            }
        }
    }
}
