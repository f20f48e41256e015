//! The operator's requests with an Idempotency-Key: credits are granted once and a key is created once, however often and however
//! concurrently a request is repeated.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::FaultAt;
use tests::test_stack::TestStack;

use crate::PROGRAM;

/// Posts a body with an Idempotency-Key.
async fn post(stack: &TestStack, path: &str, key: &str, body: &Value) -> Option<(u16, Value)> {
    let admin_key = stack.stack.secrets.text("AdminKey").expect("a secret");
    let request = stack.http.post(format!("{}{path}", stack.stack.addresses.api)).bearer_auth(admin_key);
    let response = request.header("Idempotency-Key", key).body(body.to_string()).send().await.ok()?;
    let status = response.status().as_u16();
    Some((status, serde_json::from_str(&response.text().await.ok()?).ok()?))
}

async fn account(stack: &TestStack, credits: i64) -> String {
    let (_, created) = stack.operate("POST /v1/admin/accounts", json!({ "name": "Shop", "credits": credits })).await;
    format!("/v1/admin/accounts/{}", created["data"]["id"].as_str().expect("an id"))
}

async fn credits(stack: &TestStack, account: &str) -> Value {
    stack.operate(&format!("GET {account}"), Value::Null).await.1["data"]["credits"].clone()
}

#[tokio::test]
async fn credits_are_granted_once_however_often_a_request_is_repeated() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, other) = (account(&stack, 10).await, account(&stack, 0).await);
    let path = format!("{account}/credits");
    let grant = json!({ "amount": 5 });
    for (status, answer) in
        join_all((0..8).map(|_| post(&stack, &path, "invoice-1", &grant))).await.into_iter().flatten()
    {
        assert_eq!((status, &answer["data"]), (200, &json!({ "credits": 15 })), "{answer}");
    }
    assert_eq!(post(&stack, &path, "invoice-1", &grant).await.expect("an answer").1["data"]["credits"], 15);
    let (status, answer) = post(&stack, &path, "invoice-1", &json!({ "amount": 6 })).await.expect("an answer");
    let error = &answer["error"];
    assert_eq!(
        (status, &error["code"], &error["field"]),
        (422, &json!("idempotency_key_reused"), &json!("Idempotency-Key"))
    );
    assert_eq!(credits(&stack, &account).await, 15);
    // Taken back once too, also when the repeat would be more than the account has.
    for _ in 0..2 {
        let (status, answer) = post(&stack, &path, "refund-1", &json!({ "amount": -10 })).await.expect("an answer");
        assert_eq!((status, &answer["data"]["credits"]), (200, &json!(5)), "{answer}");
    }
    // What was refused may be tried again with the same key.
    let too_many = json!({ "amount": -6 });
    assert_eq!(post(&stack, &path, "refund-2", &too_many).await.expect("an answer").0, 400);
    assert_eq!(post(&stack, &path, "invoice-2", &json!({ "amount": 1 })).await.expect("an answer").0, 200);
    assert_eq!(post(&stack, &path, "refund-2", &too_many).await.expect("an answer").0, 200);
    // Each account and each operation has its own keys.
    assert_eq!(post(&stack, &format!("{other}/credits"), "invoice-1", &grant).await.expect("an answer").0, 200);
    assert_eq!((credits(&stack, &account).await, credits(&stack, &other).await), (json!(0), json!(5)));
    assert_eq!(
        post(&stack, &format!("{account}/keys"), "invoice-1", &json!({ "name": "a" })).await.expect("an answer").0,
        201
    );
    for invalid in ["", &"k".repeat(256)] {
        let (status, answer) = post(&stack, &path, invalid, &grant).await.expect("an answer");
        assert_eq!((status, &answer["error"]["field"]), (400, &json!("Idempotency-Key")), "{answer}");
    }
}

#[tokio::test]
async fn a_crash_after_a_grant_grants_no_second_time() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let account = account(stack, 0).await;
    let path = format!("{account}/credits");
    proxied.dynamodb.inject([FaultAt("manage", "TransactWriteItems", 1, &[Fault::KillAfter])]);
    let first = post(stack, &path, "invoice-1", &json!({ "amount": 5 })).await;
    assert!(first.is_none_or(|(status, _)| status >= 500), "the process was killed");
    assert_eq!(credits(stack, &account).await, 5);
    let (status, answer) = post(stack, &path, "invoice-1", &json!({ "amount": 5 })).await.expect("an answer");
    assert_eq!((status, &answer["data"]["credits"]), (200, &json!(5)));
}

#[tokio::test]
async fn a_key_is_created_once_however_often_a_request_is_repeated() {
    let stack = TestStack::start_with(PROGRAM, |options| {
        let manage = options.function_overrides.entry("manage".to_owned()).or_default();
        manage.variables.insert("MAX_API_KEYS".to_owned(), "1".to_owned());
    })
    .await;
    let path = format!("{}/keys", account(&stack, 0).await);
    let body = json!({ "name": "Server", "scopes": ["instances:read"] });
    let answers = join_all((0..8).map(|_| post(&stack, &path, "setup", &body))).await;
    let mut answers: Vec<_> =
        answers.into_iter().flatten().map(|(status, answer)| (status, answer["data"].clone())).collect();
    answers.push(
        post(&stack, &path, "setup", &body)
            .await
            .map(|(status, answer)| (status, answer["data"].clone()))
            .expect("an answer"),
    );
    assert_eq!(answers.len(), 9);
    answers.dedup();
    let [(201, key)] = &answers[..] else {
        panic!("one answer, also where there is no room for another key: {answers:?}")
    };
    let secret = key["key"].as_str().expect("the key");
    assert_eq!(stack.call_as(secret, "GET /v1/instances", Value::Null).await.0, 200);
    let (_, listed) = stack.operate(&format!("GET {path}"), Value::Null).await;
    assert_eq!((&listed["pagination"]["total"], &listed["data"][0]["id"]), (&json!(1), &key["id"]));
    let (status, answer) = post(&stack, &path, "setup", &json!({ "name": "Other" })).await.expect("an answer");
    assert_eq!((status, &answer["error"]["code"]), (422, &json!("idempotency_key_reused")));
    assert_eq!(post(&stack, &path, "another", &body).await.expect("an answer").0, 409);
    let scan = stack.stack.clients.dynamodb.scan().table_name(&stack.stack.tables["Accounts"]);
    let items = format!("{:?}", scan.send().await.expect("the table answers").items());
    assert!(items.contains("repeat#keys#") && !items.contains(secret), "the key is in the table");
}

#[tokio::test]
async fn a_repeated_creation_of_a_key_that_has_ended_is_answered_by_what_it_created() {
    let stack = TestStack::start(PROGRAM).await;
    let path = format!("{}/keys", account(&stack, 0).await);
    let ends_at = stack.now().plus(Duration::from_secs(60)).to_string();
    let body = json!({ "name": "Short", "expiresAt": ends_at });
    let (_, first) = post(&stack, &path, "k1", &body).await.expect("an answer");
    stack.pass(Duration::from_secs(61));
    assert_eq!(post(&stack, &path, "k1", &body).await.expect("an answer"), (201, first.clone()));
    let key = first["data"]["id"].as_str().expect("an id");
    assert_eq!(stack.operate(&format!("DELETE {path}/{key}"), Value::Null).await.0, 204);
    let (status, answer) = post(&stack, &path, "k1", &body).await.expect("an answer");
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("key_not_found")), "revoked: {answer}");
}
