//! Several conditions of an account, in turn and at once: the last one that began is shown, none ends another, and a repeated
//! callback begins none again.

use std::time::Duration;

use local::dev_stack::seed::BUSINESS;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::account_callbacks::callback;
use crate::account_conditions::{PAUSE, UNPAID_ONCE, UNTIL_SEEN, pass_and_feed, report, shown, text};

const EXPRESS: &str = "ExpressQueue.fifo";
const FRIEND: &str = "5511999999999";
const SEND: &str = "POST /v1/messages/send";
const NUMBER: &str = "106540352242922";

/// Posts that WhatsApp reports an error about no message.
async fn report_code(stack: &TestStack, time: i64, code: i64) {
    let value = json!({ "metadata": { "phone_number_id": NUMBER }, "errors": [{ "code": code, "title": "t" }] });
    assert_eq!(stack.post_callback(&callback(BUSINESS, time, "messages", &value), None).await, 200);
}

fn ban(state: &str) -> Value {
    json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": state } })
}

fn restriction(until: i64) -> Value {
    json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": [
        { "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": until } ] })
}

/// A callback with several updates of one second about the account.
fn at_once(time: i64, values: &[Value]) -> String {
    let changes: Vec<Value> = values.iter().map(|value| json!({ "field": "account_update", "value": value })).collect();
    json!({ "entry": [{ "id": BUSINESS, "time": time, "changes": changes }] }).to_string()
}

async fn reason(stack: &TestStack) -> Value {
    shown(stack).await["pauseReason"].clone()
}

#[tokio::test]
async fn of_two_conditions_in_turn_the_last_is_shown_and_a_message_leaves_when_both_are_over() {
    let stack = TestStack::start(PROGRAM).await;
    stack.pause_instance(stack.now().plus(Duration::from_secs(60))).await;
    let id = stack.send_text(FRIEND, "accepted before").await;
    stack.wait_until_returned(EXPRESS, [&id]).await;
    let first = stack.now().secs();
    report_code(&stack, first, 131_042).await;
    assert_eq!(reason(&stack).await, "payment_required");
    stack.pass(UNTIL_SEEN);
    report_code(&stack, stack.now().secs(), 131_031).await;
    report_code(&stack, first, 131_042).await; // repeated late
    assert_eq!(reason(&stack).await, "account_restricted");
    stack.pass(UNTIL_SEEN);
    let (status, refused) = stack.call(SEND, text(FRIEND)).await;
    assert_eq!((status, &refused["error"]["reason"]), (409, &json!("account_restricted")), "{refused}");
    // The first is over, and the second is not.
    stack.pass(PAUSE - 2 * UNTIL_SEEN + Duration::from_secs(5));
    stack.wait_until_idle("deliver").await;
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
    pass_and_feed(&stack, PAUSE).await;
    stack.wait_for_status(&id, "read").await;
    assert_eq!(reason(&stack).await, Value::Null);
}

#[tokio::test]
async fn a_code_ends_no_longer_condition_and_is_met_again_when_that_one_is_over() {
    let stack = TestStack::start(PROGRAM).await;
    let now = stack.now();
    let until = now.plus(Duration::from_secs(3 * 24 * 3600));
    report(&stack, now.secs(), restriction(until.secs())).await;
    stack.pass(Duration::from_secs(2));
    report_code(&stack, stack.now().secs(), 131_042).await;
    let instance = shown(&stack).await;
    assert_eq!(instance["pauseReason"], "account_restricted");
    let ends = Timestamp::from_secs(until.secs()).to_string();
    assert_eq!(instance["pausedUntil"], ends, "{instance}");
    stack.pass(Duration::from_secs(2));
    report(&stack, stack.now().secs(), ban("REINSTATE")).await;
    assert_eq!(reason(&stack).await, Value::Null);
    stack.pass(UNTIL_SEEN);
    let id = stack.send_text(UNPAID_ONCE, "hello").await;
    stack.wait_for_attempt(&id, 1).await;
    assert_eq!(stack.status(&id).await["status"], "queued");
    assert_eq!(reason(&stack).await, "payment_required");
    pass_and_feed(&stack, PAUSE).await;
    stack.wait_for_status(&id, "read").await;
    assert_eq!(reason(&stack).await, Value::Null);
}

#[tokio::test]
async fn two_conditions_of_one_second_begin_once_however_often_their_callback_is_repeated() {
    let stack = TestStack::start(PROGRAM).await;
    let now = stack.now().secs();
    for values in [[restriction(now + 600), ban("DISABLE")], [ban("DISABLE"), restriction(now + 900)]] {
        let both = at_once(stack.now().secs(), &values);
        assert_eq!(stack.post_callback(&both, None).await, 200);
        let begun = shown(&stack).await;
        assert!(begun["pauseReason"].is_string(), "{begun}");
        assert_eq!(stack.post_callback(&both, None).await, 200);
        assert_eq!(shown(&stack).await["updatedAt"], begun["updatedAt"]);
        // A message shows that they are over.
        stack.accounts.resume(&stack.instance().await).await.expect("the table takes it");
        assert_eq!(reason(&stack).await, Value::Null);
        assert_eq!(stack.post_callback(&both, None).await, 200, "repeated");
        assert_eq!(reason(&stack).await, Value::Null);
        stack.pass(Duration::from_secs(2));
    }
}

#[tokio::test]
async fn a_restriction_that_is_over_ends_no_ban() {
    let stack = TestStack::start(PROGRAM).await;
    let now = stack.now().secs();
    report(&stack, now, ban("DISABLE")).await;
    stack.pass(Duration::from_secs(2));
    report(&stack, stack.now().secs(), restriction(now - 60)).await;
    let instance = shown(&stack).await;
    assert_eq!(instance["pauseReason"], "account_disabled");
    assert_eq!(instance["accountState"]["event"], "ACCOUNT_RESTRICTION", "it is shown all the same");
    stack.pass(UNTIL_SEEN);
    let (status, refused) = stack.call(SEND, text(FRIEND)).await;
    assert_eq!((status, &refused["error"]["reason"]), (409, &json!("account_disabled")), "{refused}");
}
