//! What may happen while a condition of the account stops a number: messages are cancelled, expire and are sent with exact
//! credits, whatever breaks off meanwhile.

use std::time::Duration;

use local::dev_stack::seed::BUSINESS;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::instance::{PAUSE_SEEN, Pause};
use shared::message::State;
use shared::whatsapp::PauseReason;
use tests::fault::Fault;
use tests::process;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{EVERY_ATTEMPT, FaultAt};
use tests::test_stack::{TestStack, UNTIL_REDELIVERY, UNTIL_SETTLED};
use tests::wait::eventually;

use crate::PROGRAM;
use crate::account_callbacks::callback;
use crate::account_conditions::{PAUSE, UNPAID_ONCE, UNTIL_SEEN, pass_and_feed, report, shown, text};
use crate::callbacks::{Callbacks, TAKES_AND_HANGS};

const EXPRESS: &str = "ExpressQueue.fifo";
const FRIEND: &str = "5511999999999";
/// The simulator accepts this recipient's messages and reports nothing of them.
const NEVER_REPORTED: &str = "15550100012";
/// Longer than a step in which messages wait for the end of a condition.
const STEP: Duration = Duration::from_secs(3601);

/// A request to send a text to a friend with an Idempotency-Key: the status, and the message's id or the error's code.
async fn post_with_key(stack: &TestStack, key: &str) -> (u16, String) {
    let request = stack.http.post(format!("{}/v1/messages/send", stack.stack.addresses.api));
    let request = request.bearer_auth(stack.customer.api_key.expose_secret()).header("Idempotency-Key", key);
    let response = request.body(text(FRIEND).to_string()).send().await.expect("an answer");
    let status = response.status().as_u16();
    let answer: Value = serde_json::from_str(&response.text().await.expect("a body")).expect("JSON");
    let words = answer["messageId"].as_str().or_else(|| answer["error"]["code"].as_str()).expect("an id or a code");
    (status, words.to_owned())
}

async fn ban(stack: &TestStack, state: &str) {
    let value = json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": state } });
    report(stack, stack.now().secs(), value).await;
}

async fn credits(stack: &TestStack) -> i64 {
    stack.ledger(&stack.customer.account_id).await.credits
}

/// A stack whose `deliver` knows the instance from a first message, and the credits before that one.
async fn start_with_known_instance() -> (ProxiedStack, i64) {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let before = credits(&proxied.stack).await;
    let first = proxied.stack.send_text(FRIEND, "the first").await;
    proxied.stack.wait_for_status(&first, "read").await;
    proxied.stack.wait_until_idle("deliver").await;
    (proxied, before)
}

#[tokio::test]
async fn what_waits_for_an_account_is_canceled_or_expires_or_is_sent_and_credits_are_exact() {
    let stack = TestStack::start(PROGRAM).await;
    let neighbour = stack.neighbour().await;
    let before = credits(&stack).await;
    stack.pause_instance(stack.now().plus(Duration::from_secs(60))).await;
    let (waits, canceled) = (stack.send(text("5511900000001")).await, stack.send(text("5511900000002")).await);
    let mut short = text("5511900000003");
    short["expiresIn"] = json!(600);
    let expires = stack.send(short).await;
    let (status, early) = post_with_key(&stack, "early").await;
    assert_eq!(status, 202);
    stack.wait_until_returned(EXPRESS, [&waits, &canceled, &expires]).await;
    ban(&stack, "DISABLE").await;
    stack.pass(UNTIL_SEEN);
    assert_eq!(post_with_key(&stack, "late").await, (409, "instance_paused".to_owned()));
    assert_eq!(post_with_key(&stack, "early").await, (202, early), "a repeat is no new message");
    stack.neighbour_sends(&neighbour, "5511911111111").await;
    let (status, answer) = stack.call(&format!("DELETE /v1/messages/{canceled}"), Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    stack.pass(Duration::from_secs(601));
    assert_eq!(stack.wait_for_status(&expires, "failed").await["error"]["code"], "expired");
    assert_eq!(stack.whatsapp().ledger().asked(), 1, "the neighbour's");
    ban(&stack, "REINSTATE").await;
    stack.pass(UNTIL_SEEN);
    let (status, late) = post_with_key(&stack, "late").await;
    assert_eq!(status, 202);
    let repeated = || async { (post_with_key(&stack, "late").await == (202, late.clone())).then_some(()) };
    eventually("the repeat to be answered as the first one", repeated).await;
    pass_and_feed(&stack, STEP).await;
    stack.wait_for_status(&waits, "read").await;
    stack.wait_for_status(&late.parse().expect("an id"), "read").await;
    assert_eq!(credits(&stack).await, before - 3);
    assert_eq!(stack.whatsapp().ledger().taken().len(), 4);
}

#[tokio::test]
async fn the_end_of_a_ban_that_is_repeated_beside_its_begin_ends_it() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    stack.pass(Duration::from_secs(10));
    let (now, ban) =
        (stack.now().secs(), |state| json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": state } }));
    // The process with the end has read the instance before the ban, and writes after it.
    proxied.dynamodb.inject([FaultAt("receive", "UpdateItem", 1, &[Fault::FreezeBefore])]);
    let begin = async {
        proxied.dynamodb.wait_until_frozen().await;
        report(stack, now - 5, ban("DISABLE")).await;
        assert!(shown(stack).await["pauseReason"].is_string());
        proxied.dynamodb.resume();
    };
    futures::join!(report(stack, now - 4, ban("REINSTATE")), begin);
    let instance = stack.accounts.instance(&stack.customer.account_id, &stack.customer.instance_id).await;
    let instance = instance.expect("the table answers").expect("the instance");
    assert!(instance.condition().is_none() && instance.pause_remaining(stack.now()).is_none(), "{instance:?}");
}

#[tokio::test]
async fn a_refusal_whose_pause_cannot_be_stored_leaves_its_message_waiting() {
    let (proxied, before) = start_with_known_instance().await;
    let stack = &proxied.stack;
    // The first is the claim.
    proxied.dynamodb.inject([FaultAt("deliver", "UpdateItem", 2, &[Fault::Unavailable; EVERY_ATTEMPT])]);
    let id = stack.send_text(UNPAID_ONCE, "hello").await;
    assert_eq!(stack.wait_for_attempt(&id, 1).await.status, State::Queued);
    assert!(stack.logs().contains("instance.stop_failed"));
    stack.pass(PAUSE);
    stack.wait_for_status(&id, "read").await;
    assert_eq!((stack.whatsapp().ledger().asked(), credits(stack).await), (3, before - 2));
}

#[tokio::test]
async fn a_refusal_whose_disconnect_cannot_be_stored_fails_its_message() {
    let (proxied, before) = start_with_known_instance().await;
    let stack = &proxied.stack;
    proxied.dynamodb.inject([FaultAt("deliver", "UpdateItem", 2, &[Fault::Unavailable; EVERY_ATTEMPT])]);
    let id = stack.send_text("1555000190", "hello").await;
    let failed = stack.wait_for_status(&id, "failed").await;
    assert_eq!(failed["error"]["providerCode"], 190);
    assert_eq!(credits(stack).await, before - 1);
}

#[tokio::test]
async fn a_probe_whose_process_dies_is_followed_by_another_one() {
    let stack = TestStack::start(PROGRAM).await;
    let before = credits(&stack).await;
    stack.pause_instance(stack.now().plus(Duration::from_secs(10))).await;
    let probe = stack.send_text(TAKES_AND_HANGS, "probes").await;
    stack.wait_until_returned(EXPRESS, [&probe]).await;
    let until = stack.now().plus(Duration::from_secs(15 * 60));
    let pause = Pause { until, reason: Some(PauseReason::PaymentRequired), code: Some(131_042) };
    stack.accounts.pause(&stack.instance().await, pause).await.expect("the table takes it");
    stack.pass(PAUSE_SEEN);
    pass_and_feed(&stack, PAUSE).await;
    stack.wait_for_taken(1).await;
    let next = stack.send_text(FRIEND, "waits for the probe").await;
    stack.wait_until_handled(EXPRESS, &next).await; // while the call of the probe hangs
    assert_eq!(stack.whatsapp().ledger().asked(), 1, "one at a time");
    process::kill(stack.pid("deliver"));
    stack.pass(Duration::from_secs(21));
    stack.wait_for_status(&next, "read").await;
    assert_eq!(shown(&stack).await["pauseReason"], Value::Null);
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_state(&probe, State::Unknown).await;
    stack.wait_for_any_delayed("SettleQueue").await;
    stack.note_callback_now().await;
    stack.pass(UNTIL_SETTLED);
    assert_eq!(stack.wait_for_status(&probe, "failed").await["error"]["code"], "unknown_outcome");
    assert_eq!((stack.whatsapp().ledger().asked(), credits(&stack).await), (2, before - 1));
}

#[tokio::test]
async fn a_failure_that_is_reported_late_pauses_nothing() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text(NEVER_REPORTED, "hello").await;
    stack.wait_for_status(&id, "sent").await;
    let failed_at = stack.now().secs();
    stack.pass(PAUSE);
    let mut failed = Callbacks::of_the_first_taken(&stack).status("failed");
    failed["timestamp"] = json!(failed_at.to_string());
    failed["errors"] = json!([{ "code": 131_042, "title": "Business eligibility payment issue" }]);
    assert_eq!(Callbacks::of_the_first_taken(&stack).report(&[failed]).await, 200);
    assert_eq!(stack.status(&id).await["error"]["code"], "payment_required");
    let value = json!({ "metadata": { "phone_number_id": "106540352242922" }, "errors": [{ "code": 131_042 }] });
    assert_eq!(stack.post_callback(&callback(BUSINESS, failed_at, "messages", &value), None).await, 200);
    let instance = shown(&stack).await;
    assert_eq!(instance["pauseReason"], Value::Null, "the quarter of an hour is over: {instance}");
}

#[tokio::test]
async fn a_number_that_is_disconnected_while_it_is_paused_sends_nothing_more_and_keeps_no_credit() {
    let stack = TestStack::start(PROGRAM).await;
    let before = credits(&stack).await;
    stack.pause_instance(stack.now().plus(Duration::from_secs(60))).await;
    let id = stack.send_text(FRIEND, "accepted before").await;
    stack.wait_until_returned(EXPRESS, [&id]).await;
    ban(&stack, "DISABLE").await;
    stack.pass(Duration::from_secs(61));
    stack.wait_until_empty(EXPRESS).await; // it waits in the table
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await.0, 200);
    pass_and_feed(&stack, STEP).await;
    assert_eq!(stack.wait_for_status(&id, "failed").await["error"]["code"], "instance_disconnected");
    assert_eq!((stack.whatsapp().ledger().asked(), credits(&stack).await), (0, before));
}

#[tokio::test]
async fn a_number_that_is_connected_again_while_it_is_paused_sends_what_waits_in_order() {
    let stack = TestStack::start(PROGRAM).await;
    stack.pause_instance(stack.now().plus(Duration::from_secs(60))).await;
    let first = stack.send_text(FRIEND, "first").await;
    stack.wait_until_returned(EXPRESS, [&first]).await;
    ban(&stack, "DISABLE").await;
    stack.pass(Duration::from_secs(61));
    stack.wait_until_empty(EXPRESS).await;
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await.0, 200);
    let connect = json!({ "method": "official", "businessId": BUSINESS, "phoneNumberId": "106540352242922", "accessToken": "EAAG-new" });
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/connect", connect).await.0, 200);
    stack.pass(UNTIL_SEEN);
    let second = stack.send_text(FRIEND, "second").await;
    let elsewhere = stack.send_text("5511900000001", "not behind it").await;
    stack.wait_for_status(&elsewhere, "read").await;
    eventually("the second to wait", || async { stack.record(&second).await.waits.map(drop) }).await;
    pass_and_feed(&stack, STEP).await;
    for id in [&first, &second] {
        stack.wait_for_status(id, "read").await;
    }
    let texts: Vec<Value> =
        stack.whatsapp().ledger().taken().into_iter().map(|taken| taken.message["text"]["body"].clone()).collect();
    assert_eq!(texts, ["not behind it", "first", "second"]);
}
