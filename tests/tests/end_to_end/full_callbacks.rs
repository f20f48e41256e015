//! Callbacks as full as WhatsApp sends them, and fuller, whose updates are all about the same thing: nothing is lost, and the
//! order stays.

use serde_json::{Value, json};
use shared::message::{Message, inbound_id};
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::callbacks::Callbacks;
use crate::people::NUMBER;

const PERSON: &str = "5511988887777";

/// Posts a callback, and again while it is answered 500, as WhatsApp would.
async fn post_until_stored(stack: &TestStack, body: &str) {
    for _ in 0..4 {
        match stack.post_callback(body, None).await {
            500 => {}
            status => return assert_eq!(status, 200),
        }
    }
    panic!("it is answered 500 again and again: {}", stack.logs());
}

fn callback(changes: &[Value]) -> String {
    json!({ "entry": [{ "id": "9001", "changes": changes }] }).to_string()
}

fn change(list: &str, updates: &[Value]) -> Value {
    json!({ "field": "messages", "value": { "metadata": { "phone_number_id": NUMBER }, list: updates } })
}

async fn record(stack: &TestStack, provider_id: &str) -> Message {
    stack.record(&inbound_id(&stack.customer.account_id, NUMBER, provider_id)).await
}

#[tokio::test]
async fn a_thousand_statuses_of_one_message_in_any_order_are_applied() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    let words = ["played", "sent", "delivered", "read", "delivered", "sent"];
    let statuses: Vec<Value> = (0..1_000_usize).map(|place| callbacks.status(words[place * 7 % words.len()])).collect();
    post_until_stored(&stack, &callback(&[change("statuses", &statuses)])).await;
    assert_eq!(stack.status(&id).await["status"], "read");
    for event in ["message.sent", "message.delivered", "message.read"] {
        stack.webhook.wait_for(id.as_str(), event).await;
    }
    let message = stack.record(&id).await;
    assert!(message.played_at.is_some() && message.delivered_at.is_some(), "{message:?}");
}

#[tokio::test]
async fn a_thousand_failures_and_deliveries_of_one_message_are_applied_and_credits_are_exact() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    let mut failed = callbacks.status("failed");
    failed["errors"] = json!([{ "code": 131_026, "title": "t" }]);
    let statuses: Vec<Value> =
        (0..1_000).map(|place| if place % 3 == 0 { callbacks.status("delivered") } else { failed.clone() }).collect();
    post_until_stored(&stack, &callback(&[change("statuses", &statuses)])).await;
    assert_eq!(stack.status(&id).await["status"], "delivered");
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before - 1);
}

/// Messages of one person, all of one second, of which every fourth has one of so many user ids, and another fourth is in one
/// of so many groups.
fn messages(count: usize, variety: usize, time: i64) -> Vec<Value> {
    let message = |place: usize| {
        let mut message = json!({ "from": PERSON, "id": format!("wamid.{place}"), "timestamp": time.to_string(),
            "type": "text", "text": { "body": place.to_string() } });
        match (place % 4, place / 4 % variety) {
            (0, user) => message["from_user_id"] = json!(format!("BR.{user}")),
            (1, group) => message["group_id"] = json!(format!("group{group}")),
            _ => {}
        }
        message
    };
    (0..count).map(message).collect()
}

async fn assert_in_order(stack: &TestStack, count: usize) {
    let mut last = String::new();
    for place in 0..count {
        let message = record(stack, &format!("wamid.{place}")).await;
        assert!(last < message.history_key, "{place}");
        last = message.history_key;
    }
}

#[tokio::test]
async fn more_than_a_thousand_messages_of_one_person_are_stored_in_order_among_statuses() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    let messages = messages(1_200, 3, stack.now().secs() - 30);
    let mut changes: Vec<Value> = messages.chunks(100).map(|messages| change("messages", messages)).collect();
    changes.insert(6, change("statuses", &[callbacks.status("delivered")]));
    post_until_stored(&stack, &callback(&changes)).await;
    assert_in_order(&stack, messages.len()).await;
    assert_eq!(stack.status(&id).await["status"], "delivered");
}

#[tokio::test]
async fn messages_of_a_person_with_more_aliases_and_groups_than_are_kept_are_all_stored() {
    let stack = TestStack::start(PROGRAM).await;
    let messages = messages(200, 40, stack.now().secs() - 30);
    post_until_stored(&stack, &callback(&[change("messages", &messages)])).await;
    assert_in_order(&stack, messages.len()).await;
}
