//! The service window, as Meta holds it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{NUMBER, TestSimulator, text_from_person, text_to};
use crate::simulator::ServiceWindow;

const PHONE: &str = "5511911110001";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Sends a text from a number, waits for its `count` statuses among `before`, and returns their names.
async fn statuses(test: &TestSimulator, number: &str, before: usize, count: usize) -> Vec<String> {
    let (status, answer) = test.call(&format!("{number}/messages"), &text_to(PHONE)).await;
    assert_eq!((status.as_u16(), answer["messages"].as_array().map(Vec::len)), (200, Some(1)), "WhatsApp accepts it");
    test.receiver.wait_for_statuses(PHONE, before + count).await;
    test.receiver.status_names(PHONE).split_off(before)
}

#[tokio::test]
async fn a_text_outside_the_window_is_accepted_and_fails() {
    let test = TestSimulator::start_with(ServiceWindow::On).await;
    assert_eq!(statuses(&test, NUMBER, 0, 1).await, ["failed"]);
    let failed = test.receiver.wait_for_statuses(PHONE, 1).await.remove(0);
    assert_eq!(failed["errors"][0]["code"], 131_047);
    assert_eq!(test.taken_by(PHONE), 0, "the phone does not show it");
    test.write(PHONE, &text_from_person(NUMBER, "oi")).await;
    assert_eq!(statuses(&test, NUMBER, 1, 3).await, ["sent", "delivered", "read"]);
    assert_eq!(statuses(&test, "2065", 4, 1).await, ["failed"], "it is open for the one number");
    assert_eq!(test.taken_by(PHONE), 1);
}

#[tokio::test]
async fn the_window_closes_a_day_after_the_latest_message() {
    let test = TestSimulator::start_with(ServiceWindow::On).await;
    let write = |seconds_ago: i64| {
        let mut message = text_from_person(NUMBER, "oi");
        message["timestamp"] = json!(test.clock.now() / 1_000 - seconds_ago);
        message
    };
    test.write(PHONE, &write(24 * 60 * 60 - 60)).await;
    assert_eq!(statuses(&test, NUMBER, 0, 3).await, ["sent", "delivered", "read"]);
    test.advance(Duration::from_secs(60));
    assert_eq!(statuses(&test, NUMBER, 3, 1).await, ["failed"]);
    test.write(PHONE, &write(0)).await;
    test.write(PHONE, &write(3_600)).await; // a late one closes nothing
    test.advance(DAY - Duration::from_secs(30));
    assert_eq!(statuses(&test, NUMBER, 4, 3).await, ["sent", "delivered", "read"]);
    test.advance(Duration::from_secs(30));
    assert_eq!(statuses(&test, NUMBER, 7, 1).await, ["failed"]);
}

#[tokio::test]
async fn templates_and_test_numbers_need_no_window() {
    let test = TestSimulator::start_with(ServiceWindow::On).await;
    let mut template = text_to(PHONE);
    template["type"] = json!("template");
    template["template"] = json!({ "name": "hello_world", "language": { "code": "en_US" } });
    test.call(&format!("{NUMBER}/messages"), &template).await;
    test.receiver.wait_for_statuses(PHONE, 3).await;
    assert_eq!(test.receiver.status_names(PHONE), ["sent", "delivered", "read"]);
    test.send("15550100017").await;
    test.receiver.wait_for_statuses("15550100017", 1).await;
    assert_eq!(test.receiver.status_names("15550100017"), ["read"]);
}

#[tokio::test]
async fn only_what_a_person_says_opens_the_window() {
    let test = TestSimulator::start_with(ServiceWindow::On).await;
    let id = test.write(PHONE, &text_from_person(NUMBER, "oi")).await["id"].clone();
    test.advance(DAY);
    let mut in_group = text_from_person(NUMBER, "oi");
    in_group["group_id"] = json!("Y2FwaV9ncm91cDox");
    for message in [
        json!({ "to": NUMBER, "type": "reaction", "reaction": { "message_id": id, "emoji": "👍" } }),
        json!({ "to": NUMBER, "type": "revoke", "revoke": { "original_message_id": id } }),
        in_group,
    ] {
        test.write(PHONE, &message).await;
    }
    let changed = json!({ "phone": "5511911110002" });
    assert_eq!(test.control(&format!("PUT people/{PHONE}/number"), &changed).await.0, 200);
    test.send("5511911110002").await;
    test.receiver.wait_for_statuses("5511911110002", 1).await;
    assert_eq!(test.receiver.status_names("5511911110002"), ["failed"]);
}

#[tokio::test]
async fn a_person_who_hides_the_number_is_answered_by_user_id() {
    let test = TestSimulator::start_with(ServiceWindow::On).await;
    test.control("PUT people/BR.15", &json!({ "username": "ana" })).await;
    test.write("BR.15", &text_from_person(NUMBER, "oi")).await;
    let mut answer = text_to(PHONE);
    answer.as_object_mut().expect("an object").remove("to");
    answer["recipient"] = json!("BR.15");
    test.call(&format!("{NUMBER}/messages"), &answer).await;
    let shown = test.control(&format!("GET people/BR.15/messages?number={NUMBER}"), &Value::Null).await.1;
    let directions: Vec<&Value> =
        shown["messages"].as_array().expect("messages").iter().map(|message| &message["direction"]).collect();
    assert_eq!(directions, ["written", "received"], "{shown}");
}
