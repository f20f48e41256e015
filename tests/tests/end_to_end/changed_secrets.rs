//! App secrets that follow one another: the deployment's two during a rotation, and that of a customer's own app.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::{Value, json};
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::account_callbacks::Tenant;

const NUMBER: &str = "2001";
/// Longer than it takes until a number is read again after a secret that does not sign.
const READ_AGAIN: Duration = Duration::from_secs(6);
/// Those of the customer's own app.
const SECRETS: [&str; 2] = ["the first secret of an app", "the second secret of an app"];

fn inbound(id: &str) -> String {
    let message = json!({ "from": "5511900000009", "id": id, "timestamp": "1760000002", "type": "text",
        "text": { "body": "hi" } });
    let value = json!({ "metadata": { "phone_number_id": NUMBER }, "messages": [message] });
    json!({ "entry": [{ "id": "9001", "changes": [{ "field": "messages", "value": value }] }] }).to_string()
}

/// Posts a message that was signed with a secret.
async fn post(stack: &TestStack, id: &str, secret: &str) -> u16 {
    let (body, key) = (inbound(id), hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()));
    let signature = format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())));
    stack.post_callback(&body, Some(&signature)).await
}

async fn connect(stack: &TestStack, tenant: &Tenant, secret: &str) {
    let path = format!("POST /v1/instances/{}/disconnect", tenant.instance);
    assert_eq!(stack.call_as(&tenant.key, &path, Value::Null).await.0, 200);
    let body = json!({ "method": "official", "businessId": "9001", "phoneNumberId": NUMBER,
        "accessToken": "EAAG-theirs", "appSecret": secret });
    let path = format!("POST /v1/instances/{}/connect", tenant.instance);
    let (status, answer) = stack.call_as(&tenant.key, &path, body).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn a_new_secret_of_a_customers_app_signs_at_once_and_the_old_one_no_more() {
    let stack = TestStack::start(PROGRAM).await;
    let tenant = Tenant::new(&stack, NUMBER, "9001", false).await;
    let [old, new] = SECRETS;
    assert_eq!(post(&stack, "wamid.0", old).await, 401, "the number has no app of its own yet");
    connect(&stack, &tenant, old).await;
    stack.pass(READ_AGAIN);
    assert_eq!(post(&stack, "wamid.1", old).await, 200);
    connect(&stack, &tenant, new).await;
    stack.pass(READ_AGAIN);
    assert_eq!(post(&stack, "wamid.2", new).await, 200, "although the old one is cached for half a minute");
    assert_eq!(post(&stack, "wamid.3", old).await, 401);
    assert_eq!(post(&stack, "wamid.4", "a secret of nobody's app").await, 401);
    let path = format!("GET /v1/messages?instanceId={}", tenant.instance);
    let (_, page) = stack.call_as(&tenant.key, &path, Value::Null).await;
    let rows = page["data"].as_array().expect("rows");
    let received: BTreeSet<&str> = rows.iter().filter_map(|row| row["providerId"].as_str()).collect();
    assert_eq!(received, BTreeSet::from(["wamid.1", "wamid.2"]));
}
