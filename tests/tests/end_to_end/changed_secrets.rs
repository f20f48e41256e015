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

fn inbound(id: &str, numbers: &[&str]) -> String {
    let change = |number: &&str| {
        let message = json!({ "from": "5511900000009", "id": id, "timestamp": "1760000002", "type": "text",
            "text": { "body": "hi" } });
        let value = json!({ "metadata": { "phone_number_id": number }, "messages": [message] });
        json!({ "field": "messages", "value": value })
    };
    let changes: Vec<Value> = numbers.iter().map(change).collect();
    json!({ "entry": [{ "id": "9001", "changes": changes }] }).to_string()
}

/// Posts a message that was signed with a secret.
async fn post(stack: &TestStack, id: &str, secret: &str) -> u16 {
    post_to(stack, id, &[NUMBER], secret).await
}

/// Posts a message to each of these numbers in one callback that was signed with a secret.
async fn post_to(stack: &TestStack, id: &str, numbers: &[&str], secret: &str) -> u16 {
    let (body, key) = (inbound(id, numbers), hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()));
    let signature = format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())));
    stack.post_callback(&body, Some(&signature)).await
}

/// WhatsApp's ids of the messages that a tenant has.
async fn received(stack: &TestStack, tenant: &Tenant) -> BTreeSet<String> {
    received_by(stack, tenant, &tenant.instance).await
}

/// WhatsApp's ids of the messages that an instance of a tenant has.
async fn received_by(stack: &TestStack, tenant: &Tenant, instance: &str) -> BTreeSet<String> {
    let path = format!("GET /v1/messages?instanceId={instance}");
    let (_, page) = stack.call_as(&tenant.key, &path, Value::Null).await;
    let rows = page["data"].as_array().expect("rows");
    rows.iter().filter_map(|row| row["providerId"].as_str().map(str::to_owned)).collect()
}

/// Connects an instance of a tenant again, with a secret of an app of their own.
async fn connect(stack: &TestStack, tenant: &Tenant, (instance, number): (&str, &str), secret: &str) {
    // The answer does not matter: it may not be connected yet.
    stack.call_as(&tenant.key, &format!("POST /v1/instances/{instance}/disconnect"), Value::Null).await;
    let body = json!({ "method": "official", "businessId": "9001", "phoneNumberId": number,
        "accessToken": "EAAG-theirs", "appSecret": secret });
    let (status, answer) = stack.call_as(&tenant.key, &format!("POST /v1/instances/{instance}/connect"), body).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn both_of_the_deployments_two_secrets_sign_and_no_other_does() {
    let secrets = ["the new secret of the deployment", "the old secret of the deployment"];
    let stack = TestStack::start_with(PROGRAM, |options| {
        let app = json!({ "appSecret": secrets.join(","), "verifyToken": "a token that nobody uses" });
        options.secrets.insert("WhatsAppApp".to_owned(), app.to_string());
    })
    .await;
    let tenant = Tenant::new(&stack, NUMBER, "9001", false).await;
    for (secret, status) in [(secrets[0], 200), (secrets[1], 200), (&*secrets.join(","), 401), (SECRETS[0], 401)] {
        assert_eq!(post(&stack, &format!("wamid.{}", &secret[4..7]), secret).await, status, "{secret}");
    }
    assert_eq!(received(&stack, &tenant).await, ["wamid.new", "wamid.old"].map(str::to_owned).into());
}

#[tokio::test]
async fn a_new_secret_of_a_customers_app_signs_at_once_and_the_old_one_no_more() {
    let stack = TestStack::start(PROGRAM).await;
    let tenant = Tenant::new(&stack, NUMBER, "9001", false).await;
    let [old, new] = SECRETS;
    assert_eq!(post(&stack, "wamid.0", old).await, 401, "the number has no app of its own yet");
    connect(&stack, &tenant, (&tenant.instance, NUMBER), old).await;
    stack.pass(READ_AGAIN);
    assert_eq!(post(&stack, "wamid.1", old).await, 200);
    connect(&stack, &tenant, (&tenant.instance, NUMBER), new).await;
    stack.pass(READ_AGAIN);
    assert_eq!(post(&stack, "wamid.2", new).await, 200, "although the old one is cached for half a minute");
    assert_eq!(post(&stack, "wamid.3", old).await, 401);
    assert_eq!(post(&stack, "wamid.4", "a secret of nobody's app").await, 401);
    assert_eq!(received(&stack, &tenant).await, ["wamid.1", "wamid.2"].map(str::to_owned).into());
}

#[tokio::test]
async fn a_secret_that_is_new_to_one_number_of_a_callback_loses_nothing_of_another_one() {
    let stack = TestStack::start(PROGRAM).await;
    let tenant = Tenant::new(&stack, NUMBER, "9001", false).await;
    let mut others = Vec::new();
    for _ in 0..2 {
        let (_, created) = stack.call_as(&tenant.key, "POST /v1/instances", json!({ "name": "Another" })).await;
        others.push(created["data"]["id"].as_str().expect("an id").to_owned());
    }
    let [old, new] = SECRETS;
    let (first, second) = ((tenant.instance.as_str(), NUMBER), (others[0].as_str(), "2002"));
    for number in [first, second] {
        connect(&stack, &tenant, number, old).await;
    }
    let numbers = ["2002", "2003", NUMBER];
    assert_eq!(post_to(&stack, "wamid.1", &numbers, old).await, 200);
    connect(&stack, &tenant, first, new).await;
    stack.pass(READ_AGAIN);
    assert_eq!(post_to(&stack, "wamid.2", &numbers, new).await, 200, "of the first number, whose secret it is");
    for number in [second, (&others[1], "2003")] {
        connect(&stack, &tenant, number, new).await;
    }
    assert_eq!(post_to(&stack, "wamid.3", &numbers, new).await, 200);
    assert_eq!(received(&stack, &tenant).await, ["wamid.1", "wamid.2", "wamid.3"].map(str::to_owned).into());
    for (instance, expected) in others.iter().zip([vec!["wamid.1", "wamid.3"], vec!["wamid.3"]]) {
        let expected: BTreeSet<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(received_by(&stack, &tenant, instance).await, expected);
    }
}
