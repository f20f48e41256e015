//! Interleavings of several processes that the models and the sweep found (docs/models.md, docs/adr/0020): each broke a
//! promise before the code had the mechanism that its test names.

use std::time::Duration;

use serde_json::{Value, json};
use shared::aws::UpdateBuilder;
use shared::ids::MessageId;
use shared::message::State;
use tests::fault::Fault;
use tests::process;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{EVERY_ATTEMPT, FaultAt, Proxy};
use tests::test_stack::{TestStack, UNTIL_REDELIVERY, UNTIL_SETTLED};

use crate::PROGRAM;
use crate::callbacks::{Callbacks, TAKES_AND_HANGS};

/// The simulator closes the connection of this number's messages and accepts none.
const CLOSES: &str = "15550100019";
/// The simulator refuses this number's messages permanently.
const REFUSED: &str = "1555131026";

/// A message that has failed because its outcome stayed unknown.
async fn given_up(stack: &TestStack) -> (Callbacks<'_>, MessageId) {
    let id = stack.leave_unknown(TAKES_AND_HANGS).await;
    stack.note_callback_now().await;
    stack.pass(UNTIL_SETTLED);
    stack.wait_for_state(&id, State::Unconfirmed).await;
    (Callbacks::of_the_first_taken(stack), id)
}

async fn credits(stack: &TestStack) -> i64 {
    stack.ledger(&stack.customer.account_id).await.credits
}

/// `FailedWhileSending`
#[tokio::test]
async fn a_failed_callback_before_whatsapps_answer_fails_the_message() {
    let stack = TestStack::start(PROGRAM).await;
    let before = credits(&stack).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    assert_eq!((stack.record(&id).await.status, credits(&stack).await), (State::Sending, before - 1));
    assert_eq!(callbacks.report(&[callbacks.status("failed")]).await, 200);
    assert_eq!((stack.record(&id).await.status, credits(&stack).await), (State::Failed, before));
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
}

/// `FailedAfterUnconfirmed`
#[tokio::test]
async fn a_failed_callback_after_an_unknown_outcome_refunds_no_second_time() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = given_up(&stack).await;
    let before = credits(&stack).await;
    let mut failed = callbacks.status("failed");
    failed["errors"] = json!([{ "code": 131_053, "title": "Media upload error" }]);
    assert_eq!(callbacks.report(&[failed]).await, 200);
    assert_eq!(callbacks.report(&[callbacks.status("sent")]).await, 200);
    let status = stack.status(&id).await;
    assert_eq!((&status["status"], &status["error"]["code"]), (&json!("failed"), &json!("unsupported_media_type")));
    assert_eq!((stack.record(&id).await.status, credits(&stack).await), (State::Failed, before));
}

/// `RecoveredOrRetried`
#[tokio::test]
async fn concurrent_correcting_callbacks_charge_once_and_keep_both_times() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let (callbacks, id) = given_up(stack).await;
    let before = credits(stack).await;
    proxied.dynamodb.inject([FaultAt("receive", "TransactWriteItems", 1, &[Fault::FreezeBefore])]);
    let meanwhile = async {
        proxied.dynamodb.wait_until_frozen().await;
        assert_eq!(callbacks.report(&[callbacks.status("sent")]).await, 200);
        proxied.dynamodb.resume();
    };
    let delivered = [callbacks.status("delivered")];
    let (answer, ()) = tokio::join!(callbacks.report(&delivered), meanwhile);
    assert_eq!(answer, 200);
    let record = stack.record(&id).await;
    assert_eq!((record.status, credits(stack).await), (State::Delivered, before - 1));
    assert!(record.sent_at.is_some() && record.delivered_at.is_some(), "{record:?}");
}

/// `ResultOfClaim`
#[tokio::test]
async fn a_repeated_release_does_not_release_a_later_attempt() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let quoted = stack.send_text("5511999999999", "quoted").await;
    stack.wait_for_status(&quoted, "read").await;
    let release = FaultAt("deliver", "UpdateItem", 2, &[Fault::DropAfter, Fault::FreezeBefore]);
    proxied.dynamodb.inject([FaultAt("deliver", "GetItem", 1, &[Fault::Unavailable; EVERY_ATTEMPT]), release]);
    let reply =
        json!({ "instanceId": "inst_abc123", "to": TAKES_AND_HANGS, "message": "hi", "quotedMessageId": quoted });
    let id = stack.send(reply).await;
    proxied.dynamodb.wait_until_frozen().await;
    assert_eq!((stack.record(&id).await.status, stack.whatsapp().ledger().taken().len()), (State::Queued, 1));
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_taken(2).await;
    // The later attempt's process would give up waiting for WhatsApp's answer: without it, the attempt stays in progress.
    process::kill(*stack.stack.functions["deliver"].pids().borrow().last().expect("the later process"));
    let sending = stack.record(&id).await;
    proxied.dynamodb.resume();
    proxied.dynamodb.wait_until_idle().await;
    let after = stack.record(&id).await;
    assert_eq!((after.status, after.claim, after.attempt), (State::Sending, sending.claim, 1));
}

/// The check of the lease before the POST, which the sweep found to be missing (docs/adr/0020).
#[tokio::test]
async fn a_process_that_resumes_after_its_lease_posts_nothing() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let (stack, to) = (&proxied.stack, "5511999999999");
    proxied.dynamodb.inject([FaultAt("deliver", "UpdateItem", 1, &[Fault::FreezeAfter])]);
    let first = stack.send_text(to, "first").await;
    proxied.dynamodb.wait_until_frozen().await;
    let second = stack.send_text(to, "second").await;
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_status(&second, "read").await;
    proxied.dynamodb.resume();
    stack.wait_until_idle("deliver").await;
    assert_eq!((stack.record(&first).await.status, stack.whatsapp().ledger().taken_by(to).len()), (State::Unknown, 1));
}

/// Sends a message whose record another process releases during the POST.
async fn release_during_post(stack: &TestStack, whatsapp: &Proxy, to: &str) -> MessageId {
    whatsapp.inject([FaultAt("deliver", "POST messages", 1, &[Fault::FreezeBefore])]);
    let id = stack.send_text(to, "hello").await;
    whatsapp.wait_until_frozen().await;
    let queued = UpdateBuilder::new().set("status", State::Queued).set("rank", State::Queued.rank());
    stack.update_record(&id, queued.remove("lease").remove("claim")).await;
    whatsapp.resume();
    id
}

pub async fn start_with_whatsapp_proxy() -> (ProxiedStack, Proxy) {
    let whatsapp = Proxy::start().await;
    let url = whatsapp.url.clone();
    let proxied = ProxiedStack::start_with(PROGRAM, |options| {
        options.proxies.as_mut().expect("proxies").whatsapp = Some(url);
    })
    .await;
    whatsapp.set_upstream(&proxied.stack.stack.addresses.whatsapp);
    whatsapp.set_functions(&proxied.stack.stack.functions);
    (proxied, whatsapp)
}

/// `UnknownOrRetried`
#[tokio::test]
async fn an_unknown_outcome_that_cannot_be_written_is_retried() {
    let (proxied, whatsapp) = start_with_whatsapp_proxy().await;
    let id = release_during_post(&proxied.stack, &whatsapp, CLOSES).await;
    let record = proxied.stack.wait_for_state(&id, State::Unknown).await;
    assert_eq!((record.attempt, proxied.stack.whatsapp().ledger().asked()), (2, 2));
}

/// `FailedOrRetried`
#[tokio::test]
async fn a_failure_that_cannot_be_written_is_retried() {
    let (proxied, whatsapp) = start_with_whatsapp_proxy().await;
    let id = release_during_post(&proxied.stack, &whatsapp, REFUSED).await;
    let record = proxied.stack.wait_for_state(&id, State::Failed).await;
    assert_eq!((record.attempt, proxied.stack.whatsapp().ledger().asked()), (2, 2));
}

#[tokio::test]
async fn a_message_refused_with_the_token_from_before_a_reconnect_is_sent_with_the_new_one() {
    let (proxied, whatsapp) = start_with_whatsapp_proxy().await;
    let stack = &proxied.stack;
    stack.expire_token().await;
    whatsapp.inject([FaultAt("deliver", "POST messages", 1, &[Fault::FreezeBefore])]);
    let id = stack.send_text("5511999999999", "hello").await;
    whatsapp.wait_until_frozen().await;
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await.0, 200);
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "106540352242922", "accessToken": "EAAG-new" });
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/connect", connect).await.0, 200);
    whatsapp.resume();
    stack.wait_for_attempt(&id, 1).await;
    stack.pass(Duration::from_secs(2));
    stack.wait_for_status(&id, "read").await;
    assert_eq!(whatsapp.calls().get("POST messages"), Some(&2));
}
