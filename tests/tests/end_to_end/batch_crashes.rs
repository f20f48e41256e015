//! Crashes of `send` after each of its calls for a batch, and of `settle` while it enqueues one, two requests with one key at
//! once, and rows that are lost between table and queue. Promises 1, 2 and 3: each accepted recipient gets one message, and
//! credits are exact.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::aws::{ItemKey, UpdateBuilder};
use shared::ledger::ledger_item::CREDITS;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::FaultAt;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;
use crate::batches::{A_MINUTE, let_settle_run, progress, send, texts, wait_until_complete};
use crate::send_interleavings;

/// The writes of one request, in order: charge, batch, records, acceptance.
const STEPS: [&str; 4] = ["UpdateItem", "UpdateItem", "PutItem", "TransactWriteItems"];
const RECIPIENTS: usize = 3;

/// Has the faults of the n-th call of an operation by `send`.
fn fault_at_nth(proxied: &ProxiedStack, operation: &'static str, nth: usize, fault: Fault) {
    let mut seen = 0;
    proxied.dynamodb.set_faults(move |call, _| {
        if call.caller != "send" || call.operation != operation {
            return Fault::None;
        }
        seen += 1;
        if seen == nth { fault } else { Fault::None }
    });
}

/// Sends a batch, with an Idempotency-Key or without; none when there is no answer.
pub async fn post(proxied: &ProxiedStack, key: Option<&str>) -> Option<(u16, Value)> {
    post_body(proxied, key, &texts("551190000", RECIPIENTS)).await
}

/// Sends a batch; none when there is no answer.
pub async fn post_body(proxied: &ProxiedStack, key: Option<&str>, body: &Value) -> Option<(u16, Value)> {
    let stack = &proxied.stack;
    let request = stack.http.post(format!("{}/v1/messages/batch", stack.stack.addresses.api));
    let request = request.bearer_auth(stack.customer.api_key.expose_secret());
    let request = request.body(body.to_string());
    let request = key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key));
    let answer = request.send().await.ok()?;
    let status = answer.status().as_u16();
    Some((status, serde_json::from_str(&answer.text().await.ok()?).ok()?))
}

/// Each crash: which call of the operation, and what it is.
fn crashes() -> Vec<(&'static str, usize)> {
    let mut crashes = Vec::new();
    for (at, operation) in STEPS.into_iter().enumerate() {
        let nth = STEPS[..at].iter().filter(|before| **before == operation).count() + 1;
        let last = if operation == "PutItem" { RECIPIENTS } else { nth };
        crashes.extend((nth..=last).map(|nth| (operation, nth)));
    }
    crashes
}

#[tokio::test]
async fn a_crash_of_send_at_any_step_charges_exactly_what_is_sent() {
    for (operation, nth) in crashes() {
        let proxied = ProxiedStack::start(PROGRAM).await;
        assert_eq!(proxied.stack.call("POST /v1/messages/send", json!({})).await.0, 400); // notes the key's use
        let before = proxied.stack.ledger(&proxied.stack.customer.account_id).await.credits;
        fault_at_nth(&proxied, operation, nth, Fault::KillAfter);
        let answer = post(&proxied, None).await;
        assert!(answer.is_none_or(|(status, _)| status >= 500), "{operation} {nth}");
        let (taken, credits, reserved) = proxied.at_rest().await;
        assert_eq!((before - credits, reserved), (i64::try_from(taken).expect("few"), 0), "{operation} {nth}");
        if operation == "UpdateItem" {
            assert_eq!(taken, 0, "{operation} {nth}");
        }
    }
}

#[tokio::test]
async fn a_retry_with_the_same_key_after_a_crash_sends_to_each_recipient_once() {
    for (operation, nth) in crashes() {
        let proxied = ProxiedStack::start(PROGRAM).await;
        assert_eq!(proxied.stack.call("POST /v1/messages/send", json!({})).await.0, 400);
        let before = proxied.stack.ledger(&proxied.stack.customer.account_id).await.credits;
        fault_at_nth(&proxied, operation, nth, Fault::KillAfter);
        assert!(post(&proxied, Some("campaign")).await.is_none_or(|(status, _)| status >= 500), "{operation} {nth}");
        proxied.stack.pass(Duration::from_secs(16));
        let accepted = eventually("the retry to be accepted", || async {
            let (status, answer) = post(&proxied, Some("campaign")).await?;
            (status == 202).then_some(answer)
        })
        .await;
        let shown = wait_until_complete(&proxied.stack, &accepted).await;
        let (taken, credits, reserved) = proxied.at_rest().await;
        let of_answer = usize::try_from(accepted["accepted"].as_u64().expect("a number")).expect("few");
        assert_eq!(
            (taken, before - credits, reserved),
            (of_answer, i64::try_from(taken).expect("few"), 0),
            "{operation} {nth} {shown}"
        );
    }
}

#[tokio::test]
async fn a_crash_of_settle_sends_nothing_twice_and_loses_nothing() {
    for operation in ["BatchGetItem", "UpdateItem"] {
        let proxied = ProxiedStack::start(PROGRAM).await;
        let before = proxied.stack.ledger(&proxied.stack.customer.account_id).await.credits;
        let mut killed = 0;
        proxied.dynamodb.set_faults(move |call, _| {
            if call.caller != "settle" || call.operation != operation || killed == 3 {
                return Fault::None;
            }
            killed += 1;
            Fault::KillAfter
        });
        let (status, accepted) = post(&proxied, None).await.expect("an answer");
        assert_eq!(status, 202, "{accepted}");
        wait_until_complete(&proxied.stack, &accepted).await;
        let (taken, credits, reserved) = proxied.at_rest().await;
        assert_eq!((taken, before - credits, reserved), (RECIPIENTS, 3, 0), "{operation}");
    }
}

#[tokio::test]
async fn a_repeat_beside_its_first_request_waits_for_the_credits_that_this_one_took() {
    let proxied = send_interleavings::start().await;
    let stack = &proxied.stack;
    let just_enough = UpdateBuilder::new().set(CREDITS, 3);
    let ledger = ItemKey::ledger(&stack.customer.account_id);
    stack.accounts.update(ledger, &just_enough).await.expect("the table takes it");
    proxied.dynamodb.inject([FaultAt("send", "PutItem", 1, &[Fault::FreezeBefore])]);
    let meanwhile = async {
        proxied.dynamodb.wait_until_frozen().await;
        let (status, refused) = post(&proxied, Some("campaign")).await.expect("an answer");
        proxied.dynamodb.resume();
        assert_eq!((status, &refused["error"]["code"]), (409, &json!("idempotency_in_progress")), "{refused}");
    };
    let (first, ()) = tokio::join!(post(&proxied, Some("campaign")), meanwhile);
    assert_eq!(first.expect("an answer").0, 202);
    assert_eq!(post(&proxied, Some("campaign")).await.expect("an answer").0, 202);
    assert_eq!(proxied.at_rest().await, (RECIPIENTS, 0, 0));
}

#[tokio::test]
async fn rows_that_are_lost_between_table_and_queue_are_enqueued_again() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    // While its number is paused nothing of a batch is enqueued; then all of it is said to be.
    stack.pause_instance(stack.now().plus(Duration::from_secs(600))).await;
    let accepted = send(&stack, texts("551190000", RECIPIENTS)).await;
    let open = stack.accounts.open_batches(account, instance).await.expect("an answer").pop().expect("a batch");
    stack.accounts.advance_batch(&open, open.recipients, stack.now()).await.expect("an answer");
    stack.pause_instance(stack.now()).await;
    for _ in 0..30 {
        if !progress(&stack, &accepted).await["completedAt"].is_null() {
            break;
        }
        let_settle_run(&stack, A_MINUTE).await;
        stack.wait_until_idle("deliver").await;
    }
    let shown = progress(&stack, &accepted).await;
    assert_eq!((&shown["counts"]["failed"], &shown["counts"]["queued"]), (&json!(0), &json!(0)), "{shown}");
    assert_eq!(stack.whatsapp().ledger().taken().len(), RECIPIENTS);
}

#[tokio::test]
async fn a_cancellation_beside_a_run_of_settle_is_finished_by_the_next_run() {
    let stack = TestStack::start(PROGRAM).await;
    let accounts = &stack.accounts;
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let open = async || accounts.open_batches(account, instance).await.expect("an answer").pop().expect("a batch");
    let later = Duration::from_secs(3600);
    stack.pause_instance(stack.now().plus(later)).await;
    for notes_a_look in [true, false] {
        let accepted = send(&stack, texts("551190000", RECIPIENTS)).await;
        let batch = accounts.batch(account, &open().await.id).await.expect("an answer").expect("a batch");
        accounts.advance_batch(&open().await, batch.recipients, stack.now().plus(later)).await.expect("an answer");
        for _ in 0..5 {
            accounts.note_look_at_batch(&open().await, 0, stack.now()).await.expect("an answer");
        }
        let before = open().await;
        // Its messages are still queued, as if the request had broken off.
        assert!(accounts.cancel_batch(&batch, stack.now()).await.expect("an answer"));
        let noted = match notes_a_look {
            true => accounts.note_look_at_batch(&before, 0, stack.now()).await,
            false => accounts.advance_batch(&before, before.next, stack.now().plus(later)).await,
        };
        noted.expect("an answer");
        let_settle_run(&stack, A_MINUTE).await;
        let shown = progress(&stack, &accepted).await;
        assert_eq!((&shown["counts"]["failed"], shown["completedAt"].is_null()), (&json!(3), false), "{shown}");
    }
}
