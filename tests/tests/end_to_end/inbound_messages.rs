//! Every type of message that people send (whatsapp-cloud-api-2026, section 4): each is stored and published whole.

use std::collections::HashMap;

use serde_json::{Value, json};
use shared::canonical_json::canonical_foreign;
use tests::people::NUMBER;
use tests::test_stack::TestStack;

use crate::PROGRAM;

const PHONE: &str = "5511911110001";
/// A person who hides the phone number.
const USER: &str = "BR.1502576394655843";
/// `hi` in Base64.
const FILE: &str = "aGk=";

/// A message that a person writes: its type, its object, what else it has, and the text that customers see of it.
type Message = (&'static str, Value, Value, Option<&'static str>);

/// A message of each type, after those that it is about.
fn every_type(own: &str) -> Vec<Message> {
    let none = || json!({});
    let choice = json!({ "id": "1", "title": "One", "description": "the first" });
    vec![
        ("text", json!({ "body": "oi\u{1F600} \\ \"/" }), none(), Some("oi\u{1F600} \\ \"/")),
        ("image", json!({ "mime_type": "image/jpeg", "data": FILE, "caption": "Look" }), none(), Some("Look")),
        ("video", json!({ "mime_type": "video/mp4", "data": FILE }), none(), None),
        ("audio", json!({ "mime_type": "audio/ogg; codecs=opus", "data": FILE, "voice": true }), none(), None),
        (
            "document",
            json!({ "mime_type": "text/plain", "data": FILE, "filename": "a.txt", "caption": "List" }),
            none(),
            Some("List"),
        ),
        ("sticker", json!({ "mime_type": "image/webp", "data": FILE, "animated": true }), none(), None),
        (
            "location",
            json!({ "latitude": -23.5, "longitude": -46.633, "name": "Here", "address": "Rua 1" }),
            none(),
            Some("Here"),
        ),
        (
            "contacts",
            json!([{ "name": { "formatted_name": "Ana" }, "origin": "other", "vcard": "BEGIN:VCARD",
            "phones": [{ "phone": "+55 11 91111-0002", "wa_id": "5511911110002", "type": "CELL" }] }]),
            none(),
            None,
        ),
        ("reaction", json!({ "message_id": own, "emoji": "👍" }), none(), Some("👍")),
        ("reaction", json!({ "message_id": own }), none(), None), // its removal
        (
            "interactive",
            json!({ "type": "button_reply", "button_reply": { "id": "1", "title": "Yes" } }),
            none(),
            Some("Yes"),
        ),
        ("interactive", json!({ "type": "list_reply", "list_reply": choice }), none(), Some("One")),
        (
            "interactive",
            json!({ "type": "nfm_reply", "nfm_reply": { "name": "flow", "body": "Sent",
            "response_json": json!({ "flow_token": "t", "answers": "x".repeat(12_000) }).to_string() } }),
            none(),
            None,
        ),
        (
            "interactive",
            json!({ "type": "call_permission_reply", "call_permission_reply":
            { "response": "accept", "is_permanent": false, "expiration_timestamp": 1_790_000_000, "response_source": "user_action" } }),
            none(),
            None,
        ),
        (
            "button",
            json!({ "text": "Confirmar", "payload": "CONFIRM" }),
            json!({ "context": { "id": "wamid.S" } }),
            Some("Confirmar"),
        ),
        ("button", json!({ "text": "Confirmar" }), json!({ "context": { "id": own } }), Some("Confirmar")),
        (
            "order",
            json!({ "catalog_id": "3541", "text": "por favor", "product_items": lines(60) }),
            none(),
            Some("por favor"),
        ),
        (
            "contacts",
            json!(vec![json!({ "name": { "formatted_name": "A name of a contact" }, "vcard": "x".repeat(300) }); 15]),
            none(),
            None,
        ),
        (
            "edit",
            json!({ "original_message_id": own, "message": { "context": { "id": "wamid.S" }, "type": "text", "text": { "body": "olá" } } }),
            none(),
            None,
        ),
        (
            "edit",
            json!({ "original_message_id": own, "message": { "type": "image",
            "image": { "mime_type": "image/jpeg", "data": FILE, "caption": "Better" } } }),
            none(),
            None,
        ),
        ("revoke", json!({ "original_message_id": own }), none(), None),
        ("unsupported", json!({ "type": "poll" }), none(), None),
    ]
}

/// What any message may have beside its content.
fn every_addition() -> Vec<Value> {
    let referral = json!({ "source_url": "https://fb.me/x", "source_id": "120", "source_type": "ad", "headline": "h", "body": "b",
        "media_type": "image", "image_url": "https://example.com/i.jpg", "ctwa_clid": "CLID", "welcome_message": { "text": "oi" } });
    let product = json!({ "catalog_id": "9", "product_retailer_id": "SKU-1" });
    vec![
        json!({ "referral": referral }),
        json!({ "context": { "id": "wamid.S" } }),
        json!({ "context": { "forwarded": true } }),
        json!({ "context": { "frequently_forwarded": true } }),
        json!({ "context": { "id": "wamid.S", "referred_product": product } }),
        json!({ "group_id": "Y2FwaV9ncm91cDox" }),
        json!({ "errors": [{ "code": 131_051, "title": "Message type unknown", "error_data": { "details": "not shown" } }] }),
    ]
}

fn lines(count: usize) -> Vec<Value> {
    let line = |line: usize| {
        json!({ "product_retailer_id": format!("SKU-{line:06}"), "quantity": line % 3 + 1,
        "item_price": 19.9, "currency": "BRL" })
    };
    (0..count).map(line).collect()
}

/// What customers see of a message, by what the callback had: the fields of contract-2's message object.
fn expected(person: &str, message: &Value, content: Option<&str>) -> Value {
    let kind = message["type"].as_str().expect("a type");
    let details = match &message[kind] {
        _ if kind == "text" => Value::Null,
        list @ Value::Array(_) => json!({ kind: list }),
        object => object.clone(),
    };
    let chat = message["group_id"].as_str().map_or_else(|| person.to_owned(), |group| format!("group.{group}"));
    let mut expected = json!({ "providerId": message["id"], "chatId": format!("chat_{chat}"), "type": kind, "from": person,
        "userId": message["from_user_id"], "content": content, "contactName": "Ana" });
    let context = message.get("context").map(shown_context).or_else(|| {
        let target = message[kind].get(if kind == "reaction" { "message_id" } else { "original_message_id" })?;
        Some(json!({ "providerId": target }))
    });
    for (name, value) in [
        ("context", context),
        ("details", Some(details)),
        ("referral", message.get("referral").cloned()),
        ("errors", message.get("errors").cloned()),
        ("group", message.get("group_id").map(|id| json!({ "id": id }))),
        ("username", (person == USER).then(|| json!("ana.p"))),
    ] {
        expected[name] = value.unwrap_or_default();
    }
    expected
}

/// WhatsApp's `context` as customers see it.
fn shown_context(context: &Value) -> Value {
    let names = HashMap::from([
        ("id", "providerId"),
        ("from", "from"),
        ("forwarded", "forwarded"),
        ("frequently_forwarded", "frequentlyForwarded"),
        ("referred_product", "referredProduct"),
    ]);
    let fields = context.as_object().expect("an object").iter();
    let shown = |value: &Value| match value.get("catalog_id") {
        Some(catalog) => json!({ "catalogId": catalog, "productRetailerId": value["product_retailer_id"] }),
        None => value.clone(),
    };
    Value::from_iter(fields.map(|(name, value)| (names[name.as_str()], shown(value))))
}

/// Waits for a written message in the history and in the webhook's event, and compares both with what the callback had.
async fn assert_whole(stack: &TestStack, person: &str, wamid: &str, content: Option<&str>) {
    let written = stack.written(person, wamid).await;
    let mut expected = expected(person, &written, content);
    let query = if person == USER { "userId" } else { "phone" };
    let query =
        written["group_id"].as_str().map_or(format!("&{query}={person}"), |id| format!("&chatId=chat_group.{id}"));
    let rows = stack.history(&format!("{query}&limit=100")).await;
    let row =
        rows.iter().find(|row| row["providerId"] == wamid).unwrap_or_else(|| panic!("{written} is not in {query}"));
    let target = expected["context"].get("providerId").cloned().unwrap_or_default();
    if let Some(target) = rows.iter().find(|row| row["providerId"] == target) {
        expected["context"]["messageId"] = target["messageId"].clone();
    }
    let event = stack.webhook.wait_for(row["messageId"].as_str().expect("an id"), "message.received").await;
    let data = &event.json["data"];
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!((row.get(name).unwrap_or(&Value::Null), name), (value, name), "in the history: {written}");
        assert_eq!((data.get(name).unwrap_or(&Value::Null), name), (value, name), "in the event: {written}");
    }
    assert_eq!((&row["direction"], &row["status"]), (&json!("inbound"), &json!("delivered")), "{written}");
    assert_eq!(data["isGroup"], json!(written.get("group_id").is_some()), "{written}");
    assert_eq!((&data["sequence"], &data["timestamp"]), (&row["sequence"], &row["timestamp"]), "{written}");
    assert_eq!(data["instanceId"], "inst_abc123");
    let canonical = canonical_foreign(serde_json::from_slice(&event.body).expect("JSON")).expect("JSON");
    assert_eq!(canonical.as_str().as_bytes(), &event.body[..], "JavaScript repeats the body that is signed: {written}");
}

#[tokio::test]
async fn every_type_of_message_is_stored_and_published_whole() {
    let stack = TestStack::start(PROGRAM).await;
    let profile = json!({ "name": "Ana", "username": "ana.p", "hidesPhone": true });
    stack.phone(&format!("PUT people/{USER}"), profile).await;
    stack.phone(&format!("PUT people/{PHONE}"), json!({ "name": "Ana" })).await;
    for person in [PHONE, USER] {
        let own = stack.write(person, "text", json!({ "body": "first" })).await;
        let mut written = Vec::new();
        for (kind, object, more, content) in every_type(&own) {
            written.push((stack.write_with(person, kind, object, more).await, content));
        }
        for more in every_addition() {
            let wamid = stack.write_with(person, "text", json!({ "body": "oi" }), more.clone()).await;
            written.push((wamid, Some("oi")));
            let file = json!({ "mime_type": "image/png", "data": FILE });
            written.push((stack.write_with(person, "image", file, more).await, None));
        }
        for (wamid, content) in &written {
            assert_whole(&stack, person, wamid, *content).await;
        }
    }
    assert!(!stack.logs().contains("callback.unread"), "nothing was kept as unreadable");
}

#[tokio::test]
async fn a_changed_number_or_user_id_is_a_message_with_the_old_and_the_new_one() {
    let stack = TestStack::start(PROGRAM).await;
    stack.write(PHONE, "text", json!({ "body": "oi" })).await;
    let changed = stack.phone(&format!("PUT people/{PHONE}/number"), json!({ "phone": "5511911110002" })).await;
    let rows = stack.history("").await;
    let system = rows.iter().find(|row| row["type"] == "system").expect("a message");
    let (details, user_id) = (&system["details"], &changed["userId"]);
    assert_eq!((&details["type"], &details["wa_id"]), (&json!("user_changed_number"), &json!("5511911110002")));
    assert_eq!((&details["user_id"], system["from"] == PHONE), (user_id, true), "{system}");
    assert!(details["previous_user_id"].is_string(), "{system}");

    stack.phone(&format!("PUT people/{USER}"), json!({ "name": "Ana", "username": "ana.p", "hidesPhone": true })).await;
    stack.write(USER, "text", json!({ "body": "oi" })).await;
    stack.phone(&format!("PUT people/{USER}/number"), json!({ "userId": "BR.2" })).await;
    let rows = stack.history("").await;
    let is_change = |row: &&Value| row["details"]["type"] == "user_changed_user_id";
    let system = rows.iter().find(is_change).expect("a message");
    assert_eq!((&system["details"]["user_id"], &system["details"]["previous_user_id"]), (&json!("BR.2"), &json!(USER)));
    let event = stack.webhook.wait_for(system["messageId"].as_str().expect("an id"), "message.received").await;
    assert_eq!(event.json["data"]["details"], system["details"]);
}

#[tokio::test]
async fn several_numbers_in_one_callback_each_keep_their_order() {
    let stack = TestStack::start(PROGRAM).await;
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": "Another" })).await;
    let other = created["data"]["id"].as_str().expect("an id").to_owned();
    let connect =
        json!({ "method": "official", "businessId": "1", "phoneNumberId": "2001", "accessToken": "EAAG-good" });
    assert_eq!(stack.call(&format!("POST /v1/instances/{other}/connect"), connect).await.0, 200);
    let seconds = stack.now().secs() - 30;
    let messages: Vec<Value> = (0..12)
        .map(|place| {
            json!({ "from": PHONE, "to": if place % 3 == 0 { "2001" } else { NUMBER }, "type": "text",
            "text": { "body": place.to_string() }, "timestamp": seconds })
        })
        .collect();
    stack.phone("POST people/messages", json!({ "messages": messages })).await;
    for (instance, expected) in [(other.as_str(), vec![0, 3, 6, 9]), ("inst_abc123", vec![1, 2, 4, 5, 7, 8, 10, 11])] {
        let path = format!("GET /v1/messages?instanceId={instance}&phone={PHONE}");
        let (_, page) = stack.call(&path, Value::Null).await;
        let rows = page["data"].as_array().expect("rows").iter().rev();
        let order: Vec<usize> =
            rows.map(|row| row["content"].as_str().and_then(|it| it.parse().ok()).expect("a text")).collect();
        assert_eq!(order, expected, "{instance}");
    }
}
