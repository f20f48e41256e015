//! How people use their phones: what arrives, is read and is reported later than at once, or not at all.

use serde_json::{Value, json};

use super::{NUMBER, TestSimulator, text_from_person, text_to};
use crate::simulator::ServiceWindow;

const PHONE: &str = "5511911110001";

impl TestSimulator {
    /// A call about the person.
    async fn person(&self, method_and_path: &str, body: Value) -> Value {
        let (method, path) = method_and_path.split_once(' ').expect("a method and a path");
        let (status, answer) = self.control(&format!("{method} people/{PHONE}{path}"), &body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// What the phone shows.
    async fn shown(&self) -> Value {
        self.person("GET /messages", Value::Null).await
    }

    /// Waits for so many statuses and returns their names. What is reported too much makes a later call fail.
    async fn statuses(&self, count: usize) -> Vec<String> {
        self.receiver.wait_for_statuses(PHONE, count).await;
        self.receiver.status_names(PHONE)
    }
}

fn texts(shown: &Value) -> Vec<&str> {
    let messages = shown["messages"].as_array().expect("messages");
    messages.iter().filter_map(|message| message["message"]["text"]["body"].as_str()).collect()
}

#[tokio::test]
async fn what_is_sent_to_a_phone_that_is_offline_arrives_when_it_is_online_again() {
    let test = TestSimulator::start().await;
    test.send(PHONE).await;
    assert_eq!(test.statuses(3).await, ["sent", "delivered", "read"]);
    test.person("PUT ", json!({ "isOnline": false })).await;
    test.send(PHONE).await;
    let reaction = json!({ "message_id": test.shown().await["messages"][0]["id"], "emoji": "👍" });
    let mut sent = text_to(PHONE);
    (sent["type"], sent["reaction"]) = (json!("reaction"), reaction);
    test.call(&format!("{NUMBER}/messages"), &sent).await;
    assert_eq!(test.statuses(5).await[3..], ["sent", "sent"]);
    assert_eq!(test.shown().await["messages"].as_array().map(Vec::len), Some(1), "the phone shows what it had");
    let (status, refused) =
        test.control(&format!("POST people/{PHONE}/messages"), &text_from_person(NUMBER, "oi")).await;
    assert_eq!((status, &refused["error"]["field"]), (409, &json!("isOnline")));
    let person = test.person("PUT ", json!({ "isOnline": true })).await;
    assert_eq!((&person["isOnline"], &person["reads"]), (&json!(true), &json!("automatically")));
    assert_eq!(test.statuses(7).await[5..], ["delivered", "read"]);
    assert_eq!(test.shown().await["messages"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn messages_are_read_when_their_conversation_is_opened() {
    let test = TestSimulator::start().await;
    test.person("PUT ", json!({ "reads": "whenOpened" })).await;
    test.send(PHONE).await;
    test.send(PHONE).await;
    test.statuses(4).await;
    let shown = test.shown().await;
    assert_eq!((&shown["unread"], &shown["messages"][0]["isRead"]), (&json!({ NUMBER: 2 }), &json!(false)));
    assert_eq!(test.person("POST /read", json!({ "to": "2065" })).await["read"], 0, "another number's conversation");
    assert_eq!(test.person("POST /read", json!({ "to": NUMBER })).await["read"], 2);
    assert_eq!(test.statuses(6).await[4..], ["read", "read"]);
    let shown = test.shown().await;
    assert_eq!((&shown["unread"], &shown["messages"][0]["isRead"]), (&json!({}), &json!(true)));
    let read = test.receiver.wait_for_statuses(PHONE, 6).await.pop().expect("a status");
    assert_eq!(read.get("pricing"), None, "`delivered` has had the price");
    assert_eq!(test.person("POST /read", json!({ "to": NUMBER })).await["read"], 0);
    test.send(PHONE).await;
    assert_eq!(test.statuses(8).await[6..], ["sent", "delivered"], "nothing was read twice");
}

#[tokio::test]
async fn a_message_that_is_opened_before_its_delivery_is_reported_is_read_behind_it() {
    let test = TestSimulator::start().await;
    test.person("PUT ", json!({ "reads": "whenOpened" })).await;
    test.receiver.hold_responses();
    test.send(PHONE).await;
    test.statuses(1).await;
    assert_eq!(test.person("POST /read", json!({ "to": NUMBER })).await["read"], 1);
    test.receiver.release_responses(3);
    assert_eq!(test.statuses(3).await, ["sent", "delivered", "read"]);
}

#[tokio::test]
async fn a_person_without_read_receipts_reads_and_nobody_learns_of_it() {
    let test = TestSimulator::start().await;
    test.person("PUT ", json!({ "reads": "never" })).await;
    test.send(PHONE).await;
    test.statuses(2).await;
    assert_eq!(test.shown().await["unread"], json!({ NUMBER: 1 }));
    test.person("POST /read", json!({ "to": NUMBER })).await;
    assert_eq!(test.shown().await["unread"], json!({}));
    test.person("PUT ", json!({ "reads": "automatically" })).await;
    test.send(PHONE).await;
    assert_eq!(test.statuses(5).await, ["sent", "delivered", "sent", "delivered", "read"]);
}

#[tokio::test]
async fn what_was_read_offline_is_told_when_the_phone_is_online_again() {
    let test = TestSimulator::start().await;
    test.person("PUT ", json!({ "reads": "whenOpened" })).await;
    test.send(PHONE).await;
    test.statuses(2).await;
    test.person("PUT ", json!({ "isOnline": false })).await;
    assert_eq!(test.person("POST /read", json!({ "to": NUMBER })).await["read"], 1);
    test.send(PHONE).await;
    assert_eq!(test.statuses(3).await, ["sent", "delivered", "sent"]);
    test.person("PUT ", json!({ "isOnline": true })).await;
    let mut later = test.statuses(5).await.split_off(3);
    later.sort();
    assert_eq!(later, ["delivered", "read"]);
}

#[tokio::test]
async fn what_does_not_arrive_is_listed_with_its_reason() {
    let test = TestSimulator::start_with(ServiceWindow::On).await;
    test.person("GET ", Value::Null).await;
    test.send(PHONE).await;
    assert_eq!(test.statuses(1).await, ["failed"]);
    test.control(&format!("PUT people/{PHONE}/blocks/{NUMBER}"), &Value::Null).await;
    test.send(PHONE).await;
    let shown = test.shown().await;
    let missed: Vec<_> = shown["missed"].as_array().expect("a list").iter().map(|it| &it["code"]).collect();
    assert_eq!(missed, [&json!(131_047), &Value::Null]);
    assert_eq!(shown["windowEnds"], json!({}));
    test.control(&format!("DELETE people/{PHONE}/blocks/{NUMBER}"), &Value::Null).await;
    test.write(PHONE, &text_from_person(NUMBER, "oi")).await;
    let shown = test.shown().await;
    let (ends, wrote_at) = (&shown["windowEnds"][NUMBER], &shown["messages"][0]["at"]);
    assert_eq!(ends.as_i64(), wrote_at.as_i64().map(|at| at + 24 * 60 * 60 * 1_000));
    assert_eq!(texts(&shown), ["oi"]);
}

#[tokio::test]
async fn a_message_is_delivered_once_its_callback_is_acknowledged() {
    let test = TestSimulator::start().await;
    let mut events = test.events(PHONE).await;
    events.next().await;
    test.receiver.fail_next(1);
    let (_, answer) = test.control(&format!("POST people/{PHONE}/messages"), &text_from_person(NUMBER, "oi")).await;
    assert_eq!(answer["callback"], 500);
    assert_eq!(test.shown().await["messages"][0]["isDelivered"], false);
    test.receiver.wait_for_callbacks(2).await;
    events.next().await; // it was written
    events.next().await; // it was delivered
    assert_eq!(test.shown().await["messages"][0]["isDelivered"], true);
}
