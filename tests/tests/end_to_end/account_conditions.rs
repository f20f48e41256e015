//! Conditions of a number's business account, such as a payment method that is missing: nothing is sent meanwhile, `send` says
//! why, and what was accepted waits (promise 1) instead of being refused one by one.

use std::time::Duration;

use local::dev_stack::seed::BUSINESS;
use serde_json::{Value, json};
use shared::ids::MessageId;
use shared::instance::PAUSE_SEEN;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::account_callbacks::callback;

const EXPRESS: &str = "ExpressQueue.fifo";
const SEND: &str = "POST /v1/messages/send";
/// Longer than the pause of a number whose account has a condition.
pub const PAUSE: Duration = Duration::from_secs(15 * 60 + 1);
/// Longer than `send` caches an instance.
pub const UNTIL_SEEN: Duration = Duration::from_secs(31);
/// The simulator refuses so many messages to this recipient with the code of a payment method that is missing.
pub const UNPAID_ONCE: &str = "15561131042";

pub async fn shown(stack: &TestStack) -> Value {
    stack.call("GET /v1/instances/inst_abc123", Value::Null).await.1["data"].take()
}

async fn wait_until_paused(stack: &TestStack, reason: &str) {
    let is_paused = || async { (shown(stack).await["pauseReason"] == reason).then_some(()) };
    eventually(&format!("the instance to be paused: {reason}"), is_paused).await;
}

pub fn text(to: &str) -> Value {
    json!({ "instanceId": "inst_abc123", "to": to, "message": "hi" })
}

/// Posts that something happened to the business account.
pub async fn report(stack: &TestStack, time: i64, value: Value) {
    let body = callback(BUSINESS, time, "account_update", &value);
    assert_eq!(stack.post_callback(&body, None).await, 200);
}

/// Waits until a webhook has two different events, and returns why they say that the instance is paused.
async fn two_reasons(webhook: &WebhookReceiver) -> Vec<Value> {
    let two = || async {
        let mut calls = webhook.calls();
        calls.dedup_by_key(|call| call.header("webhook-id").to_owned()); // an event may come twice
        (calls.len() == 2).then_some(calls)
    };
    let calls = eventually("two events", two).await;
    calls.iter().map(|call| call.json["data"]["pauseReason"].clone()).collect()
}

/// Moves the clock, and waits until the feeder has run.
pub async fn pass_and_feed(stack: &TestStack, time: Duration) {
    let settle = &stack.stack.functions["settle"];
    let runs = settle.invocations();
    stack.pass(time);
    eventually("the feeder to run", || async { (settle.invocations() > runs).then_some(()) }).await;
}

#[tokio::test]
async fn a_message_that_meets_a_missing_payment_waits_and_is_sent_when_it_is_paid() {
    let stack = TestStack::start(PROGRAM).await;
    let webhook = WebhookReceiver::start().await;
    stack.webhook_for(&webhook, &["instance.updated"]).await;
    let credits = stack.ledger(&stack.customer.account_id).await.credits;
    let id = stack.send_text(UNPAID_ONCE, "hello").await;
    stack.wait_for_attempt(&id, 1).await;
    wait_until_paused(&stack, "payment_required").await;
    assert_eq!(stack.status(&id).await["status"], "queued");
    stack.wait_until_returned(EXPRESS, [&id]).await;
    stack.pass(UNTIL_SEEN);
    let (status, refused) = stack.call(SEND, text("5511999999999")).await;
    let error = &refused["error"];
    assert_eq!(
        (status, &error["code"], &error["reason"]),
        (409, &json!("instance_paused"), &json!("payment_required"))
    );
    let wait = error["retryAfter"].as_u64().expect("seconds");
    assert!((800..=900).contains(&wait) && error["field"] == "instanceId", "{refused}");
    pass_and_feed(&stack, PAUSE).await;
    stack.wait_for_status(&id, "read").await;
    assert_eq!(two_reasons(&webhook).await, [json!("payment_required"), Value::Null]);
    assert_eq!(shown(&stack).await["pauseReason"], Value::Null);
    let next = stack.send_text("5511999999999", "goes on").await;
    stack.wait_for_status(&next, "read").await;
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, credits - 2);
}

#[tokio::test]
async fn one_message_probes_whether_a_condition_is_over() {
    let stack = TestStack::start(PROGRAM).await;
    stack.pause_instance(stack.now().plus(Duration::from_secs(60))).await;
    let mut ids: Vec<MessageId> = Vec::new();
    for to in ["15568131042", "15567131042", "15566131042", "15565131042"] {
        ids.push(stack.send_text(to, "hello").await);
    }
    stack.wait_until_returned(EXPRESS, &ids).await;
    stack.pass(Duration::from_secs(61));
    wait_until_paused(&stack, "payment_required").await;
    stack.wait_until_idle("deliver").await;
    stack.pass(PAUSE_SEEN.saturating_add(Duration::from_secs(1))); // they go into the table
    stack.wait_until_empty(EXPRESS).await;
    let paused = || stack.logs().matches("instance.paused").count();
    let (asked, pauses) = (stack.whatsapp().ledger().asked(), paused());
    for probe in 1..=2 {
        pass_and_feed(&stack, PAUSE).await;
        stack.wait_for_asked(asked + probe).await;
        eventually("the pause to begin anew", || async { (paused() >= pauses + probe).then_some(()) }).await;
        stack.wait_until_idle("deliver").await;
        assert_eq!(stack.whatsapp().ledger().asked(), asked + probe, "the others wait for the result");
    }
    for id in &ids {
        assert_eq!(stack.status(id).await["status"], "queued");
    }
}

#[tokio::test]
async fn a_message_that_waits_for_a_payment_expires_at_its_time_and_not_before() {
    let stack = TestStack::start(PROGRAM).await;
    let mut short = text("1555131042");
    short["expiresIn"] = json!(600);
    let id = stack.send(short).await;
    stack.wait_for_attempt(&id, 1).await;
    wait_until_paused(&stack, "payment_required").await;
    stack.wait_until_returned(EXPRESS, [&id]).await;
    stack.pass(Duration::from_secs(590));
    stack.wait_until_idle("deliver").await;
    assert_eq!(stack.status(&id).await["status"], "queued");
    stack.pass(Duration::from_secs(11));
    let failed = stack.wait_for_status(&id, "failed").await;
    assert_eq!(failed["error"]["code"], "expired");
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
}

#[tokio::test]
async fn a_disabled_account_pauses_its_numbers_until_it_is_reinstated() {
    let stack = TestStack::start(PROGRAM).await;
    let webhook = WebhookReceiver::start().await;
    stack.webhook_for(&webhook, &["instance.updated", "instance.disconnected"]).await;
    stack.pause_instance(stack.now().plus(Duration::from_secs(60))).await;
    let id = stack.send_text("5511999999999", "accepted before").await;
    stack.wait_until_returned(EXPRESS, [&id]).await;
    let now = stack.now().secs();
    let ban = |state: &str| json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": state } });
    for _ in 0..2 {
        report(&stack, now, ban("DISABLE")).await;
    }
    let (status, refused) = stack.call(SEND, text("5511999999999")).await;
    stack.pass(UNTIL_SEEN); // or until `send` sees it
    let (later, _) = stack.call(SEND, text("5511999999999")).await;
    assert!(matches!(status, 202 | 409) && later == 409, "{refused}");
    let state = &shown(&stack).await["accountState"];
    assert_eq!((&state["event"], &state["reason"]), (&json!("DISABLED_UPDATE"), &json!("DISABLE")));
    stack.pass(Duration::from_secs(61));
    stack.wait_until_idle("deliver").await;
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
    report(&stack, now + 90, ban("REINSTATE")).await;
    report(&stack, now, ban("DISABLE")).await; // repeated late
    assert_eq!(shown(&stack).await["pauseReason"], Value::Null);
    pass_and_feed(&stack, Duration::from_secs(3601)).await; // the ban would have lasted a day
    stack.wait_for_status(&id, "read").await;
    assert_eq!(two_reasons(&webhook).await, [json!("account_disabled"), Value::Null]);
}

#[tokio::test]
async fn a_restriction_pauses_until_its_end_and_a_connect_ends_it() {
    let stack = TestStack::start(PROGRAM).await;
    let now = stack.now();
    let until = now.plus(Duration::from_secs(3 * 24 * 3600));
    let restricted = |kind: &str, until: &Value| {
        json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": [
            { "restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION", "expiration": until },
            { "restriction_type": kind, "expiration": until } ] })
    };
    let end = until.to_string().replace("Z", "+0000");
    report(&stack, now.secs(), restricted("RESTRICTED_BIZ_INITIATED_MESSAGING", &json!(end))).await;
    let instance = shown(&stack).await;
    assert_eq!((&instance["pauseReason"], &instance["status"]), (&json!("account_restricted"), &json!("connected")));
    assert_eq!(instance["pausedUntil"], until.to_string());
    let disconnected = stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await;
    assert_eq!(disconnected.0, 200);
    let connect = json!({ "method": "official", "businessId": BUSINESS, "phoneNumberId": "106540352242922", "accessToken": "EAAG-new" });
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/connect", connect).await.0, 200);
    assert_eq!(shown(&stack).await["pauseReason"], Value::Null);
    stack.pass(Duration::from_secs(60));
    let later = stack.now();
    report(&stack, later.secs(), restricted("RESTRICTED_TELEPATHY", &json!(null))).await;
    assert_eq!(shown(&stack).await["pauseReason"], Value::Null, "not a restriction of messages");
    let (_, kept) = stack.operate("GET /v1/admin/callbacks", Value::Null).await;
    assert_eq!(kept["data"][0]["reasons"], json!(["unreadable_change"]), "{kept}");
    report(&stack, later.secs() + 1, json!({ "event": "ACCOUNT_DELETED" })).await;
    let deleted = stack.call("GET /v1/instances/inst_abc123/status", Value::Null).await.1["data"].take();
    assert_eq!(
        (&deleted["status"], &deleted["reason"]),
        (&json!("disconnected"), &json!("WhatsApp reports ACCOUNT_DELETED"))
    );
}

#[tokio::test]
async fn an_error_of_the_account_that_is_about_no_message_has_the_same_effect() {
    let stack = TestStack::start(PROGRAM).await;
    let now = stack.now().secs();
    let value = json!({ "metadata": { "phone_number_id": "106540352242922" },
        "errors": [{ "code": "131042", "title": "Business eligibility payment issue" }, { "title": "without a code" }] });
    assert_eq!(stack.post_callback(&callback(BUSINESS, now, "messages", &value), None).await, 200);
    let instance = shown(&stack).await;
    assert_eq!(instance["pauseReason"], "payment_required");
    assert_eq!(instance["accountState"]["reason"], "131042 Business eligibility payment issue");
    let (_, kept) = stack.operate("GET /v1/admin/callbacks", Value::Null).await;
    assert_eq!(kept["data"].as_array().map(Vec::len), Some(1), "what has no code is kept: {kept}");
}
