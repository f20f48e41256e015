//! Numbers of one customer whose callbacks are signed by an app of the customer's own.

use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use futures::future::join_all;
use serde_json::{Value, json};
use shared::aws::{ItemKey, UpdateBuilder};
use shared::ledger::rate_limit::micros;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

pub const SECRET: &str = "the secret of another app";
/// The simulator accepts this recipient's messages and reports nothing of them.
const NEVER_REPORTED: &str = "15550100012";

/// Connects an instance with the customer's own app.
pub async fn connect(stack: &TestStack, number_id: &str) -> Value {
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": number_id })).await;
    let instance = created["data"]["id"].clone();
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": number_id,
        "accessToken": "EAAG-theirs", "appSecret": SECRET });
    let path = format!("POST /v1/instances/{}/connect", instance.as_str().expect("an id"));
    assert_eq!(stack.call(&path, connect).await.0, 200);
    instance
}

pub fn change(number_id: &str, list: &str, update: &Value) -> Value {
    let metadata = json!({ "display_phone_number": "551140000000", "phone_number_id": number_id });
    json!({ "field": "messages", "value": { "messaging_product": "whatsapp", "metadata": metadata, list: [update] } })
}

pub async fn post(stack: &TestStack, changes: &[Value]) -> u16 {
    post_entries(stack, json!([{ "id": "9001", "changes": changes }])).await
}

/// Posts entries that the customer's own app has signed.
pub async fn post_entries(stack: &TestStack, entries: Value) -> u16 {
    let body = json!({ "object": "whatsapp_business_account", "entry": entries }).to_string();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())));
    stack.post_callback(&body, Some(&signature)).await
}

#[tokio::test]
async fn a_callback_reports_about_every_number_whose_own_app_signed_it() {
    let stack = TestStack::start(PROGRAM).await;
    let numbers = ["2001", "2002"];
    let mut ids = Vec::new();
    for number in numbers {
        let instance = connect(&stack, number).await;
        let id = stack.send(json!({ "instanceId": instance, "to": NEVER_REPORTED, "message": "hello" })).await;
        stack.wait_for_status(&id, "sent").await;
        ids.push((instance, id));
    }
    let taken = stack.whatsapp().ledger().taken();
    let status = |number: &str, status: &str| {
        let taken = taken.iter().find(|taken| taken.number_id == number).expect("a message");
        json!({ "id": taken.wamid, "status": status, "timestamp": "1760000002", "recipient_id": NEVER_REPORTED,
            "biz_opaque_callback_data": taken.message["biz_opaque_callback_data"],
            "errors": [{ "code": 131_026, "title": "Message undeliverable" }] })
    };
    let inbound = json!({ "from": "5511911110002", "id": "wamid.IN.B", "timestamp": "1760000002", "type": "text",
        "text": { "body": "oi" } });
    // A number that nobody has connected stands first, and costs the others nothing.
    let changes = [
        change("2003", "statuses", &json!({ "id": "wamid.N", "status": "read", "biz_opaque_callback_data": "x" })),
        change("2001", "statuses", &status("2001", "delivered")),
        change("2002", "statuses", &status("2002", "failed")),
        change("2002", "messages", &inbound),
    ];
    assert_eq!(post(&stack, &changes).await, 200);
    assert_eq!(stack.status(&ids[0].1).await["status"], "delivered");
    let failed = stack.status(&ids[1].1).await;
    assert_eq!((&failed["status"], &failed["error"]["code"]), (&json!("failed"), &json!("recipient_unreachable")));
    let path = format!("GET /v1/messages?instanceId={}&phone=5511911110002", ids[1].0.as_str().expect("an id"));
    let (_, page) = stack.call(&path, Value::Null).await;
    let row = &page["data"][0];
    assert_eq!((&row["content"], &row["providerId"]), (&json!("oi"), &json!("wamid.IN.B")), "{page}");
}

pub fn inbound(id: &str, to: &str) -> Value {
    let text = json!({ "from": "5511911110002", "id": id, "timestamp": "1760000002", "type": "text",
        "text": { "body": "oi" } });
    change(to, "messages", &text)
}

#[tokio::test]
async fn an_app_of_more_numbers_than_a_business_has_loses_none() {
    let stack = TestStack::start(PROGRAM).await;
    let numbers: Vec<String> = (2001..=2024).map(|number| number.to_string()).collect();
    let mut instances = Vec::new();
    for number in &numbers {
        instances.push(connect(&stack, number).await);
    }
    let changes: Vec<Value> = numbers.iter().map(|number| inbound(&format!("wamid.{number}"), number)).collect();
    assert_eq!(post(&stack, &changes).await, 200);
    for (number, instance) in numbers.iter().zip(&instances) {
        let path = format!("GET /v1/messages?instanceId={}", instance.as_str().expect("an id"));
        let (_, page) = stack.call(&path, Value::Null).await;
        assert_eq!(page["data"][0]["providerId"], format!("wamid.{number}"), "{page}");
    }
}

#[tokio::test]
async fn what_names_nobody_in_a_callback_of_an_own_app_is_kept() {
    let stack = TestStack::start(PROGRAM).await;
    connect(&stack, "2001").await;
    let entries = json!([
        { "id": "9001", "changes": [inbound("wamid.1", "2001")] },
        { "changes": [{ "field": "messages", "value": { "thoughts": [] } }] },
        "no entry",
    ]);
    assert_eq!(post_entries(&stack, entries).await, 200);
    let (_, kept) = stack.operate("GET /v1/admin/callbacks", Value::Null).await;
    let row = &kept["data"][0];
    assert_eq!((&row["reasons"], &row["ownApp"]), (&json!(["unreadable_change"]), &json!(true)), "{kept}");
    let path = format!("POST /v1/admin/callbacks/{}/replay", row["id"].as_str().expect("an id"));
    assert_eq!(stack.operate(&path, Value::Null).await.1["data"]["unread"], 2, "both of them");
}

#[tokio::test]
async fn a_flood_of_an_own_app_is_bounded_and_repeated_and_delays_nobody_else() {
    let stack = TestStack::start(PROGRAM).await;
    let instance = connect(&stack, "2001").await;
    let id = stack.send(json!({ "instanceId": instance, "to": NEVER_REPORTED, "message": "hello" })).await;
    stack.wait_for_status(&id, "sent").await;
    let taken = stack.whatsapp().ledger().taken().remove(0);
    // Of another system's messages, so that none of them costs the table anything.
    let untagged = json!({ "id": "wamid.U", "status": "read", "timestamp": "1760000002" });
    let mut flood = change("2001", "statuses", &untagged);
    flood["value"]["statuses"] = Value::Array(vec![untagged.clone(); 1_000]);
    let begun = Instant::now();
    let floods = join_all((0..12).map(|_| post(&stack, std::slice::from_ref(&flood)))).await;
    let seconds = begun.elapsed().as_secs() + 1;
    let admitted = floods.iter().filter(|status| **status == 200).count() as u64;
    // Ten seconds of 320 updates at once, that many a second more, and eight of each process.
    assert!(admitted * 1_000 <= 3_200 + 320 * seconds + 8 * 12, "{floods:?} in {seconds} s");
    assert!(admitted > 0 && floods.iter().all(|status| [200, 429].contains(status)), "{floods:?}");

    let status = json!({ "id": taken.wamid, "status": "delivered", "timestamp": "1760000002",
        "biz_opaque_callback_data": taken.message["biz_opaque_callback_data"] });
    let mut delivered = [change("2001", "statuses", &status)];
    // More than a process has taken in advance.
    delivered[0]["value"]["statuses"].as_array_mut().expect("a list").extend(vec![untagged; 50]);
    exhaust(&stack, "2001").await;
    assert_eq!(post(&stack, &delivered).await, 429);
    assert_eq!(stack.status(&id).await["status"], "sent");
    let counted = || async { stack.logs().contains("CallbacksRefused").then_some(()) };
    eventually("the refusals to be counted", counted).await;
    connect(&stack, "2002").await;
    assert_eq!(post(&stack, &[inbound("wamid.2002", "2002")]).await, 200, "each number has its own");
    let body = json!({ "entry": [{ "id": "9001", "changes": [inbound("wamid.2001", "2001")] }] }).to_string();
    assert_eq!(stack.post_callback(&body, None).await, 200, "the deployment's app has none");
    stack.pass(Duration::from_secs(60 * 60));
    assert_eq!(post(&stack, &delivered).await, 200, "as WhatsApp repeats it");
    assert_eq!(stack.status(&id).await["status"], "delivered");
}

#[tokio::test]
async fn an_update_counts_for_no_number_but_the_one_that_it_names() {
    let stack = TestStack::start(PROGRAM).await;
    let instance = connect(&stack, "2001").await;
    connect(&stack, "2002").await;
    let many = |number: &str, list: &str| {
        let mut change = change(number, list, &Value::Null);
        change["field"] = json!(if list == "calls" { "calls" } else { "messages" });
        change["value"][list] = Value::Array(vec![json!({ "id": "wamid.U", "status": "read" }); 50]);
        change
    };
    let account = vec![json!({ "field": "account_update", "value": { "event": "DISABLED_UPDATE" } }); 50];
    // The first number is connected elsewhere.
    let others = [many("1999", "statuses"), many("2002", "statuses"), many("2002", "calls")];
    let mixed = [vec![inbound("wamid.2001", "2001")], others.to_vec(), account].concat();
    exhaust(&stack, "2001").await;
    assert_eq!(post(&stack, &mixed).await, 200, "one that a process uses in advance");
    let path = format!("GET /v1/messages?instanceId={}", instance.as_str().expect("an id"));
    let (_, page) = stack.call(&path, Value::Null).await;
    assert_eq!(page["data"][0]["providerId"], "wamid.2001", "{page}");
    exhaust(&stack, "2002").await;
    assert_eq!(post(&stack, &mixed).await, 429, "more than a process holds of the second number's");
}

#[tokio::test]
async fn a_large_callback_of_an_own_app_counts_its_bytes_and_is_not_read_above_the_limit() {
    let stack = TestStack::start(PROGRAM).await;
    connect(&stack, "2001").await;
    exhaust(&stack, "2001").await;
    // What cannot be read and is larger than 256 KB cannot be kept, which is answered 500.
    let large = change("2001", "messages", &json!({ "odd": "x".repeat(300 * 1024) }));
    assert_eq!(post(&stack, std::slice::from_ref(&large)).await, 429);
    stack.pass(Duration::from_secs(2 * 60 * 60));
    assert_eq!(post(&stack, &[large]).await, 500);
}

/// Uses up what an own app may report about a number for an hour.
pub async fn exhaust(stack: &TestStack, number_id: &str) {
    let key = ItemKey::own_app_quota(&stack.customer.account_id, Some(number_id));
    let arrival = micros(stack.now().plus(Duration::from_secs(60 * 60)));
    let update = UpdateBuilder::new().set("arrival", arrival);
    assert!(stack.accounts.update(key, &update).await.expect("the table takes it").is_applied());
}
