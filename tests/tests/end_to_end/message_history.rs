//! The history of messages, and cancelling a queued message.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::ids::MessageId;
use shared::message::record_keys::history_key;
use shared::message::{Content, Message};
use tests::test_stack::{LONGEST_RETRY_WAIT, REFUSED_FOR_HOURS, TestStack};
use tests::wait::eventually;

use crate::PROGRAM;

const HISTORY: &str = "GET /v1/messages?instanceId=inst_abc123";

fn ids(page: &Value) -> Vec<String> {
    let rows = page["data"].as_array().expect("rows");
    rows.iter().map(|row| row["messageId"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn history_pages_are_stable_while_new_messages_arrive() {
    let stack = TestStack::start(PROGRAM).await;
    let mut sent = Vec::new();
    for number in 0..7 {
        sent.push(stack.send_text("5511900000001", &number.to_string()).await.to_string());
    }
    sent.reverse();
    let chat = format!("{HISTORY}&phone=5511900000001&limit=3");
    let (status, first) = stack.call(&chat, Value::Null).await;
    assert_eq!((status, ids(&first)), (200, sent[..3].to_vec()), "{first}");
    let late = stack.send_text("5511900000001", "late").await.to_string();
    let cursor = first["pagination"]["nextCursor"].as_str().expect("a cursor");
    let (_, second) = stack.call(&format!("{chat}&before={cursor}"), Value::Null).await;
    assert_eq!(ids(&second), sent[3..6]);
    let cursor = second["pagination"]["nextCursor"].as_str().expect("a cursor");
    let (_, last) = stack.call(&format!("{chat}&before={cursor}"), Value::Null).await;
    assert_eq!(
        (ids(&last), &last["pagination"]),
        (sent[6..].to_vec(), &json!({ "hasMore": false, "nextCursor": null }))
    );
    let (_, newer) = stack.call(&format!("{chat}&after={}", sent[1]), Value::Null).await;
    assert_eq!(ids(&newer), [late, sent[0].clone()]);
}

#[tokio::test]
async fn history_shows_each_kind_of_message_by_instance_and_chat() {
    let stack = TestStack::start(PROGRAM).await;
    let to = json!("5511900000001");
    stack.send(json!({ "instanceId": "inst_abc123", "to": to, "message": "hello" })).await;
    let file = json!({ "instanceId": "inst_abc123", "to": to, "mediaType": "document", "caption": "Your invoice",
        "mediaUrl": "https://example.com/i.pdf", "filename": "i.pdf" });
    stack.send(file).await;
    let template = json!({ "name": "welcome", "language": "pt_BR", "components": [{ "type": "body", "parameters": [{ "type": "text", "text": "Ana" }] }] });
    let last = stack.send(json!({ "instanceId": "inst_abc123", "to": to, "template": template })).await;
    let (_, page) = stack.call(&format!("{HISTORY}&chatId=chat_5511900000001"), Value::Null).await;
    let [third, second, first] = page["data"].as_array().expect("rows").as_slice() else { panic!("three: {page}") };
    assert_eq!((&first["type"], &first["content"], &first["to"]), (&json!("text"), &json!("hello"), &to));
    assert_eq!((&first["direction"], first.get("from")), (&json!("outbound"), None));
    assert_eq!((&second["type"], &second["content"]), (&json!("document"), &json!("Your invoice")));
    assert_eq!((&second["mediaUrl"], &second["filename"]), (&json!("https://example.com/i.pdf"), &json!("i.pdf")));
    assert_eq!((&third["messageId"], &third["template"]), (&json!(last), &template));
    let (_, whole) = stack.call(HISTORY, Value::Null).await;
    let oldest = &whole["data"][3];
    assert_eq!((&oldest["messageId"], &oldest["direction"]), (&json!("msg_original123"), &json!("inbound")));
    assert_eq!((&oldest["from"], oldest.get("to")), (&json!("5511999999999"), None));
}

#[tokio::test]
async fn an_invalid_history_request_names_its_field() {
    let stack = TestStack::start(PROGRAM).await;
    for (query, status, code, field) in [
        ("", 400, "invalid_request", json!("instanceId")),
        ("?instanceId=inst_nobody", 404, "instance_not_found", Value::Null),
        ("?instanceId=inst_abc123&limit=101", 400, "invalid_request", json!("limit")),
        ("?instanceId=inst_abc123&limit=x", 400, "invalid_request", json!("limit")),
        ("?instanceId=inst_abc123&phone=abc", 400, "invalid_request", json!("phone")),
        ("?instanceId=inst_abc123&chatId=abc", 400, "invalid_request", json!("chatId")),
        ("?instanceId=inst_abc123&before=msg_nobody", 400, "invalid_request", json!("before")),
        (
            "?instanceId=inst_abc123&before=msg_original123&after=msg_original123",
            400,
            "invalid_request",
            json!("after"),
        ),
    ] {
        let (got, answer) = stack.call(&format!("GET /v1/messages{query}"), Value::Null).await;
        let error = &answer["error"];
        assert_eq!((got, &error["code"], &error["field"]), (status, &json!(code), &field), "{query}");
    }
}

#[tokio::test]
async fn a_queued_message_can_be_canceled_and_is_refunded_once() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let id = stack.send_text(REFUSED_FOR_HOURS, "refused for now, so that it waits").await;
    stack.wait_for_attempt(&id, 1).await;
    for _ in 0..2 {
        let (status, answer) = stack.call(&format!("DELETE /v1/messages/{id}"), Value::Null).await;
        assert_eq!((status, &answer["data"]["status"]), (200, &json!("failed")), "{answer}");
        assert_eq!(answer["data"]["error"]["code"], "canceled");
    }
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before);
    let published = stack.webhook.wait_for(id.as_str(), "message.failed").await;
    assert_eq!(published.json["data"]["error"]["code"], "canceled");
    stack.pass(LONGEST_RETRY_WAIT);
    let after = stack.send_text(REFUSED_FOR_HOURS, "behind it in the queue").await;
    stack.wait_for_status(&after, "read").await;
    assert_eq!(stack.whatsapp().ledger().asked(), 2, "the cancelled one was not asked for again");
}

#[tokio::test]
async fn a_message_that_is_being_sent_cannot_be_canceled() {
    let stack = TestStack::start(PROGRAM).await;
    let hanging = stack.send_text("15550100001", "being sent").await;
    stack.wait_for_asked(1).await;
    let read = stack.send_text("5511999999999", "sent").await;
    stack.wait_for_status(&read, "read").await;
    for id in [hanging, read] {
        let (status, answer) = stack.call(&format!("DELETE /v1/messages/{id}"), Value::Null).await;
        assert_eq!((status, &answer["error"]["code"]), (409, &json!("not_cancelable")), "{answer}");
    }
}

#[tokio::test]
async fn a_reply_waits_for_the_message_that_it_quotes() {
    let stack = TestStack::start(PROGRAM).await;
    let quoted = stack.insert_queued(|_| {}).await;
    let reply =
        json!({ "instanceId": "inst_abc123", "to": "5511911111111", "message": "re", "quotedMessageId": quoted });
    let reply = stack.send(reply).await;
    let tried = || async { (stack.images(&reply).await.len() >= 3).then_some(()) };
    eventually("the reply to be claimed and released", tried).await;
    assert_eq!(stack.record(&reply).await.sent_at, None);
    stack.enqueue("ExpressQueue.fifo", &quoted).await;
    stack.wait_for_status(&quoted, "read").await;
    stack.wait_for_status(&reply, "read").await;
    assert_eq!(stack.record(&reply).await.attempt, 1);
    let posted = stack.whatsapp().ledger().taken_by("5511911111111").remove(0).message;
    assert_eq!(posted["context"]["message_id"].as_str(), stack.record(&quoted).await.provider_id.as_deref());
    let lost = stack.send_text("1555131047", "refused for good").await;
    stack.wait_for_status(&lost, "failed").await;
    let orphan =
        json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "re", "quotedMessageId": lost });
    let orphan = stack.send(orphan).await;
    let failed = stack.wait_for_status(&orphan, "failed").await;
    assert_eq!(failed["error"]["message"], "The message that it replies or reacts to was never sent.");
}

/// Promise 9, over every endpoint that takes an id.
#[tokio::test]
async fn ids_of_another_account_are_answered_as_unknown() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text("5511999999999", "hello").await;
    let hook = json!({ "url": stack.webhook.url, "instanceId": "inst_abc123", "events": ["message.sent"] });
    let (_, created) = stack.call("POST /v1/webhooks", hook.clone()).await;
    let hook_path = format!("/v1/webhooks/{}", created["data"]["id"].as_str().expect("an id"));
    let account = stack.open_account(Plan::Free, 100).await;
    let other_key = stack.key(&account, Scope::ALL, None).await;
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "2", "accessToken": "EAAG" });
    let mut codes = BTreeSet::new();
    for (call, body) in [
        (format!("GET /v1/messages/{id}"), Value::Null),
        (format!("GET /v1/messages/{id}/status"), Value::Null),
        (format!("DELETE /v1/messages/{id}"), Value::Null),
        (HISTORY.to_owned(), Value::Null),
        ("GET /v1/instances/inst_abc123".to_owned(), Value::Null),
        ("GET /v1/instances/inst_abc123/status".to_owned(), Value::Null),
        ("PATCH /v1/instances/inst_abc123".to_owned(), json!({ "name": "mine" })),
        ("POST /v1/instances/inst_abc123/connect".to_owned(), connect),
        ("POST /v1/instances/inst_abc123/disconnect".to_owned(), Value::Null),
        ("DELETE /v1/instances/inst_abc123".to_owned(), Value::Null),
        ("POST /v1/webhooks".to_owned(), hook),
        ("POST /v1/webhooks/inbound".to_owned(), json!({ "name": "mine", "instanceId": "inst_abc123" })),
        (format!("GET {hook_path}"), Value::Null),
        (format!("PUT {hook_path}"), json!({ "name": "mine" })),
        (format!("POST {hook_path}/rotate"), Value::Null),
        (format!("POST {hook_path}/test"), Value::Null),
        (format!("GET {hook_path}/logs"), Value::Null),
        (format!("DELETE {hook_path}"), Value::Null),
    ] {
        let (status, answer) = stack.call_as(&other_key, &call, body).await;
        assert_eq!(status, 404, "{call}: {answer}");
        codes.insert(answer["error"]["code"].as_str().expect("a code").to_owned());
    }
    assert_eq!(codes, ["instance_not_found", "message_not_found", "webhook_not_found"].map(str::to_owned).into());
    let (_, page) = stack.call_as(&other_key, "GET /v1/instances", Value::Null).await;
    assert_eq!(page["data"], json!([]));
    let (status, _) = stack.call(&format!("GET {hook_path}"), Value::Null).await;
    assert_eq!(status, 200, "and nothing was changed");
}

#[tokio::test]
async fn a_page_of_long_messages_ends_before_it_is_too_large_for_a_response() {
    let stack = TestStack::start(PROGRAM).await;
    let accepted = stack.send_text("5511900000001", "hello").await;
    stack.wait_for_status(&accepted, "read").await;
    let template = stack.record(&accepted).await;
    let mut expected = vec![accepted.to_string()];
    for number in 1..=30 {
        let (id, at) = (MessageId::generate(), template.created_at.plus(Duration::from_secs(number)));
        let content = Content::Text { body: "\"".repeat(60_000), no_preview: false };
        let history_key = history_key(at, &id);
        expected.push(id.to_string());
        let message = Message { id, content, history_key, publishes: None, ..template.clone() };
        stack.messages.insert(&message).await.expect("the table takes it");
    }
    let chat = format!("{HISTORY}&phone=5511900000001&limit=100");
    for (direction, first) in [("after", format!("&after={accepted}")), ("before", String::new())] {
        let (mut listed, mut query, mut pages) = (Vec::new(), first, 0);
        loop {
            let (status, page) = stack.call(&format!("{chat}{query}"), Value::Null).await;
            assert_eq!(status, 200, "{page}");
            assert!(page.to_string().len() < 3 * 1024 * 1024, "twice that is below Lambda's 6 MB");
            pages += 1;
            let mut rows = ids(&page);
            if direction == "after" {
                rows.reverse();
            }
            listed.extend(rows);
            let Some(cursor) = page["pagination"]["nextCursor"].as_str() else { break };
            query = format!("&{direction}={cursor}");
        }
        if direction == "before" {
            listed.reverse();
            assert_eq!((&listed, pages), (&expected, 2), "each once, in order");
        } else {
            assert_eq!((listed.as_slice(), pages), (&expected[1..], 2), "each once, in order");
        }
    }
}
