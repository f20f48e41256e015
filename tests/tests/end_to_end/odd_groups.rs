//! Groups whose id, or whose participant, has an odd form.

use serde_json::{Value, json};
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::people::{history, receive, text};

const PERSON: &str = "5511911110061";
const USER: &str = "BR.61";

fn in_group(id: &str, group: &Value, sender: &Value) -> Value {
    let mut message = text(id, sender);
    message["group_id"] = group.clone();
    message
}

/// A text as part of a URL's query.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn a_group_with_an_odd_id_is_a_conversation_of_its_own_and_is_erased() {
    let stack = TestStack::start(PROGRAM).await;
    let long = "g".repeat(256);
    let groups = [PERSON, USER, "group.x", "chat_group.x", "inst_abc123#x", "a/b?c=d&e#f%20\"'\\", "~", "..", &long];
    let sender = json!({ "from": PERSON, "from_user_id": USER });
    let mut messages: Vec<Value> = groups
        .iter()
        .enumerate()
        .map(|(place, group)| in_group(&format!("wamid.{place}"), &json!(group), &sender))
        .collect();
    messages.push(text("wamid.own", &sender));
    receive(&stack, &Value::Null, &messages).await;
    for (place, group) in groups.iter().enumerate() {
        let rows = history(&stack, &format!("&chatId=chat_group.{}", encoded(group))).await;
        assert_eq!((rows.len(), &rows[0]["providerId"]), (1, &json!(format!("wamid.{place}"))), "{group}");
        assert_eq!(rows[0]["group"]["id"], json!(group), "{rows:?}");
    }
    for own in [format!("&phone={PERSON}"), format!("&userId={USER}"), format!("&chatId=chat_{PERSON}")] {
        assert_eq!(history(&stack, &own).await.len(), 1, "no group has the name of a person: {own}");
    }
    assert_eq!(stack.erase(PERSON).await["erased"], groups.len() + 1);
    let left = history(&stack, "").await;
    assert!(left.iter().all(|row| row["from"] != PERSON), "{left:?}");
}

#[tokio::test]
async fn a_message_to_a_group_that_lacks_its_group_or_its_participant_is_kept() {
    let stack = TestStack::start(PROGRAM).await;
    let (group, sender) = (json!("Y2FwaV9ncm91cDox"), json!({ "from": PERSON }));
    let mut messages = Vec::new();
    for (place, odd) in
        [json!(""), json!(5), json!({}), json!("a b"), json!("\u{0}"), json!("g".repeat(10_000))].iter().enumerate()
    {
        messages.push(in_group(&format!("wamid.group.{place}"), odd, &sender));
    }
    for (place, nobody) in
        [json!({}), json!({ "from": null }), json!({ "from": "Y2FwaV9ncm91cDox" })].iter().enumerate()
    {
        messages.push(in_group(&format!("wamid.nobody.{place}"), &group, nobody));
    }
    let count = messages.len();
    messages.push(in_group("wamid.user", &group, &json!({ "from_user_id": USER })));
    messages.push(in_group("wamid.none", &Value::Null, &sender));
    receive(&stack, &Value::Null, &messages).await;
    let rows = history(&stack, "").await;
    let ids: Vec<&str> = rows.iter().filter_map(|row| row["providerId"].as_str()).collect();
    assert!(["wamid.none", "wamid.user"].iter().all(|id| ids.contains(id)), "{ids:?}");
    assert!(!ids.iter().any(|id| id.starts_with("wamid.group") || id.starts_with("wamid.nobody")), "{ids:?}");
    let (_, kept) = stack.operate("GET /v1/admin/callbacks", Value::Null).await;
    let row = &kept["data"][0];
    assert_eq!(row["reasons"], json!(["unreadable_message"]));
    let path = format!("POST /v1/admin/callbacks/{}/replay", row["id"].as_str().expect("an id"));
    assert_eq!(stack.operate(&path, Value::Null).await.1["data"]["unread"], count);
}
