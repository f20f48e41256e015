//! Idempotency-Key: the same key and body make one message and one charge.

use std::time::Duration;

use futures::future::join_all;
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{FaultAt, Proxy};
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::inbound_urls::move_to_earlier_id;

const BODY: &str = r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"hello"}"#;

async fn post(stack: &TestStack, key: &str, body: &str) -> (u16, Value) {
    post_as(stack, stack.customer.api_key.expose_secret(), key, body).await
}

async fn post_as(stack: &TestStack, api_key: &str, key: &str, body: &str) -> (u16, Value) {
    let request = stack.http.post(format!("{}/v1/messages/send", stack.stack.addresses.api));
    let request = request.bearer_auth(api_key).header("Idempotency-Key", key).body(body.to_owned());
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.expect("a body")).expect("JSON"))
}

#[tokio::test]
async fn a_retry_with_the_same_key_sends_nothing_twice() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let (status, first) = post(&stack, "order-12", BODY).await;
    assert_eq!(status, 202);
    let id = first["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    stack.wait_for_status(&id, "read").await;
    assert_eq!(post(&stack, "order-12", BODY).await, (202, first));
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before - 1);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let stack = TestStack::start(PROGRAM).await;
    let (_, first) = post(&stack, "order-12", BODY).await;
    let (status, answer) = post(&stack, "order-12", &BODY.replace("hello", "goodbye")).await;
    let error = &answer["error"];
    assert_eq!(
        (status, &error["code"], &error["field"]),
        (422, &json!("idempotency_key_reused"), &json!("Idempotency-Key"))
    );
    let (made, told) = (first["messageId"].as_str().expect("an id"), error["message"].as_str().expect("a text"));
    assert!(told.contains(made), "{told}");
}

#[tokio::test]
async fn the_same_key_of_another_account_is_another_request() {
    let stack = TestStack::start(PROGRAM).await;
    let (_, first) = post(&stack, "order-12", BODY).await;
    let account = stack.open_account(Plan::Free, 10).await;
    stack.copy_instance_to(&account, "inst_abc123").await;
    let key = stack.key(&account, Scope::ALL, None).await;
    let (status, second) = post_as(&stack, &key, "order-12", BODY).await;
    assert_eq!(status, 202, "{second}");
    assert_ne!(first["messageId"], second["messageId"]);
}

#[tokio::test]
async fn concurrent_requests_with_one_key_send_one_message_and_charge_once() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let answers = join_all((0..10).map(|_| post(&stack, "order-12", BODY))).await;
    let mut ids = Vec::new();
    for (status, answer) in answers {
        match status {
            202 => ids.push(answer["messageId"].clone()),
            409 => {
                let error = &answer["error"];
                assert_eq!((&error["code"], &error["retryAfter"]), (&json!("idempotency_in_progress"), &json!(1)));
            }
            _ => panic!("{status} {answer}"),
        }
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "one message");
    let id = ids[0].as_str().and_then(|id| id.parse().ok()).expect("an id");
    stack.wait_for_status(&id, "read").await;
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before - 1);
}

#[tokio::test]
async fn an_invalid_idempotency_key_is_refused() {
    let stack = TestStack::start(PROGRAM).await;
    for key in [" ".to_owned(), "x".repeat(256)] {
        let (status, answer) = post(&stack, &key, BODY).await;
        assert_eq!((status, &answer["error"]["field"]), (400, &json!("Idempotency-Key")), "{answer}");
    }
    assert_eq!(post(&stack, &"x".repeat(255), BODY).await.0, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_failed_request_is_not_remembered() {
    let stack = TestStack::start(PROGRAM).await;
    let (status, _) = post(&stack, "order-12", &BODY.replace("5511999999999", "+55")).await;
    assert_eq!(status, 400);
    assert_eq!(post(&stack, "order-12", BODY).await.0, 202);
}

/// Sends the first request and holds it before it writes its record; sends the second, and then lets the first continue.
/// Returns the statuses, and the ids of the messages.
async fn race(
    dynamodb: &Proxy,
    first: impl Future<Output = (u16, Value)>,
    second: impl Future<Output = (u16, Value)>,
) -> ([u16; 2], Vec<Value>) {
    dynamodb.inject([FaultAt("send", "PutItem", 1, &[Fault::FreezeBefore])]);
    let second = async {
        dynamodb.wait_until_frozen().await;
        let answer = second.await;
        dynamodb.resume();
        answer
    };
    let (first, second) = tokio::join!(first, second);
    let mut ids: Vec<_> = [&first.1, &second.1].map(|answer| answer["messageId"].clone()).into();
    ids.retain(Value::is_string);
    ids.dedup();
    ([first.0, second.0], ids)
}

/// One message was made, and the slower request was told so.
async fn assert_one_message(stack: &TestStack, (statuses, ids): ([u16; 2], Vec<Value>)) {
    assert!(matches!(statuses, [202 | 409, 202]) && ids.len() == 1, "{statuses:?} {ids:?}");
    let id = ids[0].as_str().and_then(|id| id.parse().ok()).expect("an id");
    stack.wait_for_status(&id, "read").await;
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
}

#[tokio::test]
async fn concurrent_requests_with_two_api_keys_of_an_account_send_one_message() {
    let ProxiedStack { stack, dynamodb, sqs: _sqs, whatsapp: _whatsapp, s3: _s3 } = ProxiedStack::start(PROGRAM).await;
    let new_key = stack.key(&stack.customer.account_id, Scope::ALL, None).await;
    let (first, second) = (post(&stack, "order-12", BODY), post_as(&stack, &new_key, "order-12", BODY));
    let raced = race(&dynamodb, first, second).await;
    assert_one_message(&stack, raced).await;
}

#[tokio::test]
async fn concurrent_requests_during_a_rotation_of_the_master_keys_send_one_message() {
    let (old, new) = ("old-".repeat(16), "new-".repeat(16));
    let ProxiedStack { stack, dynamodb, sqs: _sqs, whatsapp: _whatsapp, s3: _s3 } =
        ProxiedStack::start_with(PROGRAM, |options| {
            options.parameters.insert("EarlierKeys", "true".to_owned());
            options.secrets.insert("MasterKeys".to_owned(), old.clone());
        })
        .await;
    let second = async {
        stack.stack.secrets.put("MasterKeys", &format!("{new},{old}")).expect("the keys");
        post(&stack, "order-12", BODY).await // by a process of its own, since the first one is busy
    };
    let raced = race(&dynamodb, post(&stack, "order-12", BODY), second).await;
    assert_one_message(&stack, raced).await;
}

#[tokio::test]
async fn a_retry_of_a_request_of_an_earlier_version_sends_nothing_twice_even_after_an_erasure() {
    let stack = TestStack::start_upgraded(PROGRAM).await;
    let (_, first) = post(&stack, "order-12", BODY).await;
    let id = first["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    stack.wait_for_status(&id, "read").await;
    let earlier = move_to_earlier_id(&stack, &id, "order-12").await;
    let (status, again) = post(&stack, "order-12", BODY).await;
    assert_eq!((status, &again["messageId"]), (202, &json!(earlier)));
    stack.wait_until_idle("deliver").await;
    assert_eq!(stack.erase("5511999999999").await["remaining"], json!(0));
    let (status, answer) = post(&stack, "order-12", BODY).await;
    assert_eq!((status, &answer["error"]["code"]), (422, &json!("idempotency_key_reused")));
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
}

#[tokio::test]
async fn repeats_of_a_message_that_waits_leave_nothing_in_the_queue_of_settle() {
    let stack = TestStack::start(PROGRAM).await;
    stack.pause_instance(stack.now().plus(Duration::from_secs(3600))).await;
    let waits = json!({ "instanceId": "inst_abc123", "to": "5511900000001", "message": "hi", "expiresIn": 3000 });
    let send_at = stack.now().plus(Duration::from_secs(7200)).to_string();
    let scheduled = json!({ "instanceId": "inst_abc123", "to": "5511900000002", "message": "hi", "sendAt": send_at });
    for body in [&waits, &scheduled] {
        assert_eq!(post(&stack, &body["to"].to_string(), &body.to_string()).await.0, 202);
    }
    stack.pass(Duration::from_secs(16)); // the requests have ended
    stack.wait_for_delayed("SettleQueue", 1).await; // the check of the first at its `expiresIn`
    for _ in 0..5 {
        for body in [&waits, &scheduled] {
            assert_eq!(post(&stack, &body["to"].to_string(), &body.to_string()).await.0, 202);
        }
    }
    stack.wait_for_delayed("SettleQueue", 1).await;
}
