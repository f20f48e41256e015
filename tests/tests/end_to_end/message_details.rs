//! WhatsApp's own objects of received messages, whatever their size, and the messages that they are about.

use futures::future::join_all;
use serde_json::{Value, json};
use shared::message::inbound_id;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::FaultAt;
use tests::test_stack::TestStack;

use crate::{PROGRAM, unread_callbacks};

pub const PHONE: &str = "5511988887777";
/// The number of the demo customer.
const NUMBER: &str = "106540352242922";

fn message(id: &str, kind: &str, object: Value) -> Value {
    let now = shared::clock::now().secs().to_string(); // a record of an old message would expire at once
    let mut message = json!({ "from": PHONE, "id": id, "timestamp": now, "type": kind });
    message[kind] = object;
    message
}

async fn receive(stack: &TestStack, messages: &[Value]) {
    assert_eq!(stack.post_callback(&unread_callbacks::messages(messages), None).await, 200);
}

/// An order of so many lines, as people put it together from a catalog.
fn order(lines: usize) -> Value {
    let line = |number| json!({ "product_retailer_id": format!("SKU-{number:06}"), "quantity": 2, "item_price": 19.9, "currency": "BRL" });
    json!({ "catalog_id": "354160437058781", "text": "por favor", "product_items": (0..lines).map(line).collect::<Vec<_>>() })
}

/// Receives a message whose object is stored beside its record.
pub async fn receive_large_order(stack: &TestStack, id: &str) {
    receive(stack, &[message(id, "order", order(5_000))]).await;
}

pub fn id_of(stack: &TestStack, provider_id: &str) -> String {
    inbound_id(&stack.customer.account_id, NUMBER, provider_id).to_string()
}

/// The rows of the demo instance's conversation with the phone, newest first.
async fn history(stack: &TestStack) -> Vec<Value> {
    let (status, body) =
        stack.call(&format!("GET /v1/messages?instanceId=inst_abc123&phone={PHONE}"), Value::Null).await;
    assert_eq!(status, 200, "{body}");
    body["data"].as_array().expect("rows").clone()
}

fn row(rows: &[Value], provider_id: &str) -> Value {
    rows.iter().find(|row| row["providerId"] == provider_id).expect("a row").clone()
}

#[tokio::test]
async fn an_object_of_any_size_is_readable_whole() {
    let stack = TestStack::start(PROGRAM).await;
    for (id, lines, is_apart) in [("wamid.60", 60, false), ("wamid.800", 800, true), ("wamid.9000", 9_000, true)] {
        receive(&stack, &[message(id, "order", order(lines))]).await;
        let row = row(&history(&stack).await, id);
        let id = id_of(&stack, id);
        let path = format!("/v1/messages/{id}/details");
        let event = stack.webhook.wait_for(&id, "message.received").await;
        for shown in [&event.json["data"], &row] {
            let (details, url) = (shown.get("details"), shown.get("detailsUrl"));
            assert_eq!((details.is_none(), url.cloned()), (is_apart, is_apart.then(|| json!(path))), "{lines}");
            assert!(details.is_none_or(|details| *details == order(lines)));
        }
        let (status, answer) = stack.call(&format!("GET {path}"), Value::Null).await;
        assert_eq!((status, &answer["data"]), (200, &order(lines)));
    }
    let text = stack.send_text(PHONE, "hello").await;
    for unknown in [format!("/v1/messages/{text}/details"), "/v1/messages/msg_unknown/details".to_owned()] {
        let (status, answer) = stack.call(&format!("GET {unknown}"), Value::Null).await;
        assert_eq!((status, &answer["error"]["code"]), (404, &json!("message_not_found")), "{answer}");
    }
}

#[tokio::test]
async fn what_whatsapp_adds_to_a_text_is_kept() {
    let stack = TestStack::start(PROGRAM).await;
    let plain = json!({ "body": "oi" });
    let formatted = json!({ "body": "oi", "spans": [{ "from": 0, "to": 2, "style": "bold" }] });
    let long = json!({ "body": "a".repeat(70_000), "spans": [] });
    for (id, object, details) in [
        ("wamid.plain", &plain, None),
        ("wamid.formatted", &formatted, Some(&formatted)),
        ("wamid.long", &long, None), // as too large for an event
    ] {
        receive(&stack, &[message(id, "text", object.clone())]).await;
        let row = row(&history(&stack).await, id);
        let event = stack.webhook.wait_for(&id_of(&stack, id), "message.received").await;
        let body: String = object["body"].as_str().expect("a text").chars().take(65_536).collect();
        for shown in [&event.json["data"], &row] {
            assert_eq!((&shown["type"], &shown["content"]), (&json!("text"), &json!(body)), "{id}");
            assert_eq!(shown.get("details"), details, "{id}");
        }
    }
    let path = |id: &str| format!("GET /v1/messages/{}/details", id_of(&stack, id));
    assert_eq!(stack.call(&path("wamid.long"), Value::Null).await.1["data"], long);
}

#[tokio::test]
async fn an_object_beside_its_record_is_stored_once_and_erased_with_it() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let callback = unread_callbacks::messages(&[message("wamid.large", "order", order(5_000))]);
    // The write is applied, and `receive` ends before it knows.
    let mut faults = Some(Fault::KillAfter);
    proxied.dynamodb.set_faults(move |call, _| {
        let is_write = call.caller == "receive" && call.operation == "TransactWriteItems";
        faults.take_if(|_| is_write).unwrap_or(Fault::None)
    });
    assert!(stack.post_callback(&callback, None).await >= 500);
    for _ in 0..2 {
        assert_eq!(stack.post_callback(&callback, None).await, 200, "as WhatsApp repeats it");
    }
    let details = format!("GET /v1/messages/{}/details", id_of(stack, "wamid.large"));
    assert_eq!(stack.call(&details, Value::Null).await.1["data"], order(5_000));
    assert_eq!(history(stack).await.len(), 1);

    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 1, "remaining": 0 }));
    assert_eq!(stack.call(&details, Value::Null).await.0, 404);
    assert_eq!(stack.post_callback(&callback, None).await, 200, "as WhatsApp repeats it");
    let scan = stack.stack.clients.dynamodb.scan().table_name(&stack.stack.tables["Messages"]).send().await;
    let items = scan.expect("the table answers").items.unwrap_or_default();
    assert!(items.iter().all(|item| !format!("{item:?}").contains("SKU-")), "{} items", items.len());
}

#[tokio::test]
async fn what_answers_or_changes_a_message_names_it() {
    let stack = TestStack::start(PROGRAM).await;
    let (first, second) = (stack.send_text(PHONE, "Confirmar?").await, stack.send_text(PHONE, "Confirmar?").await);
    for id in [&first, &second] {
        stack.wait_for_status(id, "read").await;
    }
    let wamid = stack.record(&first).await.provider_id.expect("WhatsApp's id");
    let mut button = message("wamid.button", "button", json!({ "payload": "CONFIRM", "text": "Confirmar" }));
    button["context"] = json!({ "from": "551140000000", "id": wamid });
    let reaction = message("wamid.reaction", "reaction", json!({ "message_id": wamid, "emoji": "👍" }));
    let removal = message("wamid.removal", "reaction", json!({ "message_id": wamid }));
    let edit =
        json!({ "original_message_id": "wamid.button", "message": { "type": "text", "text": { "body": "Sim" } } });
    let revocation = json!({ "original_message_id": "wamid.button" });
    let foreign =
        message("wamid.foreign", "reaction", json!({ "message_id": "wamid.of-another-system", "emoji": "👍" }));
    receive(&stack, &[button]).await;
    receive(
        &stack,
        &[
            reaction,
            removal,
            message("wamid.edit", "edit", edit),
            message("wamid.revoke", "revoke", revocation),
            foreign,
        ],
    )
    .await;
    let rows = history(&stack).await;
    let received = id_of(&stack, "wamid.button");
    for (id, about, ours) in [
        ("wamid.button", wamid.as_str(), Some(first.as_str())),
        ("wamid.reaction", &wamid, Some(first.as_str())),
        ("wamid.removal", &wamid, Some(first.as_str())),
        ("wamid.edit", "wamid.button", Some(received.as_str())),
        ("wamid.revoke", "wamid.button", Some(received.as_str())),
        ("wamid.foreign", "wamid.of-another-system", None),
    ] {
        let ours = ours.map_or(Value::Null, |id| json!(id));
        let event = stack.webhook.wait_for(&id_of(&stack, id), "message.received").await;
        for shown in [&event.json["data"], &row(&rows, id)] {
            let context = &shown["context"];
            assert_eq!((&context["providerId"], &context["messageId"]), (&json!(about), &ours), "{id}: {shown}");
        }
    }
}

#[tokio::test]
async fn a_target_is_found_among_the_last_messages_of_the_conversation() {
    let stack = TestStack::start(PROGRAM).await;
    let texts: Vec<_> = (0..12).map(|number| format!("text {number}")).collect();
    let mut ids = Vec::new();
    for text in &texts {
        let id = stack.send_text(PHONE, text).await;
        stack.wait_for_status(&id, "read").await;
        ids.push(id);
    }
    let oldest = stack.record(&ids[0]).await.provider_id.expect("WhatsApp's id");
    receive(&stack, &[message("wamid.late", "reaction", json!({ "message_id": oldest, "emoji": "👍" }))]).await;
    let row = row(&history(&stack).await, "wamid.late");
    assert_eq!(row["context"]["messageId"], json!(ids[0]), "beyond the first page of ten: {row}");
}

#[tokio::test]
async fn a_target_in_the_same_callback_is_found_although_it_is_stored_later() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let text = message("wamid.text", "text", json!({ "body": "Pedido 12" }));
    let edit = json!({ "original_message_id": "wamid.text", "message": { "type": "text", "text": { "body": "13" } } });
    let edit_of_edit =
        json!({ "original_message_id": "wamid.edit", "message": { "type": "text", "text": { "body": "14" } } });
    let reaction = json!({ "message_id": "wamid.edit", "emoji": "👍" });
    let messages = [
        text,
        message("wamid.edit", "edit", edit),
        message("wamid.edit2", "edit", edit_of_edit),
        message("wamid.reaction", "reaction", reaction),
    ];
    // The first of them is stored last.
    proxied.dynamodb.inject([FaultAt("receive", "PutItem", 1, &[Fault::Unavailable, Fault::Unavailable])]);
    receive(stack, &messages).await;
    let rows = history(stack).await;
    let expected = [("wamid.edit", "wamid.text"), ("wamid.edit2", "wamid.edit"), ("wamid.reaction", "wamid.edit")];
    for (id, about) in expected {
        assert_eq!(row(&rows, id)["context"]["messageId"], json!(id_of(stack, about)), "{id}: {rows:?}");
    }
}

#[tokio::test]
async fn the_same_large_object_at_the_same_time_is_stored_once_and_shown_to_nobody_else() {
    let stack = TestStack::start(PROGRAM).await;
    let neighbour = stack.neighbour().await;
    let callback = unread_callbacks::messages(&[message("wamid.large", "order", order(5_000))]);
    let answers = join_all((0..6).map(|_| stack.post_callback(&callback, None))).await;
    for answer in answers {
        assert!(answer == 200 || stack.post_callback(&callback, None).await == 200, "{answer}");
    }
    assert_eq!(history(&stack).await.len(), 1);
    let id = id_of(&stack, "wamid.large");
    assert_eq!(stack.call(&format!("GET /v1/messages/{id}/details"), Value::Null).await.1["data"], order(5_000));
    for path in [format!("{id}/details"), format!("{id}.details.0/details")] {
        let path = format!("GET /v1/messages/{path}");
        assert_eq!(stack.call_as(&neighbour, &path, Value::Null).await.0, 404, "{path}");
    }
}
