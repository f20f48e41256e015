//! Messages that wait for their slots, written to table and queue as `send` would: through the API, two cores could not
//! accept them faster than they are sent.

use std::time::Duration;

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures::stream::{self, StreamExt};
use shared::clock::Timestamp;
use shared::ids::{InstanceId, MessageId};
use shared::ledger::SendSlots;
use shared::ledger::reservation::new_nonce;
use shared::message::{Content, Draft, Message, QueuedMessage};
use tests::test_stack::TestStack;

/// Between two messages: 64 a second, as a number of 80 has its slots.
pub const SLOT: Duration = Duration::from_micros(15_625);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Batches that are written concurrently.
const SIDE_BY_SIDE: usize = 8;
const QUEUE: &str = "BulkQueue.fifo";

/// Writes messages of an instance, one for each slot, the first at `first`; `begun` is the number of phones used before.
pub async fn put(stack: &TestStack, instance: &InstanceId, first: Timestamp, begun: usize, count: usize) {
    let numbers: Vec<usize> = (0..count).collect();
    let batches = stream::iter(numbers.chunks(10).map(<[usize]>::to_vec)).map(|batch| async move {
        let slot = |number: usize| first.plus(SLOT * u32::try_from(number).expect("a count"));
        let messages: Vec<Message> =
            batch.into_iter().map(|number| message(stack, instance, begun + number, slot(number))).collect();
        for message in &messages {
            stack.messages.insert(message).await.expect("the table takes it");
        }
        let entries: Vec<_> = messages.iter().filter(|message| message.waits.is_none()).map(entry).collect();
        if entries.is_empty() {
            return; // they wait in the table
        }
        let request = stack.stack.clients.sqs.send_message_batch().queue_url(stack.queue_url(QUEUE));
        request.set_entries(Some(entries)).send().await.expect("the queue takes it");
    });
    batches.buffer_unordered(SIDE_BY_SIDE).collect::<()>().await;
}

fn entry(message: &Message) -> SendMessageBatchRequestEntry {
    let Message { id, account_id, instance_id, slot, deadline, conversation, .. } = message.clone();
    let entry = SendMessageBatchRequestEntry::builder().id(id.as_str()).message_deduplication_id(id.as_str());
    let body = QueuedMessage { message_id: id, account_id, instance_id, slot, deadline, nonce: None };
    let entry = entry.message_group_id(conversation).message_body(serde_json::to_string(&body).expect("JSON"));
    entry.build().expect("an entry")
}

fn message(stack: &TestStack, instance: &InstanceId, number: usize, slot: Timestamp) -> Message {
    let draft = Draft {
        account_id: stack.customer.account_id.clone(),
        instance_id: instance.clone(),
        to: format!("55217{number:08}").parse().expect("a number"),
        content: Content::Text { body: "offer".to_owned(), no_preview: false },
        quoted: None,
        metadata: None,
        reference: None,
        body_hash: None,
        slot,
        bulk: Some(SendSlots { rate: 80 }),
        batch_row: None,
        send_at: None,
        is_marketing: false,
        expires_in: DAY,
        retention: DAY,
    };
    Message::queued(draft, MessageId::generate(), new_nonce(), stack.now())
}
