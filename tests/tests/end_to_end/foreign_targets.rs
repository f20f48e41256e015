//! Reactions, edits and revocations of messages that are unknown, of another number or of another account: they are recorded as
//! what they are, name none of ours and change nothing.

use serde_json::{Value, json};
use shared::message::inbound_id;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::account_callbacks::Tenant;
use crate::callbacks::TAKES_AND_HANGS;
use crate::people::{NUMBER, history};

const PERSON: &str = "5511988887777";

async fn receive(stack: &TestStack, number: &str, messages: &[Value]) {
    let value = json!({ "metadata": { "phone_number_id": number }, "messages": messages });
    let body = json!({ "entry": [{ "id": "9001", "changes": [{ "field": "messages", "value": value }] }] });
    assert_eq!(stack.post_callback(&body.to_string(), None).await, 200);
}

fn message(id: &str, kind: &str, object: &Value) -> Value {
    json!({ "from": PERSON, "id": id, "timestamp": "1760000002", "type": kind, kind: object })
}

#[tokio::test]
async fn what_changes_somebody_else_s_message_names_none_and_changes_none() {
    let stack = TestStack::start(PROGRAM).await;
    let neighbour = Tenant::new(&stack, "2001", "9001", false).await;
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": "Another" })).await;
    let other = created["data"]["id"].as_str().expect("an id");
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "2002", "accessToken": "EAAG" });
    assert_eq!(stack.call(&format!("POST /v1/instances/{other}/connect"), connect).await.0, 200);
    for (number, id) in [("2001", "wamid.theirs"), ("2002", "wamid.other")] {
        receive(&stack, number, &[message(id, "text", &json!({ "body": "untouched" }))]).await;
    }
    let sent = json!({ "instanceId": neighbour.instance, "to": TAKES_AND_HANGS, "message": "theirs" });
    assert_eq!(stack.call_as(&neighbour.key, "POST /v1/messages/send", sent).await.0, 202);
    stack.wait_for_taken(1).await;
    let sent_by_them = stack.whatsapp().ledger().taken()[0].wamid.clone();
    let targets = ["wamid.theirs", "wamid.other", "wamid.unknown", &sent_by_them, "wamid.itself.0"];
    let mut messages = Vec::new();
    for (place, target) in targets.into_iter().enumerate() {
        let edited = json!({ "original_message_id": target, "message": { "type": "text", "text": { "body": "x" } } });
        messages.push(message(&format!("wamid.edit.{place}"), "edit", &edited));
        let revoked = json!({ "original_message_id": target });
        messages.push(message(&format!("wamid.revoke.{place}"), "revoke", &revoked));
        let reaction = json!({ "message_id": target, "emoji": "x" });
        messages.push(message(&format!("wamid.reaction.{place}"), "reaction", &reaction));
        let mut reply = message(&format!("wamid.reply.{place}"), "text", &json!({ "body": "re" }));
        reply["context"] = json!({ "id": target, "from": PERSON, "message_id": "msg_forged" });
        messages.push(reply);
    }
    receive(&stack, NUMBER, &messages).await;
    let rows = history(&stack, &format!("&phone={PERSON}&limit=100")).await;
    assert_eq!(rows.len(), messages.len());
    for row in rows {
        assert!(row["context"]["messageId"].is_null() && row["context"]["providerId"].is_string(), "{row}");
    }
    let of_other = stack.call(&format!("GET /v1/messages?instanceId={other}"), Value::Null).await.1;
    let path = format!("GET /v1/messages?instanceId={}&phone={PERSON}", neighbour.instance);
    let of_neighbour = stack.call_as(&neighbour.key, &path, Value::Null).await.1;
    for page in [of_other, of_neighbour] {
        let rows = page["data"].as_array().expect("rows");
        assert_eq!(
            (rows.len(), &rows[0]["content"], &rows[0]["status"]),
            (1, &json!("untouched"), &json!("delivered")),
            "{page}"
        );
    }
    let ours = inbound_id(&stack.customer.account_id, NUMBER, "wamid.theirs");
    assert!(stack.messages.get(&ours).await.expect("the table answers").is_none());
}
