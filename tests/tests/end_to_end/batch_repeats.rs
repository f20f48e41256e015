//! Repeats of a request that recorded messages of its batch and broke off: these are sent, so that no answer says otherwise.

use std::time::Duration;

use serde_json::{Value, json};
use shared::aws::{ItemKey, UpdateBuilder};
use shared::ledger::ledger_item::CREDITS;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;

use crate::PROGRAM;
use crate::batch_crashes::post_body;
use crate::batches::{texts, wait_until_complete};
use crate::opt_outs::{add_templates, wish};

/// The key of these requests.
pub const KEY: Option<&str> = Some("campaign");

/// A request with the key records all messages of a batch, breaks off, and ends. `settle` cannot finish it, nor does it until faults
/// are set anew.
pub async fn break_off(proxied: &ProxiedStack, body: &Value) {
    proxied.dynamodb.set_faults(move |call, _| match (call.caller.as_str(), call.operation.as_str()) {
        ("send", "TransactWriteItems") if call.number == 1 => Fault::KillBefore,
        ("settle", _) => Fault::Unavailable,
        _ => Fault::None,
    });
    let answer = post_body(proxied, KEY, body).await;
    assert!(answer.as_ref().is_none_or(|(status, _)| *status >= 500), "{answer:?}");
    proxied.stack.pass(Duration::from_secs(16));
}

#[tokio::test]
async fn a_repeat_keeps_recipients_whose_messages_are_recorded() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    add_templates(stack).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let phones = ["5511911110111", "5511911110112"];
    let recipients: Vec<Value> = phones.iter().map(|phone| json!({ "to": phone })).collect();
    let template = json!({ "name": "offer", "language": "en_US" });
    let body = json!({ "instanceId": "inst_abc123", "recipients": recipients, "template": template });
    proxied.dynamodb.reset_counts();
    break_off(&proxied, &body).await;
    wish(stack, phones[0], "stop").await;
    let (status, answer) = post_body(&proxied, KEY, &body).await.expect("an answer");
    assert_eq!((status, &answer["accepted"], &answer["rejected"]), (202, &json!(2), &json!([])), "{answer}");
    assert_eq!(answer["messages"].as_array().expect("a list").len(), 2, "{answer}");

    proxied.dynamodb.set_faults(|_, _| Fault::None);
    wait_until_complete(stack, &answer).await;
    let (taken, credits, reserved) = proxied.at_rest().await;
    assert_eq!(
        (taken, before - credits, reserved),
        (1, 1, 0),
        "who opted out is not sent marketing, and gets refunded"
    );
}

#[tokio::test]
async fn a_repeat_is_not_refused_for_credits_while_messages_are_recorded() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let body = texts("551190000", 3);
    proxied.dynamodb.reset_counts();
    break_off(&proxied, &body).await;
    let nothing_left = UpdateBuilder::new().set(CREDITS, 0);
    let ledger = ItemKey::ledger(&stack.customer.account_id);
    stack.accounts.update(ledger, &nothing_left).await.expect("the table takes it");
    let (status, answer) = post_body(&proxied, KEY, &body).await.expect("an answer");
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("idempotency_in_progress")), "{answer}");

    proxied.dynamodb.set_faults(|_, _| Fault::None);
    assert_eq!(proxied.at_rest().await, (3, 0, 0));
    let (status, answer) = post_body(&proxied, KEY, &body).await.expect("an answer");
    assert_eq!((status, &answer["accepted"]), (202, &json!(3)), "{answer}");
}

#[tokio::test]
async fn a_repeat_after_its_send_at_is_refused_where_nothing_was_recorded() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let mut body = texts("551190000", 2);
    body["sendAt"] = json!(stack.now().plus(Duration::from_secs(60)).to_string());
    proxied.dynamodb.set_faults(|call, _| match (call.caller.as_str(), call.operation.as_str()) {
        ("send", "PutItem") => Fault::Unavailable,
        _ => Fault::None,
    });
    let (status, answer) = post_body(&proxied, KEY, &body).await.expect("an answer");
    assert_eq!(status, 503, "{answer}");
    proxied.dynamodb.set_faults(|_, _| Fault::None);
    stack.pass(Duration::from_secs(24 * 60 * 60));
    let (status, answer) = post_body(&proxied, KEY, &body).await.expect("an answer");
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("sendAt")), "{answer}");
    let (taken, credits, reserved) = proxied.at_rest().await;
    assert_eq!((taken, credits, reserved), (0, before, 0));
}
