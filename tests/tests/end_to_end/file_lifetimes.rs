//! Until when files can be sent and fetched.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use shared::media::record::KEPT_FOR;
use tests::test_stack::TestStack;
use tests::uploads::PNG;
use tests::wait::eventually;

use crate::PROGRAM;
use crate::media_uploads::message;
use crate::received_files::{PERSON, receive};

const SEND: &str = "POST /v1/messages/send";

#[tokio::test]
async fn a_received_file_that_could_not_be_fetched_for_a_week_is_gone() {
    let stack = TestStack::start(PROGRAM).await;
    let id = receive(&stack, "image", json!({ "mime_type": "image/png" })).await;
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await.0, 200);
    let ask = format!("GET /v1/messages/{id}/media");
    let (status, answer) = stack.call(&ask, Value::Null).await;
    assert_eq!(status, 202, "it may be connected again: {answer}");
    stack.wait_for_delayed("MediaQueue", 1).await;
    stack.pass(Duration::from_secs(7 * 24 * 60 * 60));
    let gone = || async { Some(stack.call(&ask, Value::Null).await).filter(|(status, _)| *status == 410) };
    let (_, answer) = eventually("the file to be gone", gone).await;
    assert_eq!(answer["error"]["code"], "media_expired", "{answer}");
}

#[tokio::test]
async fn no_message_is_scheduled_beyond_the_life_of_its_file() {
    let stack = TestStack::start(PROGRAM).await;
    let media = stack.create_media(PNG.len()).await;
    assert_eq!(stack.put(&media, Bytes::from_static(PNG)).await, 200);
    stack.wait_for_media(&media, "ready").await;
    let at = |time: Duration| {
        let mut body = message(&media["id"], "image");
        body["sendAt"] = json!(stack.now().plus(time).to_string());
        body
    };
    let (status, refused) = stack.call(SEND, at(KEPT_FOR)).await;
    assert_eq!((status, &refused["error"]["field"]), (400, &json!("mediaId")), "{refused}");
    let (status, sent) = stack.call(SEND, at(KEPT_FOR - Duration::from_secs(3600))).await;
    assert_eq!(status, 202, "{sent}");
    let (_, row) =
        stack.call(&format!("GET /v1/messages/{}", sent["messageId"].as_str().expect("an id")), Value::Null).await;
    let file = &row["data"]["media"];
    assert_eq!((&file["mimeType"], &file["size"]), (&json!("image/png"), &json!(PNG.len())), "{row}");
    assert!(file["expiresAt"].as_str() > row["data"]["sendAt"].as_str(), "{row}");
}

#[tokio::test]
async fn what_a_broken_fetch_has_stored_of_an_erased_message_is_deleted() {
    let stack = TestStack::start(PROGRAM).await;
    let id = receive(&stack, "image", json!({ "mime_type": "image/png" })).await;
    stack.erase(PERSON).await;
    let account = &stack.customer.account_id;
    let object = stack.stack.objects().join(format!("media/inbound/{account}/{id}"));
    std::fs::create_dir_all(object.parent().expect("a folder")).expect("a folder");
    std::fs::write(&object, "private").expect("an object");
    let job = json!({ "fetch": { "accountId": account, "messageId": id } }).to_string();
    let sent = stack.stack.clients.sqs.send_message().queue_url(stack.queue_url("MediaQueue"));
    sent.message_body(job).send().await.expect("the queue takes it");
    eventually("the file to be deleted", || async { (!object.exists()).then_some(()) }).await;
}
