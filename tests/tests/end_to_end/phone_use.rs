//! How people use their phones, as the customer sees it: what is sent, delivered and read when.

use reqwest::header;
use serde_json::{Value, json};
use tests::test_stack::TestStack;

use crate::PROGRAM;

const PHONE: &str = "5511911110001";

#[tokio::test]
async fn a_message_to_an_offline_phone_stays_sent_until_it_is_online_and_unread_until_it_is_opened() {
    let stack = TestStack::start(PROGRAM).await;
    let person = format!("PUT people/{PHONE}");
    stack.phone(&person, json!({ "isOnline": false, "reads": "whenOpened" })).await;
    let ids = [stack.send_text(PHONE, "one").await, stack.send_text(PHONE, "two").await];
    for id in &ids {
        stack.wait_for_status(id, "sent").await;
    }
    stack.phone(&person, json!({ "isOnline": true })).await;
    for id in &ids {
        stack.wait_for_status(id, "delivered").await;
    }
    let shown = stack.phone(&format!("GET people/{PHONE}/messages"), Value::Null).await;
    assert_eq!(shown["unread"], json!({ tests::people::NUMBER: 2 }));
    let read = stack.phone(&format!("POST people/{PHONE}/read"), json!({ "to": tests::people::NUMBER })).await;
    assert_eq!(read["read"], 2);
    for id in &ids {
        stack.wait_for_status(id, "read").await;
    }
}

#[tokio::test]
async fn a_web_page_cannot_write_to_a_customer_in_a_persons_name() {
    let stack = TestStack::start(PROGRAM).await;
    let url = format!("{}/people/{PHONE}/messages", stack.stack.addresses.whatsapp);
    let forged = json!({ "to": tests::people::NUMBER, "type": "text", "text": { "body": "forged" } }).to_string();
    let request = stack.http.post(&url).header(header::ORIGIN, "https://evil.example").body(forged);
    assert_eq!(request.send().await.expect("an answer").status(), 403);
    stack.write(PHONE, "text", json!({ "body": "genuine" })).await;
    let rows = stack.history(&format!("&phone={PHONE}")).await;
    assert_eq!(rows.iter().map(|row| &row["content"]).collect::<Vec<_>>(), ["genuine"]);
}
