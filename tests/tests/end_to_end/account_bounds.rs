//! An account has no more instances and API keys than the deployment allows.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::test_stack::TestStack;

use crate::PROGRAM;

/// What an account may have of each.
const MOST: u64 = 3;

async fn start() -> TestStack {
    TestStack::start_with(PROGRAM, |options| {
        let manage = options.function_overrides.entry("manage".to_owned()).or_default();
        for name in ["MAX_INSTANCES", "MAX_API_KEYS"] {
            manage.variables.insert(name.to_owned(), MOST.to_string());
        }
    })
    .await
}

/// Creates eight at the same time, of which as many are created as there is room for.
async fn fill(create: impl AsyncFn() -> (u16, Value), count: impl AsyncFn() -> u64) {
    let before = count().await;
    let answers = join_all((0..8).map(|_| create())).await;
    for (status, answer) in answers.iter().filter(|(status, _)| *status != 201) {
        assert_eq!((*status, &answer["error"]["code"]), (409, &json!("limit_reached")), "{answer}");
    }
    let created = answers.iter().filter(|(status, _)| *status == 201).count() as u64;
    assert_eq!((before + created, count().await), (MOST, MOST), "as many as there was room for");
    assert_eq!((create().await.0, count().await), (409, MOST));
}

#[tokio::test]
async fn an_account_has_no_more_instances_than_its_bound() {
    let stack = start().await;
    let create = async || {
        let body = json!({ "name": "Shop", "webhookUrl": "https://shop.example/hook" });
        stack.call("POST /v1/instances", body).await
    };
    let total = async |path: &str| {
        let (_, page) = stack.call(path, Value::Null).await;
        page["pagination"]["total"].as_u64().expect("a number")
    };
    let webhooks = total("GET /v1/webhooks").await;
    fill(create, async || total("GET /v1/instances").await).await;
    assert_eq!(total("GET /v1/webhooks").await, webhooks + MOST - 1, "the demo's instance came without one");
    let (_, page) = stack.call("GET /v1/instances", Value::Null).await;
    let last = page["data"].as_array().and_then(|rows| rows.last()).expect("an instance");
    let path = format!("DELETE /v1/instances/{}", last["id"].as_str().expect("an id"));
    assert_eq!(stack.call(&path, Value::Null).await.0, 204);
    assert_eq!(create().await.0, 201);
}

#[tokio::test]
async fn an_account_has_no_more_api_keys_than_its_bound() {
    let stack = start().await;
    let (_, account) = stack.operate("POST /v1/admin/accounts", json!({ "name": "Shop" })).await;
    let path = format!("/v1/admin/accounts/{}/keys", account["data"]["id"].as_str().expect("an id"));
    let create = async || stack.operate(&format!("POST {path}"), json!({ "name": "Server" })).await;
    let list = async || stack.operate(&format!("GET {path}"), Value::Null).await.1;
    fill(create, async || list().await["pagination"]["total"].as_u64().expect("a number")).await;
    let id = list().await["data"][0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(stack.operate(&format!("DELETE {path}/{id}"), Value::Null).await.0, 204);
    assert_eq!(create().await.0, 201);
}
