//! Crashes of `deliver`. Promise 2: after an attempt that WhatsApp may have accepted, the message is not posted again.

use serde_json::json;
use shared::instance::{ConnectionStatus, Instance};
use shared::message::State;
use tests::process;
use tests::test_stack::{TestStack, UNTIL_REDELIVERY, UNTIL_SETTLED};

use crate::PROGRAM;

/// The simulator does not accept this number's messages, and does not answer.
const NEVER_TAKES: &str = "15550100001";
/// The simulator accepts this number's messages and does not answer or report them.
const TAKES_AND_HANGS: &str = "15550100002";

#[tokio::test]
async fn a_crash_before_whatsapps_answer_sends_nothing_twice() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text(NEVER_TAKES, "hello").await;
    stack.wait_for_asked(1).await;
    process::kill(stack.pid("deliver"));
    assert_eq!(stack.record(&id).await.status, State::Sending);
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_state(&id, State::Unknown).await;
    assert_eq!(stack.status(&id).await["status"], "queued");
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.note_callback_now().await;
    stack.pass(UNTIL_SETTLED);
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
    let published = stack.webhook.wait_for(id.as_str(), "message.failed").await;
    assert_eq!(published.json["data"]["error"]["code"], "unknown_outcome");
    assert_eq!((stack.whatsapp().ledger().asked(), stack.whatsapp().ledger().taken().len()), (1, 0));
}

#[tokio::test]
async fn a_crash_after_whatsapp_accepted_sends_nothing_twice() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text(TAKES_AND_HANGS, "hello").await;
    stack.wait_for_taken(1).await;
    process::kill(stack.pid("deliver"));
    assert_eq!(stack.record(&id).await.status, State::Sending);
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
async fn a_late_callback_corrects_a_message_that_failed_as_unknown() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.leave_unknown(TAKES_AND_HANGS).await;
    stack.note_callback_now().await;
    stack.pass(UNTIL_SETTLED);
    stack.wait_for_status(&id, "failed").await;
    stack.whatsapp().report(&stack.whatsapp().ledger().taken()[0], "delivered").await;
    let status = stack.wait_for_status(&id, "delivered").await;
    assert!(status.get("error").is_none(), "{status}");
    stack.webhook.wait_for(id.as_str(), "message.delivered").await;
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
}

#[tokio::test]
async fn a_crash_is_settled_although_the_instance_was_disconnected() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text(TAKES_AND_HANGS, "hello").await;
    stack.wait_for_taken(1).await;
    process::kill(stack.pid("deliver"));
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let connected = stack.accounts.instance(account, instance).await.expect("the table answers").expect("an instance");
    let disconnected = Instance { status: ConnectionStatus::Disconnected, ..connected };
    stack.accounts.put_instance(&disconnected).await.expect("the table takes it");
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_state(&id, State::Unknown).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.note_callback_now().await;
    stack.pass(UNTIL_SETTLED);
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
}

#[tokio::test]
async fn a_killed_function_is_started_again_by_its_next_event() {
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
async fn messages_behind_one_whose_process_crashed_are_sent_in_order() {
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
