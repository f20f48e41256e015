//! What a customer's own app cannot do with its signature: change what another customer has sent, or raise its own limits.

use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::message::State;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::callbacks::Callbacks;
use crate::own_apps::{SECRET, change, connect, post, post_entries};

/// The number of the demo customer.
const NUMBER: &str = "106540352242922";
/// The simulator accepts this recipient's messages and reports nothing of them.
const NEVER_REPORTED: &str = "15550100012";

/// Has the operator trust an account's own app.
async fn trust(stack: &TestStack) {
    let path = format!("PATCH /v1/admin/accounts/{}", stack.customer.account_id);
    assert_eq!(stack.operate(&path, json!({ "trustOwnApp": true })).await.0, 200);
}

#[tokio::test]
async fn the_next_owner_of_a_number_says_nothing_of_the_messages_of_the_one_before() {
    let stack = TestStack::start(PROGRAM).await;
    trust(&stack).await;
    let id = stack.send_text(NEVER_REPORTED, "hello").await;
    stack.wait_for_state(&id, State::Sent).await;
    let credits = stack.ledger(&stack.customer.account_id).await.credits;
    let callbacks = Callbacks::of_the_first_taken(&stack);
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await.0, 200);
    let key = stack.key(&stack.open_account(Plan::Pro, 10).await, Scope::ALL, None).await;
    let (_, created) = stack.call_as(&key, "POST /v1/instances", json!({ "name": "Next" })).await;
    let path = format!("POST /v1/instances/{}/connect", created["data"]["id"].as_str().expect("an id"));
    let body = json!({ "method": "official", "businessId": "1", "phoneNumberId": NUMBER, "accessToken": "EAAG-theirs",
        "appSecret": SECRET });
    assert_eq!(stack.call_as(&key, &path, body).await.0, 200);

    let before = stack.record(&id).await;
    for word in ["failed", "sent", "delivered", "read", "played"] {
        let mut status = callbacks.status(word);
        status["errors"] = json!([{ "code": 131_026, "title": "written by the next owner" }]);
        assert_eq!(post(&stack, &[change(NUMBER, "statuses", &status)]).await, 200, "{word}");
    }
    let after = stack.record(&id).await;
    assert_eq!((after.status, after.delivered_at, after.error), (before.status, None, None));
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, credits);
    assert_eq!(callbacks.report(&[callbacks.status("delivered")]).await, 200);
    assert_eq!(stack.record(&id).await.status, State::Delivered, "WhatsApp itself does");
}

#[tokio::test]
async fn an_own_app_raises_no_limit_that_holds_for_it() {
    let stack = TestStack::start(PROGRAM).await;
    let instance = connect(&stack, "2001").await;
    let path = format!("GET /v1/instances/{}", instance.as_str().expect("an id"));
    let upgrade = async || {
        let value = json!({ "display_phone_number": "551140000000", "event": "THROUGHPUT_UPGRADE",
            "max_daily_conversations_per_business": "TIER_UNLIMITED" });
        let changes = json!([{ "field": "phone_number_quality_update", "value": value }]);
        let entries = json!([{ "id": "1", "time": stack.now().secs(), "changes": changes }]);
        assert_eq!(post_entries(&stack, entries).await, 200);
        let (_, shown) = stack.call(&path, Value::Null).await;
        (shown["data"]["throughput"].clone(), shown["data"]["messagingLimit"].clone())
    };
    stack.pass(std::time::Duration::from_secs(10));
    assert_eq!(upgrade().await, (json!(80), json!("TIER_UNLIMITED")), "what limits nothing here is noted");
    trust(&stack).await;
    stack.pass(std::time::Duration::from_secs(10));
    assert_eq!(upgrade().await.0, 1000, "the operator trusts it");
}
