//! What becomes of a message by what WhatsApp answers.

use std::time::Duration;

use serde_json::json;
use tests::test_stack::TestStack;

use crate::PROGRAM;

#[tokio::test]
async fn a_refusal_for_good_fails_with_our_code_and_whatsapp_s_own_code_and_words() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text("1555131047", "hello").await;
    let status = stack.wait_for_status(&id, "failed").await;
    let error = json!({ "code": "outside_window", "message": "refused on request", "providerCode": 131_047 });
    assert_eq!(status["error"], error);
    let told = stack.webhook.wait_for(id.as_str(), "message.failed").await;
    assert_eq!(told.json["data"]["error"], error);
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
}

#[tokio::test]
async fn a_refusal_for_now_is_tried_again_and_ends_after_its_attempts() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text("1555131000", "hello").await;
    for attempts in 1..=3 {
        stack.wait_for_asked(attempts).await;
        if attempts < 3 {
            stack.wait_for_release(&id).await;
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
async fn a_conversation_waits_for_its_head_that_is_tried_again_and_keeps_its_order() {
    let stack = TestStack::start(PROGRAM).await;
    let recipient = "15562131000";
    let mut ids = Vec::new();
    for text in ["0", "1", "2", "3"] {
        ids.push(stack.send_text(recipient, text).await);
    }
    for refusals in 1..=2 {
        stack.wait_for_asked(refusals).await;
        stack.wait_for_release(&ids[0]).await;
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
async fn a_message_that_waits_too_long_expires_and_is_not_sent() {
    let stack = TestStack::start(PROGRAM).await;
    let body = json!({ "instanceId": "inst_abc123", "to": "1555131056", "message": "code 1234", "expiresIn": 30 });
    let id = stack.send(body).await;
    stack.wait_for_asked(1).await;
    stack.wait_for_release(&id).await;
    stack.pass(Duration::from_secs(60));
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "expired");
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
}

#[tokio::test]
async fn a_whatsapp_that_can_t_be_reached_is_tried_again_since_nothing_was_sent() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", gone.local_addr().expect("an address"));
    drop(gone);
    let stack = TestStack::start_with(PROGRAM, |options| {
        options.whatsapp = Some(local::stack::WhatsApp {
            url,
            app_secret: "a secret of this test".into(),
            verify_token: "a token of this test".into(),
        });
    })
    .await;
    let id = stack.send_text("5511999999999", "hello").await;
    let ask = || async { Some(stack.record(&id).await).filter(|message| message.attempt >= 1) };
    tests::wait::eventually("the first attempt", ask).await;
    let message = stack.wait_for_release(&id).await;
    assert_eq!(message.attempt, 1);
    stack.pass(Duration::from_secs(60));
    let ask = || async { Some(stack.record(&id).await).filter(|message| message.attempt >= 2) };
    tests::wait::eventually("the second attempt", ask).await;
}

#[tokio::test]
async fn a_token_that_whatsapp_takes_no_more_disconnects_the_instance_and_a_connect_brings_it_back() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.meter(&stack.customer.account_id).await.credits;
    let waiting = stack.send_text("15569131056", "refused for now").await;
    stack.wait_for_asked(1).await;
    stack.wait_for_release(&waiting).await;
    stack.pass(Duration::from_secs(7));
    stack.wait_for_asked(2).await;
    stack.wait_for_release(&waiting).await; // for 16 seconds and more
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

    stack.pass(Duration::from_secs(60));
    let status = stack.wait_for_status(&waiting, "failed").await;
    assert_eq!(status["error"]["code"], "instance_disconnected");
    assert_eq!(stack.whatsapp().ledger().asked(), 3, "what was queued was not tried");
    assert_eq!(stack.meter(&stack.customer.account_id).await.credits, before);

    stack.pass(Duration::from_secs(31)); // send may believe a connection for half a minute
    let body = json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "hi" });
    let (status, answer) = stack.call("POST /v1/messages/send", body.clone()).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("instance_disconnected")));
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "106540352242922", "accessToken": "EAAG-new" });
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/connect", connect).await.0, 200);
    let id = stack.send(body).await;
    stack.wait_for_status(&id, "read").await;
}
