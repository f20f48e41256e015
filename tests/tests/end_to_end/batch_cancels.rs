//! Cancelling batches occupies a function that all accounts share.

use std::time::Duration;

use serde_json::{Value, json};
use shared::account::{ConcurrencyLimit, Operation};
use shared::aws::{ItemKey, UpdateBuilder};
use shared::ledger::ledger_item::backlog_attribute;
use shared::ledger::rate_limit::micros;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::batches::{A_MINUTE, let_settle_run, send, texts};

#[tokio::test]
async fn what_an_account_cancels_beyond_two_batches_at_once_is_left_to_settle() {
    let stack = TestStack::start(PROGRAM).await;
    let account = &stack.customer.account_id;
    let before = stack.ledger(account).await.credits;
    let limit = ConcurrencyLimit { kind: "cancels", max: 2, lease: Duration::from_secs(3600) };
    for subject in ["batch_one", "batch_two"] {
        let operation = Operation { account, subject, id: "req_other" };
        limit.acquire(&stack.accounts, operation).await.expect("the table answers");
    }
    stack.pause_instance(stack.now().plus(Duration::from_secs(600))).await;
    let accepted = send(&stack, texts("551190000", 20)).await;
    let path = format!("/v1/batches/{}", accepted["batchId"].as_str().expect("an id"));
    let (status, canceled) = stack.call(&format!("DELETE {path}"), Value::Null).await;
    assert_eq!((status, &canceled["data"]["status"]), (200, &json!("canceled")), "{canceled}");
    assert_eq!(canceled["data"]["counts"]["queued"], 20, "not here");
    let_settle_run(&stack, A_MINUTE).await;
    let (_, shown) = stack.call(&format!("GET {path}"), Value::Null).await;
    assert_eq!(shown["data"]["counts"]["failed"], 20, "{shown}");
    assert_eq!((stack.ledger(account).await.credits, stack.whatsapp().ledger().asked()), (before, 0));
}

#[tokio::test]
async fn what_settle_cancels_gives_its_room_back() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let slow = UpdateBuilder::new().set("number.rate", 5); // so that the room is longer than the minute that passes
    stack.accounts.update(ItemKey::instance(account, instance), &slow).await.expect("the table takes it");
    stack.pause_instance(stack.now().plus(Duration::from_secs(3600))).await;
    let accepted = send(&stack, texts("551190000", 600)).await;
    let booked = async || stack.ledger(account).await.arrival(&backlog_attribute(instance));
    let is_ahead = async || booked().await > micros(stack.now());
    assert!(is_ahead().await);
    let id = accepted["batchId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let batch = stack.accounts.batch(account, &id).await.expect("an answer").expect("a batch");
    // As if the request had broken off here.
    assert!(stack.accounts.cancel_batch(&batch, stack.now()).await.expect("an answer"));
    let_settle_run(&stack, A_MINUTE).await;
    assert!(!is_ahead().await, "{}", booked().await - micros(stack.now()));
}
