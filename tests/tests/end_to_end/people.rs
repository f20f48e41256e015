//! What people send, by any alias and in any form of this year, and what is sent to them.

use serde_json::{Value, json};
use shared::canonical_json::canonical_foreign;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::batches::{send, wait_until_complete};

/// The number of the demo customer.
pub const NUMBER: &str = "106540352242922";
pub const USER: &str = "BR.1502576394655843";

pub fn callback(contacts: &Value, messages: &[Value]) -> String {
    let metadata = json!({ "display_phone_number": "551140000000", "phone_number_id": NUMBER });
    let value =
        json!({ "messaging_product": "whatsapp", "metadata": metadata, "contacts": contacts, "messages": messages });
    let entry = json!([{ "id": "9001", "changes": [{ "field": "messages", "value": value }] }]);
    json!({ "object": "whatsapp_business_account", "entry": entry }).to_string()
}

pub fn text(id: &str, sender: &Value) -> Value {
    let mut message = json!({ "id": id, "timestamp": "1760000002", "type": "text", "text": { "body": id } });
    message.as_object_mut().expect("an object").extend(sender.as_object().expect("an object").clone());
    message
}

pub async fn receive(stack: &TestStack, contacts: &Value, messages: &[Value]) {
    assert_eq!(stack.post_callback(&callback(contacts, messages), None).await, 200);
}

/// The messages of the demo instance that a query selects, newest first.
pub async fn history(stack: &TestStack, query: &str) -> Vec<Value> {
    let (status, body) = stack.call(&format!("GET /v1/messages?instanceId=inst_abc123{query}"), Value::Null).await;
    assert_eq!(status, 200, "{body}");
    body["data"].as_array().expect("rows").clone()
}

#[tokio::test]
async fn a_person_without_a_phone_number_writes_and_is_answered() {
    let stack = TestStack::start(PROGRAM).await;
    let contacts = json!([{ "profile": { "name": "Ana", "username": "@ana" }, "user_id": USER }]);
    receive(&stack, &contacts, &[text("wamid.U1", &json!({ "from_user_id": USER }))]).await;
    receive(&stack, &contacts, &[text("wamid.U2", &json!({ "from": "", "from_user_id": USER }))]).await;
    let system = json!({ "from": "", "from_user_id": USER, "id": "wamid.U3", "timestamp": "1760000003", "type": "system",
        "system": { "type": "user_changed_user_id", "body": "User A changed their user ID", "user_id": "BR.2" } });
    receive(&stack, &Value::Null, &[system]).await;

    let rows = history(&stack, &format!("&userId={USER}")).await;
    assert_eq!(rows, history(&stack, &format!("&chatId=chat_{USER}")).await);
    let kinds: Vec<&Value> = rows.iter().map(|row| &row["type"]).collect();
    assert_eq!(kinds, ["system", "text", "text"]);
    assert_eq!(rows[0]["details"]["user_id"], "BR.2");
    let id = rows[2]["messageId"].as_str().expect("an id");
    let data = &stack.webhook.wait_for(id, "message.received").await.json["data"];
    assert_eq!((&data["from"], &data["userId"], &data["username"]), (&json!(USER), &json!(USER), &json!("ana")));
    assert_eq!((&data["chatId"], &data["contactName"]), (&json!(format!("chat_{USER}")), &json!("Ana")));

    let id = stack.send(json!({ "instanceId": "inst_abc123", "to": USER, "message": "hello" })).await;
    let status = stack.wait_for_status(&id, "read").await;
    assert_eq!(status["to"], json!(USER));
    let posted = stack.whatsapp().ledger().taken().pop().expect("a message").message;
    assert_eq!((&posted["recipient"], posted.get("to")), (&json!(USER), None));
    assert_eq!(history(&stack, &format!("&userId={USER}")).await.len(), 4, "one conversation");
}

#[tokio::test]
async fn the_longest_user_id_gets_messages_and_batches() {
    let stack = TestStack::start(PROGRAM).await;
    let longest = format!("BR.{}", "7".repeat(128));
    let id = stack.send_text(&longest, "hello").await;
    stack.wait_for_status(&id, "read").await;
    let to = json!([{ "to": longest }, { "to": "5511900000001" }]);
    let batch = json!({ "instanceId": "inst_abc123", "message": "hello", "recipients": to });
    let shown = wait_until_complete(&stack, &send(&stack, batch).await).await;
    assert_eq!((&shown["counts"]["failed"], stack.whatsapp().ledger().taken().len()), (&json!(0), 3), "{shown}");
}

#[tokio::test]
async fn a_user_id_that_is_none_is_refused() {
    let stack = TestStack::start(PROGRAM).await;
    let body = json!({ "instanceId": "inst_abc123", "to": "BR.15-02", "message": "hello" });
    let (status, answer) = stack.call("POST /v1/messages/send", body).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("to")), "{answer}");
    for (query, field) in [("userId=5511999999999", "userId"), ("userId=BR.1&phone=5511999999999", "userId")] {
        let (status, answer) =
            stack.call(&format!("GET /v1/messages?instanceId=inst_abc123&{query}"), Value::Null).await;
        assert_eq!((status, &answer["error"]["field"]), (400, &json!(field)), "{answer}");
    }
}

#[tokio::test]
async fn messages_of_one_callback_keep_their_order_in_the_history() {
    let stack = TestStack::start(PROGRAM).await;
    let sender = json!({ "from": "5511911110014" });
    let names: Vec<String> = (0..12).map(|number| format!("wamid.S{number:02}")).collect();
    // All of one second, a while ago; then as fresh as can be.
    for seconds_ago in [30, 0] {
        let at = (stack.now().secs() - seconds_ago).to_string();
        let names: Vec<String> = names.iter().map(|name| format!("{name}.{seconds_ago}")).collect();
        let messages: Vec<Value> = names
            .iter()
            .map(|name| {
                let mut message = text(name, &sender);
                message["timestamp"] = json!(at);
                message
            })
            .collect();
        receive(&stack, &Value::Null, &messages).await;
        receive(&stack, &Value::Null, &messages).await; // repeated by WhatsApp
        let mut rows = history(&stack, "&phone=5511911110014&limit=12").await;
        rows.reverse();
        let order: Vec<&str> = rows.iter().map(|row| row["content"].as_str().expect("a text")).collect();
        assert_eq!(order, names);
        let mut sequences: Vec<(String, String)> = Vec::new();
        for row in &rows {
            let id = row["messageId"].as_str().expect("an id");
            let call = stack.webhook.wait_for(id, "message.received").await;
            let text = |field: &str| call.json["data"][field].as_str().expect("a text").to_owned();
            sequences.push((text("sequence"), text("content")));
        }
        sequences.sort();
        let sorted: Vec<&String> = sequences.iter().map(|(_, content)| content).collect();
        assert_eq!(sorted, names.iter().collect::<Vec<_>>(), "events sort as the history does");
    }
}

#[tokio::test]
async fn a_group_has_a_conversation_of_its_own() {
    let stack = TestStack::start(PROGRAM).await;
    let contacts = json!([{ "profile": { "name": "Ana" }, "wa_id": "5511911110010" }]);
    let mut message = text("wamid.G", &json!({ "from": "5511911110010" }));
    message["group_id"] = json!("Y2FwaV9ncm91cDox");
    receive(&stack, &contacts, &[message]).await;
    assert!(history(&stack, "&phone=5511911110010").await.is_empty());
    let rows = history(&stack, "&chatId=chat_group.Y2FwaV9ncm91cDox").await;
    assert_eq!((&rows[0]["from"], &rows[0]["group"]["id"]), (&json!("5511911110010"), &json!("Y2FwaV9ncm91cDox")));
    assert_eq!(rows[0]["isGroup"], true, "as in the event");
    let call = stack.webhook.wait_for(rows[0]["messageId"].as_str().expect("an id"), "message.received").await;
    let data = &call.json["data"];
    assert_eq!((&data["isGroup"], &data["chatId"]), (&json!(true), &json!("chat_group.Y2FwaV9ncm91cDox")));
}

#[tokio::test]
async fn what_whatsapp_says_beside_the_content_is_kept_and_published() {
    let stack = TestStack::start(PROGRAM).await;
    let sender = json!({ "from": "5511911110011" });
    let referral = json!({ "source_url": "https://fb.me/x", "source_type": "ad", "ctwa_clid": "CLID" });
    let mut from_an_ad = text("wamid.AD", &sender);
    from_an_ad["referral"] = referral.clone();
    let mut answer = json!({ "from": "5511911110011", "id": "wamid.B1", "timestamp": "1760000003", "type": "button",
        "button": { "payload": "CONFIRM", "text": "Confirmar" } });
    answer["context"] = json!({ "from": "551140000000", "id": "wamid.FIRST" });
    let errors =
        json!([{ "code": 131_051, "title": "Message type unknown", "error_data": { "details": "not supported" } }]);
    let unsupported = json!({ "from": "5511911110011", "id": "wamid.N", "timestamp": "1760000004", "type": "unsupported",
        "errors": errors });
    let lines: Vec<Value> = (0..60)
        .map(|line| {
            json!({ "product_retailer_id": format!("SKU-{line:06}"), "quantity": 1,
        "item_price": 19.9, "currency": "BRL" })
        })
        .collect();
    let order = json!({ "catalog_id": "354160437058781", "text": "por favor", "product_items": lines });
    let ordered = json!({ "from": "5511911110011", "id": "wamid.O60", "timestamp": "1760000005", "type": "order",
        "order": order });
    let cards = json!([{ "name": { "formatted_name": "Ana" } }]);
    let shared = json!({ "from": "5511911110011", "id": "wamid.C", "timestamp": "1760000006", "type": "contacts",
        "contacts": cards });
    // As WhatsApp writes it, with escapes that JavaScript does not repeat.
    let body = callback(&Value::Null, &[from_an_ad, answer, unsupported, ordered, shared]).replace('/', r"\/");
    assert_eq!(stack.post_callback(&body, None).await, 200);
    let rows = history(&stack, "&phone=5511911110011").await;
    let expected = [
        ("wamid.C", "details", json!({ "contacts": cards })),
        ("wamid.O60", "details", order),
        ("wamid.N", "errors", errors),
        ("wamid.B1", "context", json!({ "providerId": "wamid.FIRST", "from": "551140000000" })),
        ("wamid.AD", "referral", referral),
    ];
    for (row, (id, field, value)) in rows.iter().zip(expected) {
        assert_eq!((&row["providerId"], &row[field]), (&json!(id), &value), "{row}");
        let call = stack.webhook.wait_for(row["messageId"].as_str().expect("an id"), "message.received").await;
        assert_eq!(call.json["data"][field], value, "{id}");
        let canonical = canonical_foreign(serde_json::from_slice(&call.body).expect("JSON")).expect("JSON");
        assert_eq!(canonical.as_str().as_bytes(), &call.body[..], "JavaScript repeats the body that is signed");
    }
}
