//! Errors of the Graph API in forms that its documentation does not have.

use serde_json::json;
use tests::test_stack::TestStack;

use crate::PROGRAM;

#[tokio::test]
async fn a_refusal_with_its_code_and_its_data_as_texts_is_a_refusal() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    for (code, ours) in [(100, "provider_error"), (131_026, "recipient_unreachable"), (190, "instance_disconnected")] {
        let id = stack.send_text(&format!("1554{code:06}"), "refused").await;
        let error = stack.wait_for_status(&id, "failed").await["error"].clone();
        assert_eq!((&error["code"], &error["providerCode"]), (&json!(ours), &json!(code)), "{error}");
        stack.webhook.wait_for(id.as_str(), "message.failed").await;
        assert_eq!(stack.record(&id).await.attempt, 1, "{code}: it is not posted again");
    }
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before);
    let (_, instance) = stack.call("GET /v1/instances/inst_abc123", json!(null)).await;
    assert_eq!(instance["data"]["status"], "disconnected", "at once, by the code 190");
}
