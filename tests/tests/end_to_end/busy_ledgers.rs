//! Promise 8: many accounts, and many failures of one account, delay nobody.

use std::time::Duration;

use serde_json::{Value, json};
use shared::account::Plan;
use shared::ledger::active_ledgers::INACTIVE_AFTER;
use shared::ledger::{ACTIVITY_SHARDS, Ledger};
use shared::message::State;
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::{FAR_AHEAD, TestStack};
use tests::wait::eventually;

use crate::PROGRAM;

const A_MINUTE: Duration = Duration::from_secs(61);
/// Messages that fail together.
const MANY: usize = 40;

/// How often a function has called an operation.
fn calls(proxied: &ProxiedStack, function: &str, operation: &str) -> usize {
    let calls = proxied.dynamodb.calls_by_caller();
    calls.get(&(function.to_owned(), operation.to_owned())).copied().unwrap_or_default()
}

async fn credits(stack: &TestStack) -> i64 {
    stack.ledger(&stack.customer.account_id).await.credits
}

#[tokio::test]
async fn settle_reads_the_ledgers_of_accounts_with_something_open() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    for _ in 0..250 {
        stack.open_account(Plan::Pro, 0).await;
    }
    let settle = &stack.stack.functions["settle"];
    stack.wait_until_idle("settle").await;
    stack.send_text("5511900000001", "hello").await; // or there may be no process
    proxied.dynamodb.reset_counts();
    proxied.break_off(None).await;
    let runs = settle.invocations();
    stack.pass(A_MINUTE);
    let is_settled = || async {
        let left = stack.ledger(&stack.customer.account_id).await.reservations.len();
        (left == 0 && settle.invocations() > runs && settle.concurrent_executions() == 0).then_some(())
    };
    eventually("settle to release the reservation", is_settled).await;
    let (reads, runs) = (calls(&proxied, "settle", "GetItem"), settle.invocations() - runs);
    assert!(reads < runs * 150, "{reads} reads in {runs} runs");
}

#[tokio::test]
async fn a_ledger_is_inspected_until_it_rests() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, ledgers) = (&stack.customer.account_id, Ledger::new(stack.accounts.clone()));
    let is_active = || async {
        let mut active = Vec::new();
        for shard in 0..ACTIVITY_SHARDS {
            active.extend(ledgers.active_accounts(shard).await.expect("the table answers"));
        }
        active.contains(account)
    };
    for _ in 0..2 {
        let id = stack.send_text("5511900000001", "hello").await;
        stack.wait_for_status(&id, "read").await;
        eventually("the ledger to be marked", || async { is_active().await.then_some(()) }).await;
        stack.pass(INACTIVE_AFTER); // its reservation is released
        let is_released = || async { stack.ledger(account).await.reservations.is_empty().then_some(()) };
        eventually("the reservation to be released", is_released).await;
        stack.pass(A_MINUTE);
        eventually("the ledger to rest", || async { (!is_active().await).then_some(()) }).await;
    }
}

#[tokio::test]
async fn failures_that_one_callback_reports_are_refunded_together() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let before = credits(stack).await;
    for number in 0..MANY {
        // The simulator reports nothing about this recipient's messages.
        stack.send_text("15550100012", &number.to_string()).await;
    }
    stack.wait_for_taken(MANY).await;
    stack.wait_until_idle("deliver").await;
    let at = stack.now().secs().to_string();
    let statuses: Vec<Value> = stack
        .whatsapp()
        .ledger()
        .taken()
        .iter()
        .map(|taken| {
            let tag = &taken.message["biz_opaque_callback_data"];
            json!({ "id": taken.wamid, "status": "failed", "timestamp": at, "biz_opaque_callback_data": tag })
        })
        .collect();
    let number = stack.instance().await.number.expect("a number").id;
    let callback = json!({ "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": number }, "statuses": statuses,
    }}]}]});
    proxied.dynamodb.reset_counts();
    assert_eq!(stack.post_callback(&callback.to_string(), None).await, 200);
    assert_eq!(credits(stack).await, before);
    let transactions = calls(&proxied, "receive", "TransactWriteItems");
    assert!(transactions <= MANY / 4, "{transactions} transactions");
}

#[tokio::test]
async fn queued_messages_of_a_number_whose_token_died_are_refunded_together() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let before = credits(stack).await;
    stack.book_ahead(FAR_AHEAD).await;
    let mut queued = Vec::new();
    for number in 0..MANY {
        queued.push(stack.send_text(&format!("55119000000{number:02}"), "offer").await);
    }
    stack.wait_until_returned("BulkQueue.fifo", &queued).await;
    let (status, answer) = stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    proxied.dynamodb.reset_counts();
    stack.pass(FAR_AHEAD + Duration::from_secs(2));
    for id in &queued {
        stack.wait_for_state(id, State::Failed).await;
    }
    assert_eq!(credits(stack).await, before);
    let transactions = calls(&proxied, "deliver", "TransactWriteItems");
    assert!(transactions <= MANY / 2, "{transactions} transactions");
}
