//! Promise 8 in a figure: a number's one-time codes, alone and beside another number's campaign.

use std::time::Duration;

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures::future::join_all;
use serde_json::json;
use shared::clock::Timestamp;
use shared::content::Content;
use shared::delivery_queue::{Delivery, Lane};
use shared::ids::MessageId;
use shared::message::{Draft, Message};
use shared::meter;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tokio::time::interval;

use crate::percentiles::Percentiles;

/// Messages a second of the number that is measured.
const RATE: u64 = 10;

/// When the campaign's first message may leave: by then all of it waits.
const LEAD: Duration = Duration::from_secs(90);
/// Between two of its messages: 64 a second.
const SLOT: Duration = Duration::from_micros(15_625);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Measures both cases in one run and prints them and their ratio.
pub async fn measure(program: &str, waiting: usize, messages: usize) {
    let stack = TestStack::start(program).await;
    let neighbour = stack.neighbour().await;
    let alone = Percentiles::of(queued_to_sent(&stack, &neighbour, messages).await);
    println!("Queued to sent, alone: {alone}");
    fill(&stack, waiting).await;
    let beside = Percentiles::of(queued_to_sent(&stack, &neighbour, messages).await);
    let left = waiting.saturating_sub(stack.whatsapp().ledger().taken().len().saturating_sub(2 * messages));
    println!("Queued to sent, beside a campaign of {waiting} ({left} of it left at the end): {beside}");
    let ratio = beside.at(99).as_secs_f64() / alone.at(99).as_secs_f64();
    println!("p99 beside it / alone: {ratio:.2}; refused for throughput: {}", stack.whatsapp().ledger().throttled());
}

/// Puts a campaign into table and queue as `send` would, one message a slot, the first in `LEAD`: through the API, two
/// cores could not accept it faster than it leaves.
async fn fill(stack: &TestStack, waiting: usize) {
    let first = stack.now().plus(LEAD);
    stack.book_ahead(LEAD + SLOT * u32::try_from(waiting).expect("a count")).await;
    let ids: Vec<usize> = (0..waiting).collect();
    for (done, chunk) in ids.chunks(10).enumerate() {
        let messages: Vec<Message> = chunk.iter().map(|number| message(stack, *number, first)).collect();
        join_all(messages.iter().map(|message| stack.messages.insert(message))).await;
        let entries = messages.iter().map(|message| {
            let Message { id, account_id, instance_id, slot, deadline, .. } = message.clone();
            let body = Delivery { message_id: id.clone(), account_id, instance_id, slot, deadline };
            let entry = SendMessageBatchRequestEntry::builder().id(id.as_str()).message_deduplication_id(id.as_str());
            let entry = entry.message_group_id(&message.chat).message_body(serde_json::to_string(&body).expect("JSON"));
            entry.build().expect("an entry")
        });
        let request = stack.stack.clients.sqs.send_message_batch().queue_url(stack.queue_url("BulkQueue.fifo"));
        request.set_entries(Some(entries.collect())).send().await.expect("the queue takes it");
        eprint!("\r{} of {waiting} waiting", 10 * (done + 1));
    }
    eprintln!();
    tokio::time::sleep(stack.now().until(first)).await; // until the first of them leave
}

fn message(stack: &TestStack, number: usize, first: Timestamp) -> Message {
    let draft = Draft {
        account_id: stack.customer.account_id.clone(),
        instance_id: stack.customer.instance_id.clone(),
        to: format!("55119{number:08}").parse().expect("a number"),
        content: Content::Text { body: "offer".to_owned() },
        quoted: None,
        metadata: None,
        body_hash: None,
        slot: first.plus(SLOT * u32::try_from(number).expect("a count")),
        lane: Lane::Bulk,
        expires_in: DAY,
        retention: DAY,
    };
    Message::queued(draft, MessageId::generate(), meter::new_nonce(), stack.now())
}

/// How long each message took from its acceptance to its `sent`, by its record.
async fn queued_to_sent(stack: &TestStack, key: &str, messages: usize) -> Vec<Duration> {
    let mut ticks = interval(Duration::from_millis(1000 / RATE));
    let mut ids: Vec<MessageId> = Vec::new();
    for number in 0..messages {
        ticks.tick().await;
        let body = json!({ "instanceId": "inst_theirs", "to": format!("55118{number:08}"), "message": "code 1234" });
        let (status, answer) = stack.call_as(key, "POST /v1/messages/send", body).await;
        assert_eq!(status, 202, "{answer}");
        ids.push(answer["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id"));
    }
    let mut taken = Vec::new();
    for id in &ids {
        let record = eventually("it to be sent", || async {
            Some(stack.record(id).await).filter(|record| record.sent_at.is_some())
        });
        let record = record.await;
        taken.push(record.created_at.until(record.sent_at.expect("sent")));
    }
    taken
}
