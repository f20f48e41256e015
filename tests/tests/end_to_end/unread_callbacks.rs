//! What cannot be read of a callback is kept, listed for the operator, and read again when the operator asks for it.

use std::time::Duration;

use local::dev_stack::seed::BUSINESS;
use serde_json::{Value, json};
use shared::clock;
use shared::ids::{AccountId, CallbackId};
use shared::security::{MasterKeys, SecretCipher};
use shared::unread_callback::{SignedBy, UnreadCallback, UnreadCallbacks};
use shared::whatsapp::UnreadPack;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::account_callbacks::event;

/// The number of the demo customer.
const NUMBER: &str = "106540352242922";
const SENDER: &str = "5511900000042";

fn callback(field: &str, value: &Value) -> String {
    let entry = json!([{ "id": "9001", "changes": [{ "field": field, "value": value }] }]);
    json!({ "object": "whatsapp_business_account", "entry": entry }).to_string()
}

/// A callback about the business account, without a time.
fn of_account(field: &str, value: &Value) -> String {
    json!({ "entry": [{ "id": BUSINESS, "changes": [{ "field": field, "value": value }] }] }).to_string()
}

/// A callback with these messages.
pub fn messages(messages: &[Value]) -> String {
    callback("messages", &json!({ "metadata": { "phone_number_id": NUMBER }, "messages": messages }))
}

/// A text as WhatsApp reports it.
pub fn text(id: &str) -> Value {
    json!({ "from": SENDER, "id": id, "timestamp": "1760000002", "type": "text", "text": { "body": "PRIVATE" } })
}

async fn listed(stack: &TestStack, query: &str) -> Value {
    let (status, body) = stack.operate(&format!("GET /v1/admin/callbacks{query}"), Value::Null).await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn replay(stack: &TestStack, id: &str) -> (u16, Value) {
    stack.operate(&format!("POST /v1/admin/callbacks/{id}/replay"), Value::Null).await
}

/// Keeps a callback as an earlier version would have that could not read it.
pub async fn keep(stack: &TestStack, body: &str, signed_by: Option<SignedBy>) -> CallbackId {
    let keys = stack.stack.secrets.text("CallbackKeys").expect("a secret").into();
    let cipher = SecretCipher::for_callbacks(&MasterKeys::parse(&keys).expect("long enough"), None);
    let kept = UnreadCallback::new(UnreadPack::body(body.as_bytes()), signed_by, &cipher, clock::now());
    let kept = kept.expect("small");
    let table = stack.stack.tables["UnreadCallbacks"].clone();
    let table = UnreadCallbacks::new(stack.stack.clients.dynamodb.clone(), table);
    assert!(table.keep(&kept).await.expect("the table answers"));
    kept.id
}

async fn received(stack: &TestStack) -> usize {
    let path = format!("GET /v1/messages?instanceId=inst_abc123&phone={SENDER}");
    let (_, body) = stack.call(&path, Value::Null).await;
    body["data"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_once_and_listed_without_its_content() {
    let stack = TestStack::start(PROGRAM).await;
    let unknown = callback("telepathy", &json!({ "metadata": { "phone_number_id": NUMBER }, "thoughts": ["PRIVATE"] }));
    let odd = messages(&[text("wamid.1"), json!({ "from": SENDER, "type": "text" }), json!("PRIVATE")]);
    for body in [&unknown, &odd, &unknown, &odd, &"PRIVATE, and no callback".to_owned()] {
        assert_eq!(stack.post_callback(body, None).await, 200, "{body}");
    }
    assert_eq!(received(&stack).await, 1, "the others are stored");
    let all = listed(&stack, "").await;
    let rows = all["data"].as_array().expect("rows");
    let reasons: Vec<&Value> = rows.iter().map(|row| &row["reasons"][0]).collect();
    assert_eq!(reasons, ["unreadable_callback", "unreadable_message", "unknown_field"], "newest first, and each once");
    assert_eq!((&rows[1]["numberIds"][0], &rows[1]["ownApp"]), (&json!(NUMBER), &json!(false)));
    assert!(!all.to_string().contains("PRIVATE") && !stack.logs().contains("PRIVATE"));
    let counted = || async { stack.logs().contains("CallbacksUnread").then_some(()) };
    eventually("the metric of the alarm", counted).await;
    let first = listed(&stack, "?limit=2").await;
    let cursor = first["pagination"]["nextCursor"].as_str().expect("a cursor");
    let last = listed(&stack, &format!("?limit=2&after={cursor}")).await;
    assert_eq!((&last["data"][0]["id"], &last["pagination"]["hasMore"]), (&rows[2]["id"], &json!(false)));
    let (status, body) = stack.operate("GET /v1/admin/callbacks?after=x", Value::Null).await;
    assert_eq!((status, &body["error"]["field"]), (400, &json!("after")));
}

#[tokio::test]
async fn a_kept_callback_is_read_by_a_version_that_can() {
    let stack = TestStack::start(PROGRAM).await;
    let id = keep(&stack, &messages(&[text("wamid.1"), text("wamid.2")]), None).await;
    assert_eq!(replay(&stack, id.as_str()).await, (200, json!({ "success": true, "data": { "unread": 0 } })));
    assert_eq!(received(&stack).await, 2);
    assert_eq!(listed(&stack, "").await["data"], json!([]));
    assert_eq!(replay(&stack, id.as_str()).await.1["error"]["code"], "callback_not_found");
    let still = keep(&stack, &messages(&[text("wamid.3"), json!({ "type": "text" })]), None).await;
    assert_eq!(replay(&stack, still.as_str()).await.1["data"], json!({ "unread": 1 }));
    assert_eq!(received(&stack).await, 3, "what can be read is stored");
    assert_eq!(listed(&stack, "").await["data"][0]["id"], json!(still), "and the rest is still kept");
}

#[tokio::test]
async fn what_a_customers_own_app_signed_is_replayed_for_that_customer_only() {
    let stack = TestStack::start(PROGRAM).await;
    let signed_by = |account: &AccountId| Some(SignedBy::from([(NUMBER.to_owned(), account.clone())]));
    let body = messages(&[text("wamid.1")]);
    let former = keep(&stack, &body, signed_by(&AccountId::generate())).await;
    assert_eq!(replay(&stack, former.as_str()).await.1["data"], json!({ "unread": 1 }));
    assert_eq!(received(&stack).await, 0, "the number is another account's by now");
    assert_eq!(listed(&stack, "").await["data"][0]["id"], json!(former), "and may be connected again");
    let own = keep(&stack, &body, signed_by(&stack.customer.account_id)).await;
    assert_eq!(replay(&stack, own.as_str()).await.0, 200);
    assert_eq!(received(&stack).await, 1);
}

#[tokio::test]
async fn what_was_read_beside_it_is_not_published_again_by_a_replay() {
    let stack = TestStack::start(PROGRAM).await;
    let webhook = WebhookReceiver::start().await;
    stack.webhook_for(&webhook, &["contact.opted_out", "instance.updated", "instance.disconnected"]).await;
    let wish = |value: &str| json!({ "wa_id": SENDER, "category": "marketing_messages", "value": value });
    let wishes = json!({ "user_preferences": [wish("stop"), wish("snooze")] });
    // Neither has a time.
    let restrictions = json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": [
        { "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING" }, { "restriction_type": "OF_2027" }] });
    for body in [of_account("user_preferences", &wishes), of_account("account_update", &restrictions)] {
        assert_eq!(stack.post_callback(&body, None).await, 200);
    }
    event(&webhook, "contact.opted_out").await;
    event(&webhook, "instance.updated").await;
    stack.pass(Duration::from_secs(60));
    let rows = listed(&stack, "").await["data"].clone();
    let ids: Vec<&str> = rows.as_array().expect("rows").iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(ids.len(), 2, "{rows}");
    for id in ids.iter().chain(&ids) {
        assert_eq!(replay(&stack, id).await, (200, json!({ "success": true, "data": { "unread": 1 } })));
    }
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await.0, 200);
    event(&webhook, "instance.disconnected").await; // what came before it is published
    assert_eq!(webhook.count(), 3, "{:?}", webhook.calls());
}

#[tokio::test]
async fn only_the_operator_replays() {
    let stack = TestStack::start(PROGRAM).await;
    let id = keep(&stack, &messages(&[text("wamid.1")]), None).await;
    let ask = |token: &'static str| {
        let request = stack.http.post(&stack.stack.addresses.callback).header("x-pombo-replay", token);
        request.body(id.to_string()).send()
    };
    for token in ["", "00", "sha256=00"] {
        assert_eq!(ask(token).await.expect("an answer").status(), 401, "{token}");
    }
    let path = format!("POST /v1/admin/callbacks/{id}/replay");
    assert_eq!(stack.call(&path, Value::Null).await.0, 401, "a customer's key");
    assert_eq!(received(&stack).await, 0);
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_acknowledged() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let odd = messages(&[json!("odd")]);
    proxied.dynamodb.set_faults(|call, _| {
        let is_kept = call.caller == "receive" && call.operation == "PutItem";
        if is_kept { Fault::Unavailable } else { Fault::None }
    });
    assert_eq!(stack.post_callback(&odd, None).await, 500);
    proxied.dynamodb.set_faults(|_, _| Fault::None);
    assert_eq!(stack.post_callback(&odd, None).await, 200);
    assert_eq!(listed(stack, "").await["data"].as_array().map(Vec::len), Some(1));
    let huge = messages(&[json!("x".repeat(300 * 1024))]);
    assert_eq!(stack.post_callback(&huge, None).await, 500);
}
