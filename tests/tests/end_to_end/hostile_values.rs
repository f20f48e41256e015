//! Values that no JSON library likes, in every place of a message and of a status: each update is stored or kept, and the good
//! ones beside them are.

use serde_json::{Value, json};
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::callbacks::Callbacks;
use crate::people::{NUMBER, history};

const PERSON: &str = "5511911110071";

/// Odd values, as JSON.
fn odd_values() -> Vec<String> {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
    vec![
        deep("[", "]"),
        deep(r#"{"a":"#, "}"),
        r#""\ud800""#.to_owned(),
        r#""\udc00\ud800""#.to_owned(),
        r#""\u0000""#.to_owned(),
        r#"{"\ud800":1,"a":"\u0000"}"#.to_owned(),
        r#"{"a":1,"a":2,"a":{"a":3}}"#.to_owned(),
        "1e400".to_owned(),
        "-0.0".to_owned(),
        "123456789012345678901234567890".to_owned(),
        format!(r#""{}""#, "x".repeat(10_000)),
        format!(r#""{}""#, "5".repeat(10_000)),
        format!(r#"{{"details":"{}","message":1}}"#, "é".repeat(50_000)),
        "null".to_owned(),
        "true".to_owned(),
        "[]".to_owned(),
        r#""""#.to_owned(),
    ]
}

async fn post(stack: &TestStack, list: &str, updates: &[String]) {
    let value = format!(r#"{{"metadata":{{"phone_number_id":"{NUMBER}"}},"{list}":[{}]}}"#, updates.join(","));
    let body = format!(r#"{{"entry":[{{"id":"9001","changes":[{{"field":"messages","value":{value}}}]}}]}}"#);
    assert_eq!(stack.post_callback(&body, None).await, 200, "{list}");
}

/// How many updates are kept as unreadable.
async fn kept(stack: &TestStack) -> u64 {
    let (status, page) = stack.operate("GET /v1/admin/callbacks?limit=100", Value::Null).await;
    assert_eq!(status, 200, "{page}");
    let mut count = 0;
    for row in page["data"].as_array().expect("rows") {
        let path = format!("POST /v1/admin/callbacks/{}/replay", row["id"].as_str().expect("an id"));
        let (status, replayed) = stack.operate(&path, Value::Null).await;
        assert_eq!(status, 200, "{replayed}");
        count += replayed["data"]["unread"].as_u64().expect("a number");
    }
    count
}

#[tokio::test]
async fn a_message_with_an_odd_value_anywhere_is_stored_or_kept_and_shown() {
    let stack = TestStack::start(PROGRAM).await;
    let mut messages = Vec::new();
    for (kind, field) in [
        ("text", "text"),
        ("text", "from_user_id"),
        ("text", "timestamp"),
        ("text", "context"),
        ("text", "referral"),
        ("text", "errors"),
        ("unsupported", "errors"),
        ("location", "location"),
        ("order", "order"),
        ("reaction", "reaction"),
        ("revoke", "revoke"),
        ("system", "system"),
        ("text", "group_id"),
    ] {
        for odd in odd_values() {
            let place = messages.len();
            messages.push(format!(
                r#"{{"from":"{PERSON}","id":"wamid.{place}","type":"{kind}","text":{{"body":"x"}},"{field}":{odd}}}"#
            ));
        }
    }
    let good = |id: &str| format!(r#"{{"from":"{PERSON}","id":"{id}","type":"text","text":{{"body":"good"}}}}"#);
    let mut all = vec![good("wamid.first")];
    all.extend(messages.iter().cloned());
    all.push(good("wamid.last"));
    post(&stack, "messages", &all).await;
    let mut ids = Vec::new();
    let mut query = "&limit=100".to_owned();
    loop {
        let page = stack.call(&format!("GET /v1/messages?instanceId=inst_abc123{query}"), Value::Null).await;
        assert_eq!(page.0, 200, "{page:?}");
        let rows = page.1["data"].as_array().expect("rows").clone();
        ids.extend(rows.iter().filter(|row| row["from"] == PERSON).map(|row| row["messageId"].clone()));
        let Some(cursor) = page.1["pagination"]["nextCursor"].as_str() else { break };
        query = format!("&limit=100&after={cursor}");
    }
    assert!(ids.len() as u64 + kept(&stack).await >= all.len() as u64, "{} are stored", ids.len());
    for id in &ids {
        stack.webhook.wait_for(id.as_str().expect("an id"), "message.received").await;
    }
    let good: Vec<Value> = history(&stack, &format!("&phone={PERSON}&limit=1")).await;
    assert_eq!(good[0]["providerId"], "wamid.last");
}

#[tokio::test]
async fn a_status_with_an_odd_value_anywhere_is_applied() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    let tag = callbacks.status("read")["biz_opaque_callback_data"].clone();
    let mut statuses = Vec::new();
    for field in ["id", "timestamp", "recipient_id", "recipient_user_id", "pricing", "errors", "conversation"] {
        for odd in odd_values() {
            statuses.push(format!(r#"{{"status":"delivered","biz_opaque_callback_data":{tag},"{field}":{odd}}}"#));
        }
    }
    for odd in odd_values() {
        let error = format!(r#"{{"code":131026,"title":"t","message":{odd},"error_data":{odd}}}"#);
        statuses.push(format!(r#"{{"status":"failed","biz_opaque_callback_data":{tag},"errors":[{odd},{error}]}}"#));
    }
    post(&stack, "statuses", &statuses).await;
    assert_eq!(stack.status(&id).await["status"], "delivered");
    let odd = kept(&stack).await;
    assert_eq!(
        odd, 8,
        "20 have a list or an object in place of an id or a time: they are kept as well, in parts of 128 KB"
    );
    let unreadable: Vec<String> =
        odd_values().into_iter().map(|odd| format!(r#"{{"biz_opaque_callback_data":{tag},"status":{odd}}}"#)).collect();
    post(&stack, "statuses", &unreadable).await;
    assert_eq!(kept(&stack).await, odd + unreadable.len() as u64);
}

#[tokio::test]
async fn a_body_that_is_no_utf_8_is_read_as_far_as_it_goes() {
    let stack = TestStack::start(PROGRAM).await;
    let app: Value = serde_json::from_str(&stack.stack.secrets.text("WhatsAppApp").expect("a secret")).expect("JSON");
    let message = json!({ "from": PERSON, "id": "wamid.U", "type": "text", "text": { "body": "BAD" } });
    let value = json!({ "metadata": { "phone_number_id": NUMBER }, "messages": [message] });
    let body = json!({ "entry": [{ "id": "9001", "changes": [{ "field": "messages", "value": value }] }] }).to_string();
    let at = body.find("BAD").expect("the text");
    let mut bytes = body.into_bytes();
    bytes[at] = 0xff;
    let key =
        aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, app["appSecret"].as_str().expect("a text").as_bytes());
    let signature = format!("sha256={}", hex::encode(aws_lc_rs::hmac::sign(&key, &bytes)));
    let request = stack.http.post(&stack.stack.addresses.callback).header("content-type", "application/json");
    let answer = request.header("x-hub-signature-256", signature).body(bytes).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(history(&stack, &format!("&phone={PERSON}")).await[0]["content"], "\u{fffd}AD");
}
