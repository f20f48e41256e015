//! Read receipts and typing indicators.

use serde_json::{Value, json};
use tests::test_stack::TestStack;

use crate::PROGRAM;

const PHONE: &str = "5511911110001";

/// The ids of a person's messages, newest first.
async fn received(stack: &TestStack) -> Vec<String> {
    let rows = stack.history(&format!("&phone={PHONE}")).await;
    rows.iter().map(|row| row["messageId"].as_str().expect("an id").to_owned()).collect()
}

/// Which of a person's messages are read, oldest first, and which numbers type.
async fn shown(stack: &TestStack) -> (Vec<bool>, Value) {
    let shown = stack.phone(&format!("GET people/{PHONE}/messages"), Value::Null).await;
    let messages = shown["messages"].as_array().expect("messages");
    let written = messages.iter().filter(|message| message["direction"] == "written");
    (written.map(|message| message["isRead"] == true).collect(), shown["typing"].clone())
}

#[tokio::test]
async fn a_message_and_all_before_it_are_marked_as_read_and_typing_is_shown() {
    let stack = TestStack::start(PROGRAM).await;
    for body in ["one", "two", "three"] {
        stack.write(PHONE, "text", json!({ "body": body })).await;
    }
    let ids = received(&stack).await;
    let read = |id: &str| format!("POST /v1/messages/{id}/read");
    let (status, answer) = stack.call(&read(&ids[1]), Value::Null).await;
    assert_eq!((status, &answer["data"]), (200, &json!({ "messageId": ids[1] })), "{answer}");
    assert_eq!(shown(&stack).await, (vec![true, true, false], json!([])));
    let (status, _) = stack.call(&read(&ids[0]), json!({ "typing": true })).await;
    assert_eq!(status, 200);
    assert_eq!(shown(&stack).await, (vec![true, true, true], json!([tests::people::NUMBER])));
    assert_eq!(stack.whatsapp().ledger().taken().len(), 0, "nothing was sent");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    let stack = TestStack::start(PROGRAM).await;
    let sent = stack.send_text(PHONE, "hello").await;
    stack.wait_for_status(&sent, "read").await;
    let read = |id: &str| format!("POST /v1/messages/{id}/read");
    let code = |answer: &Value| answer["error"]["code"].clone();
    let (status, answer) = stack.call(&read(sent.as_str()), Value::Null).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("messageId")), "it was sent, not received");
    let (status, answer) = stack.call(&read("msg_ofnobody"), Value::Null).await;
    assert_eq!((status, code(&answer)), (404, json!("message_not_found")));
    stack.write(PHONE, "text", json!({ "body": "oi" })).await;
    let id = received(&stack).await.remove(0);
    let (status, answer) = stack.call(&read(&id), json!({ "typing": true, "color": "red" })).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("color")));
    // A message that WhatsApp does not know: nobody wrote it.
    let unknown = crate::people::text("wamid.UNKNOWN", &json!({ "from": "5511911110002" }));
    crate::people::receive(&stack, &json!([]), &[unknown]).await;
    let id = stack.history("&phone=5511911110002").await[0]["messageId"].as_str().expect("an id").to_owned();
    let (status, answer) = stack.call(&read(&id), Value::Null).await;
    assert_eq!((status, code(&answer)), (400, json!("provider_error")), "{answer}");
    assert_eq!(answer["error"]["providerCode"], 131_009);
    stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await;
    let (status, answer) = stack.call(&read(&id), Value::Null).await;
    assert_eq!((status, code(&answer)), (409, json!("instance_disconnected")));
}
