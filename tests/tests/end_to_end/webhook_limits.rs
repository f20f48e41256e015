//! How many webhooks there may be, and how much an account may do with them at once.

use futures::future::join_all;
use serde_json::{Value, json};
use shared::account::{Admission, ConcurrencyLimit, Operation};
use shared::ids::WebhookId;
use std::time::Duration;
use tests::process;
use tests::test_stack::TestStack;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

const CREATE: &str = "POST /v1/webhooks";
/// The tests in progress, as `manage` limits them.
const TESTS: ConcurrencyLimit = ConcurrencyLimit { kind: "tests", max: 2, lease: Duration::from_secs(20) };

fn body(instance: &str) -> Value {
    json!({ "url": "https://example.com/webhook", "instanceId": instance, "events": ["message.failed"] })
}

async fn stack(of_account: usize, of_instance: usize) -> TestStack {
    TestStack::start_with(PROGRAM, |options| {
        let manage = options.function_overrides.entry("manage".to_owned()).or_default();
        manage.variables.insert("MAX_WEBHOOKS".to_owned(), of_account.to_string());
        manage.variables.insert("MAX_WEBHOOKS_PER_INSTANCE".to_owned(), of_instance.to_string());
    })
    .await
}

fn assert_limited((status, answer): &(u16, Value)) {
    assert_eq!((*status, &answer["error"]["code"]), (409, &json!("limit_reached")), "{answer}");
}

#[tokio::test]
async fn an_instance_has_no_more_webhooks_than_its_limit_however_many_are_created_at_once() {
    let stack = stack(100, 4).await; // of which the stack's own is one
    let answers = join_all((0..8).map(|_| stack.call(CREATE, body("inst_abc123")))).await;
    answers.iter().filter(|(status, _)| *status != 201).for_each(assert_limited);
    let created = answers.iter().filter(|(status, _)| *status == 201).count();
    let listed = async || stack.call("GET /v1/webhooks", Value::Null).await.1["pagination"]["total"].clone();
    assert_eq!((created, listed().await), (3, json!(4)));
    assert_limited(&stack.call(CREATE, body("inst_abc123")).await);
    let url = json!({ "webhookUrl": "https://example.com/webhook" });
    assert_limited(&stack.call("PATCH /v1/instances/inst_abc123", url).await);
    let (_, webhooks) = stack.call("GET /v1/webhooks", Value::Null).await;
    let id = webhooks["data"][0]["id"].as_str().expect("an id");
    assert_eq!(stack.call(&format!("DELETE /v1/webhooks/{id}"), Value::Null).await.0, 204);
    assert_eq!(stack.call(CREATE, body("inst_abc123")).await.0, 201);
}

#[tokio::test]
async fn an_account_has_no_more_webhooks_than_its_limit() {
    let stack = stack(3, 2).await;
    let (status, created) =
        stack.call("POST /v1/instances", json!({ "name": "A", "webhookUrl": "https://example.com/webhook" })).await;
    assert_eq!(status, 201, "{created}");
    let instance = created["data"]["id"].as_str().expect("an id");
    assert_eq!(stack.call(CREATE, body(instance)).await.0, 201);
    assert_limited(&stack.call(CREATE, body(instance)).await); // of the instance
    assert_limited(&stack.call(CREATE, body("inst_abc123")).await); // of the account
    let another = json!({ "name": "B", "webhookUrl": "https://example.com/webhook" });
    assert_limited(&stack.call("POST /v1/instances", another).await);
    let (_, instances) = stack.call("GET /v1/instances", Value::Null).await;
    assert_eq!(instances["pagination"]["total"], json!(2), "a refused instance is not created");
    assert_eq!(stack.call("POST /v1/instances", json!({ "name": "C" })).await.0, 201);
}

#[tokio::test]
async fn an_account_has_a_bounded_number_of_webhook_tests_in_progress() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let path = stack.webhook_for(&receiver, &["message.failed"]).await;
    let test = async || stack.call(&format!("POST {path}/test"), json!({})).await;
    for _ in 0..3 {
        assert_eq!(test().await.0, 200, "tests one after the other");
    }
    let (account, others) = (&stack.customer.account_id, [WebhookId::generate(), WebhookId::generate()]);
    let operation = |webhook: usize| Operation { account, subject: others[webhook].as_str(), id: "log_other" };
    for webhook in [0, 1] {
        let admitted = TESTS.acquire(&stack.accounts, operation(webhook)).await.expect("the table answers");
        assert_eq!(admitted, Admission::Admitted);
    }
    let (status, answer) = test().await;
    assert_eq!((status, &answer["error"]["code"]), (429, &json!("rate_limit_exceeded")), "{answer}");
    assert!(answer["error"]["retryAfter"].as_u64().is_some_and(|seconds| seconds > 0), "{answer}");
    assert_eq!(receiver.count(), 3, "a refused test calls nobody");
    TESTS.release(&stack.accounts, operation(0)).await.expect("the table answers");
    assert_eq!(test().await.0, 200);
}

#[tokio::test]
async fn a_webhook_test_that_was_broken_off_counts_until_its_lease_ends() {
    let stack = TestStack::start(PROGRAM).await;
    let (receiver, other) = (WebhookReceiver::start().await, WebhookReceiver::start().await);
    let path = stack.webhook_for(&receiver, &["message.failed"]).await;
    let other_path = stack.webhook_for(&other, &["message.failed"]).await;
    let test = async |path: &str| stack.call(&format!("POST {path}/test"), json!({})).await.0;
    receiver.hold();
    let url = format!("{}{path}/test", stack.stack.addresses.api);
    let key = secrecy::ExposeSecret::expose_secret(&stack.customer.api_key).to_owned();
    let broken_off = tokio::spawn(stack.http.post(url).bearer_auth(key).body("{}").send());
    receiver.wait_for_calls(1).await;
    let pids = stack.stack.functions["manage"].pids().borrow().clone();
    pids.into_iter().for_each(process::kill);
    drop(broken_off.await.expect("no panic"));
    receiver.release();
    assert_eq!(test(&path).await, 429, "one test of a webhook at a time");
    assert_eq!(test(&other_path).await, 200, "room for another webhook's");
    stack.pass(TESTS.lease + Duration::from_secs(1));
    assert_eq!(test(&path).await, 200);
}
