//! What is refused of a batch: a recipient, or all of it.

use serde_json::{Value, json};
use shared::account::Plan;
use shared::account::api_key::Scope;
use tests::media_host::{Answer, MediaHost};
use tests::test_stack::TestStack;

use crate::PROGRAM;

const BATCH: &str = "POST /v1/messages/batch";

/// A host whose pictures can be sent, and whose `/page` cannot.
async fn host() -> MediaHost {
    MediaHost::start(|_, path| {
        let kind = if path == "/page" { "text/html" } else { "image/png" };
        Answer::Headers(format!("200 OK\ncontent-type: {kind}\ncontent-length: 100"))
    })
    .await
}

#[tokio::test]
async fn a_file_that_recipients_share_is_refused_for_those_who_get_it() {
    let (stack, host) = (TestStack::start(PROGRAM).await, host().await);
    let (bad, good) = (host.url("/page"), host.url("/picture"));
    let body = |recipients: Value| json!({ "instanceId": "inst_abc123", "mediaUrl": bad, "mediaType": "image", "recipients": recipients });
    let (shared, own) = (json!({ "to": "5511900000001" }), json!({ "to": "5511900000002", "mediaUrl": good }));
    for (recipients, index) in [(json!([shared, own]), 0), (json!([own, shared]), 1)] {
        let (status, answer) = stack.call(BATCH, body(recipients)).await;
        assert_eq!((status, &answer["accepted"]), (202, &json!(1)), "{answer}");
        let rejected = &answer["rejected"][0];
        assert_eq!(
            (&rejected["index"], &rejected["code"]),
            (&json!(index), &json!("unsupported_media_type")),
            "{answer}"
        );
    }
    let (status, refused) = stack.call(BATCH, body(json!([shared]))).await;
    let error = &refused["error"];
    assert_eq!((status, &error["code"]), (400, &json!("unsupported_media_type")), "nobody gets another: {refused}");
}

#[tokio::test]
async fn an_account_without_credits_is_told_so_and_not_that_its_recipients_are_wrong() {
    let (stack, host) = (TestStack::start(PROGRAM).await, host().await);
    let poor = stack.open_account(Plan::Pro, 0).await;
    stack.copy_instance_to(&poor, "inst_theirs").await;
    let key = stack.key(&poor, Scope::ALL, None).await;
    let recipients = json!([{ "to": "5511900000001" }, { "to": "5511900000002" }]);
    let template = json!({ "name": "nobody_made_it", "language": "en_US" });
    for body in [
        json!({ "instanceId": "inst_theirs", "recipients": recipients, "template": template }),
        json!({ "instanceId": "inst_theirs", "recipients": recipients, "mediaUrl": host.url("/page"), "mediaType": "image" }),
    ] {
        let (status, refused) = stack.call_as(&key, BATCH, body).await;
        assert_eq!((status, &refused["error"]["code"]), (402, &json!("insufficient_credits")), "{refused}");
    }
    assert_eq!(host.connections(), 0);
}
