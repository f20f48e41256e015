//! The memory of `settle` when it looks at the largest batch. On AWS, the function has 256 MB for the batches of 16 instances.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};
use shared::aws::UpdateBuilder;
use shared::aws::conditional_write::update;
use shared::message::State;
use shared::message::batch_row::row_ids;
use tests::process::peak_memory;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::batches::{send, texts, wait_until_complete};

/// The most recipients of a batch, and the most characters of a text: 16 MB.
const RECIPIENTS: u16 = 1000;
const MAX_TEXT: usize = 4096;
/// The recipients of one that is read at once.
const PAGE: u16 = 100;
/// The recipients of a batch of the largest cards: 21 MB.
const CARDS: u16 = 90;
/// How much more memory the largest may take, in kilobytes.
const ROOM: u64 = 6 * 1024;

/// A batch of the longest texts.
fn long_texts(prefix: &str, recipients: u16) -> Value {
    let mut batch = texts(prefix, usize::from(recipients));
    batch["message"] = json!("\u{1f54a}".repeat(MAX_TEXT));
    batch
}

/// A batch of the largest objects that WhatsApp takes.
fn large_cards(prefix: &str) -> Value {
    let mut batch = texts(prefix, usize::from(CARDS));
    let name = json!({ "formatted_name": "x".repeat(240_000), "first_name": "Ana" });
    batch["contacts"] = json!([{ "name": name }]);
    batch.as_object_mut().expect("an object").remove("message");
    batch
}

/// Has a batch accepted, and all of it read. Returns what the batch shows when it is complete.
async fn complete(stack: &TestStack, batch: Value, recipients: u16) -> Value {
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let accepted = send(stack, batch).await;
    let open = stack.accounts.open_batches(account, instance).await.expect("an answer").pop().expect("a batch");
    let (tables, table) = (&stack.stack.clients.dynamodb, &stack.stack.tables["Messages"]);
    let read = UpdateBuilder::new().set("status", State::Read).set("rank", State::Read.rank());
    let rows = stream::iter(row_ids(&open.id, 0..recipients)).map(async |id| {
        let key = HashMap::from([("id".to_owned(), AttributeValue::S(id.to_string()))]);
        update(tables, table, key, &read).await.expect("the table takes it");
    });
    rows.buffer_unordered(20).collect::<Vec<()>>().await;
    stack.accounts.advance_batch(&open, open.recipients, stack.now()).await.expect("an answer");
    wait_until_complete(stack, &accepted).await
}

#[tokio::test]
async fn the_largest_batch_is_completed_in_bounded_memory() {
    let stack = TestStack::start(PROGRAM).await;
    let pids = || stack.stack.functions["settle"].pids().borrow().clone();
    stack.pause_instance(stack.now().plus(Duration::from_secs(7200))).await; // nothing is enqueued
    let mut peaks = Vec::new();
    let small = long_texts("551190000", PAGE);
    let large = [(long_texts("551180000", RECIPIENTS), RECIPIENTS), (large_cards("551170000"), CARDS)];
    for (batch, recipients) in std::iter::once((small, PAGE)).chain(large) {
        let shown = complete(&stack, batch, recipients).await;
        assert_eq!(shown["counts"]["read"], recipients, "{shown}");
        peaks.push(pids().into_iter().map(peak_memory).max().expect("a process"));
    }
    eprintln!("{peaks:?} kB");
    assert!(peaks.iter().all(|peak| *peak < peaks[0] + ROOM), "{peaks:?} kB");
}
