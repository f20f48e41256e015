//! Processes that die at the worst moment. Promise 2: after an attempt that WhatsApp may have accepted, the message is
//! not posted again.

use serde_json::json;
use shared::instance::{Connection, Instance};
use shared::state::State;
use tests::process;
use tests::test_stack::{TestStack, UNTIL_REDELIVERY, UNTIL_SETTLED};

use crate::PROGRAM;

/// The simulator does not take this number's messages, and does not answer.
const NEVER_TAKES: &str = "15550100001";
/// The simulator takes this number's messages and does not answer or report.
const TAKES_AND_HANGS: &str = "15550100002";

#[tokio::test]
async fn a_message_whose_deliver_died_between_claim_and_answer_is_not_posted_again_and_fails_as_unknown() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text(NEVER_TAKES, "hello").await;
    stack.wait_for_asked(1).await;
    assert_eq!(stack.record(&id).await.status, State::Sending);
    process::kill(stack.pid("deliver"));
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_state(&id, State::Unknown).await;
    assert_eq!(stack.status(&id).await["status"], "queued");
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.hear_from_whatsapp().await;
    stack.pass(UNTIL_SETTLED);
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
    let told = stack.webhook.wait_for(id.as_str(), "message.failed").await;
    assert_eq!(told.json["data"]["error"]["code"], "unknown_outcome");
    assert_eq!((stack.whatsapp().ledger().asked(), stack.whatsapp().ledger().taken().len()), (1, 0));
}

#[tokio::test]
async fn a_message_whose_deliver_died_after_whatsapp_took_it_is_not_posted_again_and_its_callback_settles_it() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text(TAKES_AND_HANGS, "hello").await;
    stack.wait_for_taken(1).await;
    assert_eq!(stack.record(&id).await.status, State::Sending);
    process::kill(stack.pid("deliver"));
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_state(&id, State::Unknown).await;
    let taken = &stack.whatsapp().ledger().taken()[0];
    stack.whatsapp().report(taken, "delivered").await;
    stack.wait_for_status(&id, "delivered").await;
    stack.webhook.wait_for(id.as_str(), "message.delivered").await;
    stack.pass(UNTIL_SETTLED);
    stack.whatsapp().report(taken, "read").await;
    stack.wait_for_status(&id, "read").await;
    assert_eq!((stack.whatsapp().ledger().asked(), stack.whatsapp().ledger().taken().len()), (1, 1));
}

#[tokio::test]
async fn a_message_that_failed_as_unknown_is_corrected_by_a_late_callback() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.leave_unknown(TAKES_AND_HANGS).await;
    stack.hear_from_whatsapp().await;
    stack.pass(UNTIL_SETTLED);
    stack.wait_for_status(&id, "failed").await;
    stack.whatsapp().report(&stack.whatsapp().ledger().taken()[0], "delivered").await;
    let status = stack.wait_for_status(&id, "delivered").await;
    assert!(status.get("error").is_none(), "{status}");
    stack.webhook.wait_for(id.as_str(), "message.delivered").await;
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
}

#[tokio::test]
async fn a_message_whose_deliver_died_is_settled_although_its_instance_was_disconnected_meanwhile() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text(TAKES_AND_HANGS, "hello").await;
    stack.wait_for_taken(1).await;
    process::kill(stack.pid("deliver"));
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let connected = stack.accounts.instance(account, instance).await.expect("the table answers").expect("an instance");
    let disconnected = Instance { status: Connection::Disconnected, ..connected };
    stack.accounts.put_instance(&disconnected).await.expect("the table takes it");
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_state(&id, State::Unknown).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.hear_from_whatsapp().await;
    stack.pass(UNTIL_SETTLED);
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
}

#[tokio::test]
async fn every_function_that_was_killed_is_started_again_by_its_next_event() {
    let stack = TestStack::start(PROGRAM).await;
    let functions = ["send", "deliver", "receive", "notify", "manage"];
    let killed: Vec<u32> = functions.iter().map(|function| stack.pid(function)).collect();
    killed.iter().for_each(|pid| process::kill(*pid));
    let first = stack.send_text("5511999999999", "first").await;
    stack.wait_for_status(&first, "read").await;
    stack.webhook.wait_for(first.as_str(), "message.read").await;
    for (function, killed) in functions.iter().zip(&killed) {
        assert_ne!(stack.pid(function), *killed, "{function}");
    }
}

#[tokio::test]
async fn messages_behind_one_whose_deliver_died_are_sent_in_their_order() {
    let stack = TestStack::start(PROGRAM).await;
    let first = stack.send_text(TAKES_AND_HANGS, "0").await;
    stack.wait_for_taken(1).await;
    let other = stack.send_text("5511999999999", "not behind it").await;
    stack.wait_for_status(&other, "read").await;
    process::kill(stack.pid("deliver"));
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_state(&first, State::Unknown).await;
    let second = stack.send(json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "1" })).await;
    stack.wait_for_status(&second, "read").await;
    assert_eq!(stack.whatsapp().ledger().taken().len(), 3);
}
