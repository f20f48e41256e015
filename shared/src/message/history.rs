//! Histories: the messages of an instance or of one conversation, through the table's keys-only indexes.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures::future::try_join_all;

use crate::aws::{Item, TableError};
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, MessageId};
use crate::ledger::Lane;
use crate::message::failed_index::{FAILED, failed_keys};
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
    /// Those of an instance.
    Instance(&'a InstanceId),
    /// Those with this key of a reference ([`reference_key`](crate::message::record_keys::reference_key)).
    Reference(&'a str),
    /// Those of an account that failed.
    Failed(&'a AccountId),
    /// Those of the conversations with these keys, as one: a person may have been known by several aliases.
    Conversations(&'a [String]),
}

/// Which page of a history. Pages stay stable while new messages arrive, since a cursor is the key of a message in the index,
/// or the beginning of one, and not an offset.
#[derive(Clone, Copy, Debug)]
pub enum Page<'a> {
    /// The newest messages, newest first.
    Newest,
    /// The newest messages whose keys are smaller, newest first.
    Before(&'a str),
    /// The oldest messages whose keys are greater, oldest first.
    After(&'a str),
}

/// Messages of a history.
#[derive(Debug)]
pub struct HistoryPage {
    /// In the page's direction. Those that were erased or have expired are left out, so there may be none.
    pub messages: Vec<Message>,
    /// The key at which the next page begins, if there is one.
    pub next: Option<String>,
}

impl MessageRepository {
    /// A page of at most `limit` messages.
    pub async fn history(
        &self,
        history: &History<'_>,
        page: Page<'_>,
        limit: usize,
    ) -> Result<HistoryPage, TableError> {
        let mut entries = self.history_entries(history, page, limit + 1).await?;
        let has_more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| has_more).map(|(key, _)| key.clone());
        let ids: Vec<MessageId> = entries.iter().filter_map(|(_, id)| id.parse().ok()).collect();
        Ok(HistoryPage { messages: self.get_batch(&ids).await?, next })
    }

    /// The entries of a page in its direction: those of several keys are merged by the time of the messages.
    async fn history_entries(
        &self,
        history: &History<'_>,
        page: Page<'_>,
        limit: usize,
    ) -> Result<Vec<(String, String)>, TableError> {
        let mut entries = match history {
            History::Instance(instance) => {
                self.entries(("byInstance", "instanceId", instance.as_str()), page, limit).await?
            }
            History::Reference(key) => self.entries(("byReference", "ref", key), page, limit).await?,
            History::Failed(account) => {
                let keys: Vec<String> = failed_keys(account).collect();
                self.entries_of_all(("byFailed", FAILED, &keys), page, limit).await?
            }
            History::Conversations(keys) => self.entries_of_all(("byChat", "chat", keys), page, limit).await?,
        };
        entries.sort_unstable_by(|one, other| match page {
            Page::After(_) => one.cmp(other),
            Page::Newest | Page::Before(_) => other.cmp(one),
        });
        entries.truncate(limit);
        Ok(entries)
    }

    /// The entries of several keys of an index, each in its order.
    async fn entries_of_all(
        &self,
        (index, name, values): (&str, &str, &[String]),
        page: Page<'_>,
        limit: usize,
    ) -> Result<Vec<(String, String)>, TableError> {
        let pages = values.iter().map(|value| self.entries((index, name, value), page, limit));
        Ok(try_join_all(pages).await?.into_iter().flatten().collect())
    }

    /// The entries of one key of an index: their sort keys and the messages' ids.
    async fn entries(
        &self,
        (index, name, value): (&str, &str, &str),
        page: Page<'_>,
        limit: usize,
    ) -> Result<Vec<(String, String)>, TableError> {
        let (condition, cursor) = match page {
            Page::Newest => ("#key = :key", None),
            Page::Before(key) => ("#key = :key AND #at < :at", Some(key)),
            Page::After(key) => ("#key = :key AND #at > :at", Some(key)),
        };
        let mut request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index)
            .key_condition_expression(condition)
            .expression_attribute_names("#key", name)
            .expression_attribute_values(":key", AttributeValue::S(value.to_owned()))
            .scan_index_forward(matches!(page, Page::After(_)))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        if let Some(at) = cursor {
            let at = AttributeValue::S(at.to_owned());
            request = request.expression_attribute_names("#at", "at").expression_attribute_values(":at", at);
        }
        let items = request.send().await.map_err(TableError::unavailable)?.items.unwrap_or_default();
        let text = |item: &Item, name: &str| item.get(name)?.as_s().ok().cloned();
        Ok(items.iter().filter_map(|item| Some((text(item, "at")?, text(item, "id")?))).collect())
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
            let HistoryPage { messages, next } = self.history(&history, Page::Before(&before), EARLIER_PAGE).await?;
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

    /// An instance's messages that were accepted or received between two times, oldest first, after the cursor `after`, at
    /// most `limit`; and the cursor of the next page, if there is one.
    pub async fn in_period(
        &self,
        instance: &InstanceId,
        (since, until): (Timestamp, Timestamp),
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Message>, Option<String>), TableError> {
        let (ids, next) = self.ids_in_period(instance, (since, until), after, limit).await?;
        Ok((self.get_batch(&ids).await?, next))
    }

    /// The ids of the same messages.
    pub async fn ids_in_period(
        &self,
        instance: &InstanceId,
        (since, until): (Timestamp, Timestamp),
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<MessageId>, Option<String>), TableError> {
        // A cursor is thirteen digits, a `#` and an id: `~` sorts after every id, and `$` after `#`.
        let from = after.map_or_else(|| format!("{:013}", since.millis()), |cursor| format!("{cursor}~"));
        let to = format!("{:013}$", until.millis());
        if from > to {
            return Ok((Vec::new(), None));
        }
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("byInstance")
            .key_condition_expression("instanceId = :instance AND #at BETWEEN :from AND :to")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":instance", AttributeValue::S(instance.to_string()))
            .expression_attribute_values(":from", AttributeValue::S(from))
            .expression_attribute_values(":to", AttributeValue::S(to))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let answer = request.send().await.map_err(TableError::unavailable)?;
        let has_more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default();
        let last = items.last().and_then(|item| item.get("at")?.as_s().ok().cloned());
        let ids = items.iter().filter_map(|item| item.get("id")?.as_s().ok()?.parse().ok()).collect();
        Ok((ids, last.filter(|_| has_more)))
    }
}
