//! Marketing to people who have opted out of it is refused before it is charged, and nothing else is.

use serde_json::{Value, json};
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::account_callbacks::{callback, wish as wish_of};
use crate::people::NUMBER;

const PHONE: &str = "5511911110111";

/// Adds templates of both kinds.
pub async fn add_templates(stack: &TestStack) {
    for (name, category) in [("offer", "MARKETING"), ("receipt", "UTILITY")] {
        let body = json!({ "instanceId": "inst_abc123", "name": name, "language": "en_US", "category": category,
            "components": [{ "type": "BODY", "text": "Hello" }] });
        let (status, answer) = stack.call("POST /v1/templates", body).await;
        assert_eq!(status, 201, "{answer}");
    }
}

/// A person opts out, or in again.
pub async fn wish(stack: &TestStack, person: &str, word: &str) {
    let preference = json!({ "to": NUMBER, "marketing": word });
    stack.phone(&format!("PUT people/{person}/preferences"), preference).await;
}

/// Sends a template: the status, and the code of the error.
async fn send(stack: &TestStack, to: &str, name: &str) -> (u16, Value) {
    let template = json!({ "name": name, "language": "en_US" });
    let body = json!({ "instanceId": "inst_abc123", "to": to, "template": template });
    let (status, answer) = stack.call("POST /v1/messages/send", body).await;
    (status, answer["error"]["code"].clone())
}

fn refused() -> (u16, Value) {
    (409, json!("recipient_opted_out"))
}

fn accepted() -> (u16, Value) {
    (202, Value::Null)
}

#[tokio::test]
async fn marketing_to_who_opted_out_is_refused_without_a_charge_and_nothing_else_is() {
    let stack = TestStack::start(PROGRAM).await;
    add_templates(&stack).await;
    assert_eq!(send(&stack, PHONE, "offer").await, accepted());
    stack.wait_for_taken(1).await;
    wish(&stack, PHONE, "stop").await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let shown = stack.phone(&format!("GET people/{PHONE}"), Value::Null).await;
    for alias in [PHONE, shown["userId"].as_str().expect("a user id")] {
        assert_eq!(send(&stack, alias, "offer").await, refused(), "{alias}");
    }
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before, "nothing was charged");
    assert_eq!(send(&stack, PHONE, "receipt").await, accepted());
    stack.send_text(PHONE, "hello").await;
    assert_eq!(send(&stack, "5511911110112", "offer").await, accepted(), "another person");
    stack.wait_for_taken(4).await;
    assert_eq!(stack.whatsapp().ledger().asked(), 4, "what was refused was not posted");
    wish(&stack, PHONE, "resume").await;
    assert_eq!(send(&stack, PHONE, "offer").await, accepted());
}

#[tokio::test]
async fn the_later_wish_counts_in_whatever_order_they_come() {
    let stack = TestStack::start(PROGRAM).await;
    add_templates(&stack).await;
    let now = stack.now().secs();
    for (person, first, second, expected) in [
        ("5511911110113", ("stop", now), ("resume", now - 1), refused()),
        ("5511911110114", ("stop", now - 1), ("resume", now), accepted()),
        ("5511911110115", ("resume", now), ("stop", now), refused()), // of one second, whether they come in it or after it
    ] {
        for (word, at) in [first, second] {
            let mut value = wish_of(NUMBER, word, at);
            value["user_preferences"][0]["wa_id"] = json!(person);
            value["user_preferences"][0].as_object_mut().expect("an object").remove("user_id");
            assert_eq!(stack.post_callback(&callback("9001", at, "user_preferences", &value), None).await, 200);
        }
        assert_eq!(send(&stack, person, "offer").await, expected, "{first:?} {second:?}");
    }
}

#[tokio::test]
async fn only_a_marketing_template_reads_its_recipient() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    add_templates(stack).await;
    for name in ["offer", "receipt"] {
        send(stack, PHONE, name).await; // the process knows the key, the instance and the template by now
    }
    stack.wait_for_taken(2).await;
    let reads = || proxied.dynamodb.calls_by_caller().get(&("send".to_owned(), "GetItem".to_owned())).copied();
    for (name, count) in [("receipt", 0), ("offer", 1)] {
        let before = reads().unwrap_or_default();
        assert_eq!(send(stack, PHONE, name).await, accepted());
        assert_eq!(reads().unwrap_or_default() - before, count, "{name}");
    }
}
