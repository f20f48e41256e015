//! The history of an instance that sends in batches: no index lists their messages.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::batch::{Batch, BatchState, Opened, Rejections};
use shared::clock::Timestamp;
use shared::ids::{BatchId, MessageId};
use shared::message::record_keys::history_key;
use shared::message::{BatchRow, Message};
use tests::test_stack::TestStack;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::batches::{self, texts};
use crate::webhook_replay::replay;

const HISTORY: &str = "GET /v1/messages?instanceId=inst_abc123";
/// In the demo's data.
const RECEIVED: &str = "msg_original123";

/// The ids of the messages of a batch that was accepted.
fn of_batch(accepted: &Value) -> Vec<String> {
    let messages = accepted["messages"].as_array().expect("a list").iter();
    messages.map(|message| message["messageId"].as_str().expect("an id").to_owned()).collect()
}

/// Messages of their own and of batches, one after the other: their ids. Two batches are requested at about the same time.
async fn send_all(stack: &TestStack) -> BTreeSet<String> {
    let single = async || BTreeSet::from([stack.send_text("5511900000001", "hello").await.to_string()]);
    let mut sent = single().await;
    stack.pass(Duration::from_secs(1));
    let mut odd = texts("551191000", 5);
    odd["recipients"][2] = json!({ "to": "+55" });
    sent.extend(of_batch(&batches::send(stack, odd).await));
    stack.pass(Duration::from_secs(1));
    sent.extend(single().await);
    let both = tokio::join!(batches::send(stack, texts("551192000", 4)), batches::send(stack, texts("551193000", 3)));
    sent.extend(of_batch(&both.0).into_iter().chain(of_batch(&both.1)));
    sent.extend(single().await);
    assert_eq!(sent.len(), 14);
    sent
}

/// The rows of all pages, as a reader sees them who goes on where the last page ended.
async fn read(stack: &TestStack, limit: usize, (direction, mut at): (&str, String)) -> Vec<Value> {
    let mut rows = Vec::new();
    loop {
        let cursor = if at.is_empty() { at } else { format!("&{direction}={at}") };
        let (status, mut page) = stack.call(&format!("{HISTORY}&limit={limit}{cursor}"), Value::Null).await;
        assert_eq!(status, 200, "{page}");
        let Value::Array(mut of_page) = page["data"].take() else { panic!("no rows: {page}") };
        if direction == "after" {
            of_page.reverse(); // a page is newest first, also one of newer messages
        }
        assert!(of_page.len() <= limit);
        rows.extend(of_page);
        match page["pagination"]["nextCursor"].as_str() {
            Some(next) => at = next.to_owned(),
            None => return rows,
        }
    }
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["messageId"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn an_instances_history_shows_the_messages_of_batches_among_the_others() {
    let stack = TestStack::start(PROGRAM).await;
    let sent = send_all(&stack).await;
    let all = read(&stack, 100, ("before", String::new())).await;
    let mut newest_first = ids(&all);
    assert_eq!(newest_first.pop().as_deref(), Some(RECEIVED));
    assert_eq!(newest_first.iter().cloned().collect::<BTreeSet<_>>(), sent);
    let places: Vec<_> = all.iter().map(|row| row["sequence"].as_str().expect("a text")).collect();
    assert!(places.is_sorted_by(|one, next| one > next), "{places:?}");
    for limit in [1, 2, 3, 6] {
        let pages = read(&stack, limit, ("before", String::new())).await;
        assert_eq!(ids(&pages), ids(&all), "{limit} a page");
        let mut pages = ids(&read(&stack, limit, ("after", RECEIVED.to_owned())).await);
        pages.reverse();
        assert_eq!(pages, newest_first, "{limit} a page, oldest first");
    }

    let index = stack.stack.clients.dynamodb.query().table_name(&stack.stack.tables["Messages"]);
    let index = index.index_name("byInstance").key_condition_expression("instanceId = :instance");
    let index = index.expression_attribute_values(":instance", AttributeValue::S("inst_abc123".to_owned()));
    let listed = index.send().await.expect("the table answers").count();
    assert_eq!(listed, 4, "a batch's message writes nothing to the index");
}

#[tokio::test]
async fn statistics_and_replays_of_a_period_have_the_messages_of_batches() {
    let stack = TestStack::start(PROGRAM).await;
    let since = stack.now();
    let sent = send_all(&stack).await;
    for id in &sent {
        let id: MessageId = id.parse().expect("an id");
        stack.wait_for_status(&id, "read").await;
    }
    let (status, statistics) = stack.call("GET /v1/statistics?instanceId=inst_abc123", Value::Null).await;
    assert_eq!(status, 200, "{statistics}");
    let cells = statistics["data"]["total"]["messages"].as_array().expect("cells").iter();
    let read: u64 =
        cells.filter(|cell| cell["status"] == "read").map(|cell| cell["count"].as_u64().expect("a count")).sum();
    assert_eq!(read, 14, "{statistics}");

    stack.wait_until_idle("notify").await;
    let receiver = WebhookReceiver::start().await;
    let path = stack.webhook_for(&receiver, &["message.read"]).await;
    let done = replay(&stack, &path, since, stack.now()).await;
    assert_eq!(done["events"], 14, "{done}");
    let calls = receiver.wait_for_calls(14).await;
    assert_eq!(calls.iter().map(|call| call.message_id().to_owned()).collect::<BTreeSet<_>>(), sent);
}

#[tokio::test]
async fn batches_of_one_moment_are_merged_on_every_page() {
    let stack = TestStack::start(PROGRAM).await;
    let first = stack.send_text("5511900000001", "hello").await;
    stack.wait_for_status(&first, "read").await;
    stack.pass(Duration::from_secs(1));
    let (template, now) = (stack.record(&first).await, stack.now());
    let mut sent = BTreeSet::new();
    for _ in 0..3 {
        let batch = batch_of(&template, now);
        assert!(stack.accounts.begin_batch(&batch).await.expect("the table takes it").is_applied());
        for (row, id) in (0..).zip(batch.message_ids()) {
            let batch_row = Some(BatchRow { batch: batch.id.clone(), row });
            let history_key = history_key(now, &id);
            sent.insert(id.to_string());
            let message = Message { id, batch_row, history_key, created_at: now, publishes: None, ..template.clone() };
            assert!(stack.messages.insert(&message).await.expect("the table takes it").is_applied());
        }
        assert!(matches!(stack.accounts.accept_batch(&batch).await, Ok(Opened::Accepted)));
    }
    let mut expected: Vec<_> = sent.into_iter().rev().collect();
    expected.push(first.to_string());
    for limit in [1, 2, 4, 100] {
        let mut pages = ids(&read(&stack, limit, ("before", String::new())).await);
        assert_eq!(pages.pop().as_deref(), Some(RECEIVED));
        assert_eq!(pages, expected, "{limit} a page");
    }
}

#[tokio::test]
async fn a_list_ends_also_where_the_messages_of_batches_are_gone() {
    const EXAMINED: usize = 1000;
    let stack = TestStack::start(PROGRAM).await;
    let first = stack.send_text("5511900000001", "hello").await;
    stack.wait_for_status(&first, "read").await;
    stack.pass(Duration::from_secs(1));
    let template = stack.record(&first).await;
    for count in 1..=2 {
        let batch = Batch { recipients: 1000, ..batch_of(&template, stack.now().plus(Duration::from_secs(count))) };
        assert!(stack.accounts.begin_batch(&batch).await.expect("the table takes it").is_applied());
        assert!(matches!(stack.accounts.accept_batch(&batch).await, Ok(Opened::Accepted)));
    }
    let (status, page) = stack.call(&format!("{HISTORY}&limit=1"), Value::Null).await;
    assert_eq!((status, &page["data"], &page["pagination"]["hasMore"]), (200, &json!([]), &json!(true)), "{page}");
    let cursor = page["pagination"]["nextCursor"].as_str().expect("a cursor");
    assert!(cursor.parse::<MessageId>().is_err(), "{cursor} names no message: none of {EXAMINED} is left");
    let pages = read(&stack, 1, ("before", String::new())).await;
    assert_eq!(ids(&pages), [first.as_str(), RECEIVED]);
}

/// A batch of three, requested at this time by whoever sent the message.
fn batch_of(message: &Message, now: Timestamp) -> Batch {
    Batch {
        id: BatchId::generate(),
        account_id: message.account_id.clone(),
        instance_id: message.instance_id.clone(),
        recipients: 3,
        accepted: 3,
        rejections: Rejections::default(),
        state: BatchState::Recording,
        nonce: "nonce".to_owned(),
        body_hash: None,
        created_at: now,
        recording_since: now,
        send_at: None,
        deadline: message.deadline,
        canceled_at: None,
        completed_at: None,
        forget_at: message.expires_at,
    }
}
