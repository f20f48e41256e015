//! Promise 10: nothing private in the logs.

use secrecy::ExposeSecret;
use serde_json::json;
use tests::test_stack::TestStack;

use crate::PROGRAM;

#[tokio::test]
async fn no_text_number_key_token_or_secret_is_in_the_logs_of_a_whole_run() {
    let stack = TestStack::start(PROGRAM).await;
    stack.webhook.answer_with([reqwest::StatusCode::INTERNAL_SERVER_ERROR]);
    let read = stack
        .send(json!({
            "instanceId": "inst_abc123", "to": "5511987654321", "message": "PRIVATE-TEXT",
            "metadata": { "note": "PRIVATE-METADATA" },
        }))
        .await;
    stack
        .send(json!({
            "instanceId": "inst_abc123", "to": "5511987654321", "mediaType": "image",
            "mediaUrl": "https://example.com/a.jpg?signature=PRIVATE-URL", "caption": "PRIVATE-CAPTION",
        }))
        .await;
    let failed = stack.send_text("1555131047", "PRIVATE-TEXT").await;
    stack.wait_for_status(&read, "read").await;
    stack.wait_for_status(&failed, "failed").await;
    stack.webhook.wait_for(read.as_str(), "message.read").await;
    let (status, _) = stack.post("/v1/messages/send", r#"{"to":"PRIVATE-BODY"}"#).await;
    assert_eq!(status, 400);
    let logs = stack.logs();
    assert!(logs.contains(read.as_str()), "the logs tell of the message");
    let secrets = ["MasterKeys", "AdminKey", "WhatsAppApp"].map(|id| stack.stack.secrets.text(id).unwrap_or_default());
    for private in [
        "PRIVATE",
        "5511987654321",
        "1555131047",
        "EAAG-of-the-simulator",
        stack.customer.api_key.expose_secret(),
        stack.webhook.secret.expose_secret(),
        &stack.webhook.url,
    ]
    .into_iter()
    .chain(secrets)
    {
        assert!(!private.is_empty() && !logs.contains(private), "{private} is in the logs");
    }
}
