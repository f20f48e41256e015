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
use crate::message::without_content::Part;

/// The most items of one batch read (DynamoDB, BatchGetItem).
pub const MAX_PAGE: usize = 100;
/// The earlier messages of a conversation that are read first: mostly, one of them ends the search.
const EARLIER_PAGE: usize = 5;
/// Pages of [`MAX_PAGE`] that are read after them.
const MAX_EARLIER_PAGES: usize = 20;
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
        let entries = self.merge_entries(history, span, limit + 1).await?;
        self.page_of(entries, limit).await
    }

    /// The page of at most `limit` messages that begins with these entries; one more says that there is a next page.
    pub async fn page_of(&self, entries: Vec<Entry>, limit: usize) -> Result<HistoryPage, TableError> {
        let (ids, next) = ids_of(entries, limit);
        Ok(HistoryPage { messages: self.get_batch(&ids).await?, next })
    }

    /// The first entries of a span: those of several keys, as of the aliases of a contact, are merged by the time of the messages.
    async fn merge_entries(&self, history: &History<'_>, span: &Span, limit: usize) -> Result<Vec<Entry>, TableError> {
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
        self.read_messages(ids, true, Part::Whole).await
    }

    /// The same, eventually consistent: at half the price.
    pub async fn get_batch_eventually(&self, ids: &[MessageId]) -> Result<Vec<Message>, TableError> {
        self.read_messages(ids, false, Part::Whole).await
    }

    pub(super) async fn read_messages(
        &self,
        ids: &[MessageId],
        consistent: bool,
        part: Part,
    ) -> Result<Vec<Message>, TableError> {
        let stored = self.read_stored(ids, consistent, part).await?.into_iter().filter_map(Stored::message);
        let mut found: HashMap<MessageId, Message> = stored.map(|message| (message.id.clone(), *message)).collect();
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    pub(super) async fn read_stored(
        &self,
        ids: &[MessageId],
        consistent: bool,
        part: Part,
    ) -> Result<Vec<Stored>, TableError> {
        let mut found = Vec::new();
        let mut wanted: Vec<_> = ids.iter().map(item_key).collect();
        for _ in 0..BATCH_ATTEMPTS {
            if wanted.is_empty() {
                break;
            }
            let keys = part.of(KeysAndAttributes::builder()).set_keys(Some(std::mem::take(&mut wanted)));
            let keys = keys.consistent_read(consistent).build().expect("keys are set");
            let request = self.client.batch_get_item().request_items(&self.table, keys);
            let answer = request.send().await.map_err(TableError::unavailable)?;
            for item in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                found.push(part.read(item)?);
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
    ///
    /// None also when it is behind 2,000 others, which a person can write in a day. The search would find as many at every attempt, so
    /// that waiting for its end would hold the message until it expires.
    pub async fn earlier_elsewhere(&self, message: &Message) -> Result<Option<Earlier>, TableError> {
        let history = History::Conversations(std::slice::from_ref(&message.conversation));
        let (begun, _) = message.place_in_line();
        let mut oldest = begun.minus(MAX_EXPIRES_IN);
        let mut before = history_key(begun, &message.id);
        for limit in std::iter::once(EARLIER_PAGE).chain([MAX_PAGE; MAX_EARLIER_PAGES]) {
            let HistoryPage { messages, next } =
                self.history(&history, &Span::newest_first().behind(&before), limit).await?;
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
        tracing::warn!(message_id = %message.id, "message.search_ended");
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};

    use super::*;
    use crate::aws::test_database::tables;
    use crate::message::content::Content;
    use crate::message::record::Draft;
    use crate::message::waiting_place::WaitingPlace;

    /// The most items of one batch write (DynamoDB, BatchWriteItem).
    const MAX_WRITES: usize = 25;

    /// A message of a conversation that was accepted then.
    fn accepted(at: Timestamp) -> Message {
        let draft = Draft {
            account_id: AccountId::generate(),
            instance_id: "inst_a".parse().expect("an id"),
            to: "5511999999999".parse().expect("a number"),
            content: Content::Text { body: "hello".to_owned(), no_preview: false },
            quoted: None,
            metadata: None,
            reference: None,
            body_hash: None,
            slot: at,
            bulk: None,
            batch_row: None,
            send_at: None,
            is_marketing: false,
            expires_in: Duration::from_secs(3600),
            retention: Duration::from_secs(3600),
        };
        Message::queued(draft, MessageId::generate(), "nonce".to_owned(), at)
    }

    /// What is found of a message that waits in the table when the person has written so often since, and in how many queries.
    async fn found_behind(count: i64) -> (Option<Earlier>, usize) {
        let queries = Arc::new(AtomicUsize::new(0));
        let counted = queries.clone();
        let (_, messages) = tables(move |request| {
            counted.fetch_add(usize::from(request.get("KeyConditionExpression").is_some()), Ordering::Relaxed);
            None
        })
        .await;
        let at = |millis| Timestamp::from_millis(1_770_000_000_000 + millis);
        let mut waiting = accepted(at(0));
        let place = WaitingPlace::new(&waiting.conversation, at(60_000), at(0), &waiting.id);
        (waiting.waits, waiting.due) = (Some(place.shard), Some(place.due));
        let written = (1..=count).map(|millis| Message { direction: Direction::Inbound, ..accepted(at(millis)) });
        let records: Vec<Message> = std::iter::once(waiting).chain(written).collect();
        for some in records.chunks(MAX_WRITES) {
            let put = |message: &Message| {
                let put = PutRequest::builder().set_item(Some(message.to_item().expect("an item"))).build();
                WriteRequest::builder().put_request(put.expect("an item")).build()
            };
            let write = messages.client.batch_write_item().request_items("Messages", some.iter().map(put).collect());
            write.send().await.expect("the table takes it");
        }
        let found = messages.earlier_elsewhere(&accepted(at(count + 1))).await.expect("an answer");
        (found, queries.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn an_earlier_message_is_found_behind_many_and_the_search_for_it_ends() {
        let due = Timestamp::from_millis(1_770_000_060_000);
        assert_eq!(found_behind(205).await, (Some(Earlier::InTable(due)), 4));
        assert_eq!(found_behind(2_105).await, (None, 1 + MAX_EARLIER_PAGES));
    }
}
