//! What else names the aliases of a person: the answer to the question for a phone number, and the report that a user id has changed.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tests::test_stack::TestStack;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::contacts::{from, person};
use crate::people::{NUMBER, history, receive, text};

const PHONE: &str = "5511911110031";
const OTHER_PHONE: &str = "5511922220032";

fn set<const N: usize>(aliases: [&str; N]) -> BTreeSet<String> {
    aliases.map(str::to_owned).into()
}

/// A contact card, of WhatsApp's making or of somebody's choice.
fn card(id: &str, sender: &Value, origin: &str, phone: &str) -> Value {
    let mut message = text(id, sender);
    message.as_object_mut().expect("an object").remove("text");
    message["type"] = json!("contacts");
    message["contacts"] = json!([{ "origin": origin, "phones": [{ "phone": format!("+{phone}"), "wa_id": phone }] }]);
    if origin != "contact_request" {
        message["contacts"][0]["vcard"] = json!("BEGIN:VCARD");
    }
    message
}

#[tokio::test]
async fn the_answer_to_a_request_for_a_phone_number_makes_one_conversation_of_both() {
    let stack = TestStack::start(PROGRAM).await;
    let sent = stack.send_text(PHONE, "Your order is on its way").await;
    stack.wait_for_status(&sent, "read").await;
    let before = person(&stack, PHONE).await;
    stack.pass(Duration::from_secs(60));
    let hidden = json!({ "from_user_id": "BR.31", "timestamp": stack.now().secs().to_string() });
    let ask = json!({ "type": "request_contact_info", "body": { "text": "Which number is yours?" },
        "action": { "name": "request_contact_info" } });
    receive(&stack, &Value::Null, &[text("wamid.1", &hidden)]).await;
    let asked = stack.send(json!({ "instanceId": "inst_abc123", "to": "BR.31", "interactive": ask })).await;
    stack.wait_for_status(&asked, "read").await;
    receive(&stack, &Value::Null, &[card("wamid.2", &hidden, "contact_request", PHONE)]).await;
    let (chat, aliases) = person(&stack, "BR.31").await;
    assert_eq!((&chat, aliases.is_superset(&before.1)), (&before.0, true), "the older conversation stays: {aliases:?}");
    assert!(aliases.is_superset(&set([PHONE, "BR.31"])), "{aliases:?}");
    let rows = history(&stack, &format!("&phone={PHONE}")).await;
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert_eq!(rows, history(&stack, "&userId=BR.31").await);
}

#[tokio::test]
async fn a_card_that_somebody_shares_joins_nobody() {
    let stack = TestStack::start(PROGRAM).await;
    receive(&stack, &Value::Null, &[from("wamid.1", PHONE, "BR.31")]).await;
    let hidden = json!({ "from_user_id": "BR.32" });
    receive(&stack, &Value::Null, &[card("wamid.2", &hidden, "other", PHONE)]).await;
    let shown = json!({ "from": OTHER_PHONE, "from_user_id": "BR.33" });
    receive(&stack, &Value::Null, &[card("wamid.3", &shown, "contact_request", PHONE)]).await;
    assert_eq!(person(&stack, PHONE).await, (PHONE.to_owned(), set([PHONE, "BR.31"])));
    assert_eq!(person(&stack, "BR.32").await, ("BR.32".to_owned(), set(["BR.32"])));
    assert_eq!(person(&stack, "BR.33").await, (OTHER_PHONE.to_owned(), set([OTHER_PHONE, "BR.33"])));
    assert_eq!(history(&stack, &format!("&phone={PHONE}")).await.len(), 1);
}

#[tokio::test]
async fn the_report_that_a_user_id_has_changed_adds_the_new_one_and_is_published_once() {
    let (stack, receiver) = (TestStack::start(PROGRAM).await, WebhookReceiver::start().await);
    stack.webhook_for(&receiver, &["contact.updated"]).await;
    receive(&stack, &Value::Null, &[from("wamid.1", PHONE, "BR.31")]).await;
    let report = |value: Value| {
        let change = json!({ "field": "user_id_update", "value": value });
        json!({ "entry": [{ "id": "9001", "time": 1_760_000_003, "changes": [change] }] }).to_string()
    };
    let metadata = json!({ "phone_number_id": NUMBER });
    let listed = report(json!({ "metadata": metadata, "user_id_update": [{ "wa_id": PHONE, "detail": "x",
        "user_id": { "previous": "BR.31", "current": "BR.32" }, "timestamp": "1760000003" }] }));
    let alone = report(json!({ "metadata": metadata, "user_id": { "previous": "BR.32", "current": "BR.33" },
        "parent_user_id": { "previous": null, "current": "BR.ENT.33" } }));
    let odd = report(json!({ "metadata": metadata, "user_id": { "previous": "BR.33" } }));
    for body in [&listed, &listed, &alone, &odd] {
        assert_eq!(stack.post_callback(body, None).await, 200, "{body}");
    }
    let all = set([PHONE, "BR.31", "BR.32", "BR.33", "BR.ENT.33"]);
    assert_eq!(person(&stack, "BR.33").await, (PHONE.to_owned(), all));
    receive(&stack, &Value::Null, &[text("wamid.2", &json!({ "from_user_id": "BR.33" }))]).await;
    let rows = history(&stack, &format!("&phone={PHONE}")).await;
    assert!(rows.len() == 2 && rows.iter().all(|row| row["chatId"] == format!("chat_{PHONE}").as_str()), "{rows:?}");
    let calls = receiver.wait_for_calls(2).await;
    assert!(calls.iter().all(|call| call.event() == "contact.updated"), "{calls:?}");
    let (_, kept) = stack.operate("GET /v1/admin/callbacks", Value::Null).await;
    assert_eq!(kept["data"].as_array().map(Vec::len), Some(1), "the odd one: {kept}");
}
