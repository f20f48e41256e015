//! The four examples of the API page, and what WhatsApp and the webhook receive for each.

use serde_json::{Value, json};
use tests::test_stack::TestStack;

use crate::PROGRAM;

fn examples() -> [Value; 4] {
    let to = json!({ "instanceId": "inst_abc123", "to": "5511999999999" });
    let with = |rest: Value| {
        let mut body = to.clone();
        body.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
        body
    };
    [
        with(json!({ "message": "Hello! How can I help you today?" })),
        with(json!({
            "mediaUrl": "https://example.com/image.jpg",
            "mediaType": "image",
            "caption": "Check out our new product!",
        })),
        with(json!({
            "mediaUrl": "https://example.com/invoice.pdf",
            "mediaType": "document",
            "filename": "Invoice-2026-001.pdf",
            "caption": "Here is your invoice",
        })),
        with(json!({
            "message": "Thanks for your question! Here is the answer...",
            "quotedMessageId": "msg_original123",
        })),
    ]
}

#[tokio::test]
async fn the_four_documented_examples_reach_the_phone_and_the_webhook() {
    let stack = TestStack::start(PROGRAM).await;
    let mut ids = Vec::new();
    for example in examples() {
        ids.push(stack.send(example).await);
    }
    for id in &ids {
        for event in ["message.sent", "message.delivered", "message.read"] {
            let call = stack.webhook.wait_for(id.as_str(), event).await;
            assert!(stack.webhook.verifies(&call), "{event} of {id}");
        }
        let status = stack.wait_for_status(id, "read").await;
        assert!(["sentAt", "deliveredAt", "readAt"].iter().all(|time| status[time].is_string()), "{status}");
    }
    let posted: Vec<Value> = stack.whatsapp().ledger().taken().into_iter().map(|taken| taken.message).collect();
    for message in &posted {
        assert_eq!((&message["messaging_product"], &message["to"]), (&json!("whatsapp"), &json!("+5511999999999")));
    }
    let [text, image, document, reply] = posted.as_slice() else { panic!("four: {posted:?}") };
    assert_eq!(text["text"]["body"], "Hello! How can I help you today?");
    assert!(text.get("context").is_none());
    assert_eq!(
        image["image"],
        json!({ "link": "https://example.com/image.jpg", "caption": "Check out our new product!" })
    );
    assert_eq!(
        document["document"],
        json!({
            "link": "https://example.com/invoice.pdf",
            "filename": "Invoice-2026-001.pdf",
            "caption": "Here is your invoice",
        })
    );
    assert_eq!(reply["text"]["body"], "Thanks for your question! Here is the answer...");
    assert_eq!(reply["context"], json!({ "message_id": "wamid.original123" }));
}

#[tokio::test]
async fn a_webhook_has_the_documented_body_and_unchanged_metadata() {
    let stack = TestStack::start(PROGRAM).await;
    let body = r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"hi",
        "metadata":{"order":12,"10":[1.0,1e21,true,null],"note":"Olá \u00e9","2":{"deep":-0}}}"#;
    let (status, answer) = stack.post("/v1/messages/send", body).await;
    assert_eq!(status, 202, "{answer}");
    let id = answer["messageId"].as_str().expect("an id");
    let call = stack.webhook.wait_for(id, "message.sent").await;
    let sent_at = stack.status(&id.parse().expect("an id")).await["sentAt"].as_str().expect("a time").to_owned();
    let wamid = stack.whatsapp().ledger().taken()[0].wamid.clone();
    let expected = format!(
        r#"{{"event":"message.sent","timestamp":"{sent_at}","data":{{"messageId":"{id}","instanceId":"inst_abc123","to":"5511999999999","status":"sent","timestamp":"{sent_at}","metadata":{{"2":{{"deep":0}},"10":[1,1e+21,true,null],"order":12,"note":"Olá é"}},"providerId":"{wamid}"}}}}"#
    );
    assert_eq!(String::from_utf8_lossy(&call.body), expected);
    assert_eq!(call.header("content-type"), "application/json");
    assert!(call.header("webhook-id").starts_with("evt_"));
}

#[tokio::test]
async fn messages_of_a_conversation_are_sent_in_the_order_of_acceptance() {
    let stack = TestStack::start(PROGRAM).await;
    let recipients = ["5511900000001", "5511900000002", "5511900000003"];
    for number in 0..15 {
        for recipient in recipients {
            stack.send_text(recipient, &number.to_string()).await;
        }
    }
    stack.wait_for_taken(45).await;
    let expected: Vec<String> = (0..15).map(|number: i32| number.to_string()).collect();
    for recipient in recipients {
        let taken = stack.whatsapp().ledger().taken_by(recipient);
        let texts: Vec<_> = taken.iter().filter_map(|taken| taken.message["text"]["body"].as_str()).collect();
        assert_eq!(texts, expected, "{recipient}");
    }
}
