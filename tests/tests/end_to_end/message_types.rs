//! Every type of message, from the request to what WhatsApp is sent and what lists show.

use serde_json::{Value, json};
use shared::ids::MessageId;
use tests::content_examples::examples;
use tests::test_stack::TestStack;

use crate::PROGRAM;

const PHONE: &str = "5511911110001";
const SEND: &str = "POST /v1/messages/send";

/// A request with more fields.
fn request(more: &Value) -> Value {
    let mut request = json!({ "instanceId": "inst_abc123", "to": PHONE });
    request.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    request
}

/// Sends a message and waits until it has this status: the message's id, and what WhatsApp was sent, without the envelope.
async fn send(stack: &TestStack, more: &Value, status: &str) -> (MessageId, Value) {
    let id = stack.send(request(more)).await;
    stack.wait_for_status(&id, status).await;
    let mut posted = stack.whatsapp().ledger().taken().pop().expect("a message").message;
    let posted = posted.as_object_mut().expect("an object");
    for field in ["messaging_product", "recipient_type", "to", "biz_opaque_callback_data"] {
        assert!(posted.remove(field).is_some(), "{field}");
    }
    (id, json!(posted))
}

#[tokio::test]
async fn an_object_in_whatsapps_form_is_posted_and_listed_as_it_was_given() {
    let stack = TestStack::start(PROGRAM).await;
    for (content_type, object) in examples() {
        let field = content_type.split('/').next().expect("a type");
        let (id, posted) = send(&stack, &json!({ field: object }), "read").await;
        assert_eq!(posted, json!({ "type": field, field: object }));
        let row = stack.history("&limit=1").await.remove(0);
        assert_eq!((&row["messageId"], &row["type"]), (&json!(id), &json!(field)));
        assert_eq!((&row[field], &row["content"]), (&object, &Value::Null));
    }
}

#[tokio::test]
async fn stickers_voice_messages_and_texts_without_a_preview_are_posted_as_such() {
    let stack = TestStack::start(PROGRAM).await;
    // Nothing listens there: WhatsApp decides about the files.
    let link = |name: &str| format!("http://127.0.0.1:9/{name}");
    for (more, posted_as) in [
        (
            json!({ "mediaUrl": link("a.webp"), "mediaType": "sticker" }),
            json!({ "type": "sticker", "sticker": { "link": link("a.webp") } }),
        ),
        (
            json!({ "mediaUrl": link("a.ogg"), "mediaType": "voice" }),
            json!({ "type": "audio", "audio": { "link": link("a.ogg"), "voice": true } }),
        ),
        (
            json!({ "mediaUrl": link("a b%20c.png?q=\u{e9}#x"), "mediaType": "image" }),
            json!({ "type": "image", "image": { "link": link("a%20b%20c.png?q=%C3%A9#x") } }),
        ),
        (
            json!({ "message": "https://example.com", "previewUrl": false }),
            json!({ "type": "text", "text": { "body": "https://example.com", "preview_url": false } }),
        ),
        (
            json!({ "message": "https://example.com", "previewUrl": true }),
            json!({ "type": "text", "text": { "body": "https://example.com", "preview_url": true } }),
        ),
    ] {
        assert_eq!(send(&stack, &more, "read").await.1, posted_as, "{more}");
    }
    let rows = stack.history("&limit=5").await;
    let types: Vec<&Value> = rows.iter().map(|row| &row["type"]).collect();
    assert_eq!(types, ["text", "text", "image", "voice", "sticker"]);
    assert_eq!(rows[2]["mediaUrl"], link("a%20b%20c.png?q=%C3%A9#x"));
}

#[tokio::test]
async fn a_reaction_is_put_on_a_message_and_removed() {
    let stack = TestStack::start(PROGRAM).await;
    let written = stack.write(PHONE, "text", json!({ "body": "Thank you" })).await;
    let received = stack.history(&format!("&phone={PHONE}")).await.remove(0);
    let (sent, _) = send(&stack, &json!({ "message": "You are welcome" }), "read").await;
    let sent_at_whatsapp = stack.record(&sent).await.provider_id.expect("WhatsApp's id");
    let mut last = None;
    for (target, at_whatsapp, emoji) in [
        (&received["messageId"], &written, "👍"),
        (&json!(written), &written, ""),
        (&json!(sent), &sent_at_whatsapp, "❤️"),
    ] {
        let reaction = json!({ "messageId": target, "emoji": emoji });
        let (id, posted) = send(&stack, &json!({ "reaction": reaction }), "sent").await;
        assert_eq!(posted, json!({ "type": "reaction", "reaction": { "message_id": at_whatsapp, "emoji": emoji } }));
        let row = stack.history("&limit=1").await.remove(0);
        assert_eq!((&row["type"], &row["reaction"]), (&json!("reaction"), &reaction));
        last = Some(id);
    }
    let to_a_reaction = json!({ "messageId": last, "emoji": "👍" });
    let (status, answer) = stack.call(SEND, request(&json!({ "reaction": to_a_reaction }))).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("reaction.messageId")), "{answer}");
    let gone = json!({ "messageId": "wamid.GONE", "emoji": "👍" });
    let id = stack.send(request(&json!({ "reaction": gone }))).await;
    assert_eq!(stack.wait_for_status(&id, "failed").await["error"]["providerCode"], 131_009);
}

#[tokio::test]
async fn a_request_has_one_content_and_only_the_fields_of_its_type() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let (button, place) = (&examples()[2].1, json!({ "latitude": 1, "longitude": 2 }));
    let reaction = json!({ "messageId": "wamid.A", "emoji": "👍" });
    let mut long_title = button.clone();
    long_title["action"]["buttons"][1]["reply"]["title"] = json!("x".repeat(21));
    for (more, field) in [
        (json!({}), "message"),
        (json!({ "message": "hi", "interactive": button }), "message"),
        (json!({ "interactive": button, "location": place }), "interactive"),
        (json!({ "location": place, "mediaType": "image" }), "location"),
        (json!({ "contacts": [], "location": place }), "location"),
        (json!({ "contacts": [] }), "contacts"),
        (json!({ "interactive": long_title }), "interactive.action.buttons[1].reply.title"),
        (json!({ "interactive": { "type": "list" } }), "interactive.body"),
        (json!({ "interactive": [] }), "interactive"),
        (json!({ "location": "here" }), "location"),
        (json!({ "location": place, "previewUrl": false }), "previewUrl"),
        (json!({ "interactive": button, "caption": "x" }), "caption"),
        (json!({ "reaction": reaction, "quotedMessageId": "wamid.B" }), "quotedMessageId"),
        (json!({ "reaction": { "messageId": "wamid.A", "emoji": "good" } }), "reaction.emoji"),
        (json!({ "reaction": { "messageId": "A", "emoji": "👍" } }), "reaction.messageId"),
        (json!({ "reaction": { "messageId": "msg_ofnobody", "emoji": "👍" } }), "reaction.messageId"),
        (json!({ "reaction": { "emoji": "👍" } }), "reaction.messageId"),
        (json!({ "mediaUrl": "https://example.com/a.webp", "mediaType": "sticker", "caption": "x" }), "caption"),
    ] {
        let (status, answer) = stack.call(SEND, request(&more)).await;
        assert_eq!((status, &answer["error"]["field"]), (400, &json!(field)), "{more}: {answer}");
    }
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before, "nothing was charged");
}

#[tokio::test]
async fn an_inbound_url_takes_all_that_send_takes_but_the_instance() {
    let stack = TestStack::start(PROGRAM).await;
    let create = json!({ "name": "Shop", "instanceId": "inst_abc123" });
    let (_, created) = stack.call("POST /v1/webhooks/inbound", create).await;
    let url = created["data"]["url"].as_str().expect("a URL").to_owned();
    let post = |body: Value| {
        let request = stack.http.post(&url).body(body.to_string());
        async move {
            let response = request.send().await.expect("an answer");
            let status = response.status().as_u16();
            (status, serde_json::from_str::<Value>(&response.text().await.expect("a body")).expect("JSON"))
        }
    };
    let template = json!({ "name": "welcome", "language": "pt_BR", "components": [
        { "type": "body", "parameters": [{ "type": "text", "text": "Ana" }] },
    ] });
    let body = json!({ "to": PHONE, "template": template, "metadata": { "order": "12" }, "expiresIn": 60 });
    let (status, answer) = post(body).await;
    assert_eq!(status, 202, "{answer}");
    let id: MessageId = answer["messageId"].as_str().expect("an id").parse().expect("an id");
    stack.wait_for_status(&id, "read").await;
    let event = stack.webhook.wait_for(id.as_str(), "message.sent").await;
    assert_eq!(event.json["data"]["metadata"], json!({ "order": "12" }));
    let (status, answer) = post(json!({ "to": PHONE, "message": "hi", "instanceId": "inst_abc123" })).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("instanceId")));
}
