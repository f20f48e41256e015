//! The outcome of a message by WhatsApp's answer.

use std::time::Duration;

use aws_sdk_dynamodbstreams::types::AttributeValue;
use serde_json::json;
use tests::test_stack::{LONGEST_RETRY_WAIT, REFUSED_FOR_HOURS, TestStack};

use crate::PROGRAM;

/// A string or number attribute of an image, as text.
fn text(image: &std::collections::HashMap<String, AttributeValue>, name: &str) -> String {
    let value = &image[name];
    value.as_s().or_else(|_| value.as_n()).expect("a text or a number").clone()
}

#[tokio::test]
async fn a_permanent_refusal_fails_with_our_code_and_whatsapps_own() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text("1555131047", "hello").await;
    let status = stack.wait_for_status(&id, "failed").await;
    let error = json!({ "code": "outside_window", "message": "refused on request", "providerCode": 131_047 });
    assert_eq!(status["error"], error);
    let published = stack.webhook.wait_for(id.as_str(), "message.failed").await;
    assert_eq!(published.json["data"]["error"], error);
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
}

#[tokio::test]
async fn a_temporary_refusal_is_retried_until_its_attempts_are_used_up() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text("1555131000", "hello").await;
    for attempt in 1..=3 {
        stack.wait_for_asked(usize::try_from(attempt).expect("few")).await;
        if attempt < 3 {
            stack.wait_for_attempt(&id, attempt).await;
            stack.pass(Duration::from_secs(60));
        }
    }
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(
        (&status["error"]["code"], &status["error"]["providerCode"]),
        (&json!("provider_error"), &json!(131_000))
    );
    assert_eq!(stack.whatsapp().ledger().asked(), 3);
}

#[tokio::test]
async fn a_conversation_waits_for_a_retried_message_and_keeps_its_order() {
    let stack = TestStack::start(PROGRAM).await;
    let recipient = "15562131000";
    let mut ids = Vec::new();
    for text in ["0", "1", "2", "3"] {
        ids.push(stack.send_text(recipient, text).await);
    }
    for refusal in 1..=2 {
        stack.wait_for_attempt(&ids[0], refusal).await;
        stack.pass(Duration::from_secs(60));
    }
    for id in &ids {
        stack.wait_for_status(id, "read").await;
    }
    let taken = stack.whatsapp().ledger().taken_by(recipient);
    let texts: Vec<_> = taken.iter().filter_map(|taken| taken.message["text"]["body"].as_str()).collect();
    assert_eq!(texts, ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn a_message_that_waits_longer_than_expires_in_is_not_sent() {
    let stack = TestStack::start(PROGRAM).await;
    let expires_in = LONGEST_RETRY_WAIT.as_secs() + 60;
    let body = json!({ "instanceId": "inst_abc123", "to": REFUSED_FOR_HOURS, "message": "code 1234", "expiresIn": expires_in });
    let id = stack.send(body).await;
    stack.wait_for_attempt(&id, 1).await;
    stack.pass(Duration::from_secs(expires_in));
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "expired");
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
}

#[tokio::test]
async fn an_unreachable_whatsapp_is_retried() {
    // Bound without listening: connections are refused, and no other test gets the port.
    let closed = tokio::net::TcpSocket::new_v4().expect("a socket");
    closed.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let url = format!("http://{}", closed.local_addr().expect("an address"));
    let stack = TestStack::start_with(PROGRAM, |options| {
        options.whatsapp = Some(local::dev_stack::WhatsApp {
            url,
            app_secret: "a secret of this test".into(),
            verify_token: "a token of this test".into(),
        });
    })
    .await;
    let id = stack.send_text("5511999999999", "hello").await;
    stack.wait_for_attempt(&id, 1).await;
    stack.pass(Duration::from_secs(60));
    stack.wait_for_attempt(&id, 2).await;
    let images = stack.images(&id).await;
    let attempts: Vec<_> = images.iter().map(|image| (text(image, "status"), text(image, "attempt"))).collect();
    let expected = [("queued", "0"), ("sending", "1"), ("queued", "1"), ("sending", "2")];
    assert_eq!(attempts[..4], expected.map(|(status, attempt)| (status.to_owned(), attempt.to_owned())));
}

#[tokio::test]
async fn an_invalid_token_disconnects_the_instance_until_the_next_connect() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let waiting = stack.send_text(REFUSED_FOR_HOURS, "refused for now").await;
    stack.wait_for_attempt(&waiting, 1).await;
    let refused = stack.send_text("1555131005", "no permission").await;
    let status = stack.wait_for_status(&refused, "failed").await;
    assert_eq!(
        (&status["error"]["code"], &status["error"]["providerCode"]),
        (&json!("instance_disconnected"), &json!(131_005))
    );
    let (_, shown) = stack.call("GET /v1/instances/inst_abc123/status", serde_json::Value::Null).await;
    assert_eq!(
        (&shown["data"]["status"], &shown["data"]["reason"]),
        (&json!("disconnected"), &json!("refused on request"))
    );

    stack.pass(LONGEST_RETRY_WAIT);
    let status = stack.wait_for_status(&waiting, "failed").await;
    assert_eq!(status["error"]["code"], "instance_disconnected");
    assert_eq!(stack.whatsapp().ledger().asked(), 2, "what was queued was not tried");
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before);

    stack.pass(Duration::from_secs(31)); // send caches an instance for 30 seconds
    let body = json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "hi" });
    let (status, answer) = stack.call("POST /v1/messages/send", body.clone()).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("instance_disconnected")));
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "106540352242922", "accessToken": "EAAG-new" });
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/connect", connect).await.0, 200);
    let id = stack.send(body).await;
    stack.wait_for_status(&id, "read").await;
}
