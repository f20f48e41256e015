//! The operator's API: accounts, credits, keys, and erasing a phone number.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::FaultAt;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

async fn create(stack: &TestStack, body: Value) -> String {
    let (status, answer) = stack.operate("POST /v1/admin/accounts", body).await;
    assert_eq!(status, 201, "{answer}");
    answer["data"]["id"].as_str().expect("an id").to_owned()
}

async fn key(stack: &TestStack, account: &str, body: Value) -> (String, String) {
    let (status, answer) = stack.operate(&format!("POST /v1/admin/accounts/{account}/keys"), body).await;
    assert_eq!(status, 201, "{answer}");
    let text = |field: &str| answer["data"][field].as_str().expect("text").to_owned();
    (text("id"), text("key"))
}

#[tokio::test]
async fn a_new_account_can_send_as_many_messages_as_it_has_credits() {
    let stack = TestStack::start(PROGRAM).await;
    let account = create(&stack, json!({ "name": "Shop", "plan": "starter", "credits": 2 })).await;
    let (_, key) = key(&stack, &account, json!({ "name": "Server" })).await;
    let (_, instance) = stack.call_as(&key, "POST /v1/instances", json!({ "name": "Support" })).await;
    let instance = instance["data"]["id"].as_str().expect("an id");
    let credentials =
        json!({ "method": "official", "businessId": "1", "phoneNumberId": "2001", "accessToken": "EAAG-theirs" });
    let (status, _) = stack.call_as(&key, &format!("POST /v1/instances/{instance}/connect"), credentials).await;
    assert_eq!(status, 200);
    let body = json!({ "instanceId": instance, "to": "5511999999999", "message": "hi" });
    for status in [202, 202, 402] {
        let (got, answer) = stack.call_as(&key, "POST /v1/messages/send", body.clone()).await;
        assert_eq!(got, status, "{answer}");
    }
    let (_, shown) = stack.operate(&format!("GET /v1/admin/accounts/{account}"), Value::Null).await;
    assert_eq!((&shown["data"]["credits"], &shown["data"]["requestsPerMinute"]), (&json!(0), &json!(2000)));
}

#[tokio::test]
async fn accounts_are_listed_in_pages_and_changed() {
    let stack = TestStack::start(PROGRAM).await;
    let mut made = vec!["acc_demo".to_owned()];
    for name in ["A", "B", "C"] {
        made.push(create(&stack, json!({ "name": name })).await);
    }
    made.sort();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let (status, page) = stack.operate(&format!("GET /v1/admin/accounts?limit=3{after}"), Value::Null).await;
        assert_eq!(status, 200, "{page}");
        let rows = page["data"].as_array().expect("rows");
        seen.extend(rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()));
        match page["pagination"]["nextCursor"].as_str() {
            Some(cursor) => after = format!("&after={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, made);
    let path = format!("/v1/admin/accounts/{}", made[1]);
    let change = json!({ "plan": "enterprise", "requestsPerMinute": 50 });
    let (status, changed) = stack.operate(&format!("PATCH {path}"), change).await;
    assert_eq!((status, &changed["data"]["requestsPerMinute"]), (200, &json!(50)), "{changed}");
    let (_, back) = stack.operate(&format!("PATCH {path}"), json!({ "plan": "free" })).await;
    assert_eq!(back["data"]["requestsPerMinute"], 500);
}

#[tokio::test]
async fn credits_are_granted_and_taken_back_but_never_below_zero() {
    let stack = TestStack::start(PROGRAM).await;
    let account = create(&stack, json!({ "name": "Shop", "credits": 10 })).await;
    let path = format!("POST /v1/admin/accounts/{account}/credits");
    assert_eq!(stack.operate(&path, json!({ "amount": 5 })).await.1["data"], json!({ "credits": 15 }));
    assert_eq!(stack.operate(&path, json!({ "amount": -15 })).await.1["data"], json!({ "credits": 0 }));
    for amount in [json!(-1), json!(0), json!(i64::MIN), json!(1.5), json!("5"), Value::Null] {
        let (status, answer) = stack.operate(&path, json!({ "amount": amount })).await;
        assert_eq!((status, &answer["error"]["field"]), (400, &json!("amount")), "{answer}");
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_invalid_a_minute_after_it_was_revoked() {
    let stack = TestStack::start(PROGRAM).await;
    let account = create(&stack, json!({ "name": "Shop" })).await;
    let (id, key) = key(&stack, &account, json!({ "name": "Reader", "scopes": ["instances:read"] })).await;
    assert_eq!(stack.call_as(&key, "GET /v1/instances", Value::Null).await.0, 200);
    let (status, answer) = stack.call_as(&key, "POST /v1/instances", json!({ "name": "a" })).await;
    assert_eq!((status, &answer["error"]["code"]), (403, &json!("insufficient_permissions")));
    let (_, listed) = stack.operate(&format!("GET /v1/admin/accounts/{account}/keys"), Value::Null).await;
    let row = &listed["data"][0];
    assert_eq!((&row["id"], &row["scopes"], row.get("key")), (&json!(id), &json!(["instances:read"]), None));
    assert!(!listed.to_string().contains(&key));
    let path = format!("DELETE /v1/admin/accounts/{account}/keys/{id}");
    assert_eq!(stack.operate(&path, Value::Null).await, (204, Value::Null));
    assert_eq!(stack.operate(&path, Value::Null).await.0, 404);
    stack.pass(Duration::from_secs(61));
    let (status, answer) = stack.call_as(&key, "GET /v1/instances", Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!("invalid_api_key")));
}

#[tokio::test]
async fn an_invalid_admin_request_names_its_field() {
    let stack = TestStack::start(PROGRAM).await;
    let account = create(&stack, json!({ "name": "Shop" })).await;
    let keys = format!("POST /v1/admin/accounts/{account}/keys");
    for (call, body, status, code, field) in [
        ("POST /v1/admin/accounts", json!({}), 400, "invalid_request", json!("name")),
        ("POST /v1/admin/accounts", json!({ "name": "a", "plan": "gold" }), 400, "invalid_request", json!("plan")),
        ("POST /v1/admin/accounts", json!({ "name": "a", "credits": -1 }), 400, "invalid_request", json!("credits")),
        (
            "POST /v1/admin/accounts",
            json!({ "name": "a", "plan": "pro", "requestsPerMinute": 1 }),
            400,
            "invalid_request",
            json!("requestsPerMinute"),
        ),
        (&keys, json!({ "name": "a", "scopes": [] }), 400, "invalid_request", json!("scopes")),
        (&keys, json!({ "name": "a", "scopes": ["all"] }), 400, "invalid_request", json!("scopes[0]")),
        (&keys, json!({ "name": "a", "expiresAt": "tomorrow" }), 400, "invalid_request", json!("expiresAt")),
        (
            &keys,
            json!({ "name": "a", "expiresAt": "2026-01-01T00:00:00.000Z" }),
            400,
            "invalid_request",
            json!("expiresAt"),
        ),
        ("GET /v1/admin/accounts/acc_nobody", Value::Null, 404, "account_not_found", Value::Null),
        (
            &format!("DELETE /v1/admin/accounts/{account}/keys/key_nobody"),
            Value::Null,
            404,
            "key_not_found",
            Value::Null,
        ),
        (
            &format!("DELETE /v1/admin/accounts/{account}/phones/abc"),
            Value::Null,
            400,
            "invalid_phone_number",
            json!("phone"),
        ),
    ] {
        let (got, answer) = stack.operate(call, body).await;
        let error = &answer["error"];
        assert_eq!((got, &error["code"], &error["field"]), (status, &json!(code), &field), "{call}: {answer}");
    }
}

#[tokio::test]
async fn an_api_key_cannot_call_the_admin_api_nor_the_admin_key_the_api() {
    let stack = TestStack::start(PROGRAM).await;
    let (status, answer) = stack.call("GET /v1/admin/accounts", Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!("invalid_api_key")));
    let (status, answer) = stack.operate("POST /v1/instances", json!({ "name": "Shop" })).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!("invalid_api_key")));
}

#[tokio::test]
async fn erasing_a_phone_number_deletes_its_messages_and_no_others() {
    let stack = TestStack::start(PROGRAM).await;
    let mut ids = Vec::new();
    for text in ["one", "two"] {
        ids.push(stack.send_text("5511900000001", text).await);
    }
    let other = stack.send_text("5511900000002", "somebody else").await;
    for id in ids.iter().chain([&other]) {
        stack.wait_for_status(id, "read").await;
    }
    let hanging = stack.send_text("15550100001", "being sent").await;
    stack.wait_for_asked(4).await;
    assert_eq!(stack.erase("5511900000001").await, json!({ "erased": 2, "remaining": 0 }));
    assert_eq!(stack.erase("15550100001").await, json!({ "erased": 0, "remaining": 1 }));
    for id in &ids {
        let (status, _) = stack.call(&format!("GET /v1/messages/{id}/status"), Value::Null).await;
        assert_eq!(status, 404);
    }
    assert_eq!(stack.status(&other).await["status"], "read");
    assert_eq!(stack.status(&hanging).await["status"], "queued");
}

#[tokio::test]
async fn no_key_token_or_secret_is_stored_in_plain_text() {
    let stack = TestStack::start(PROGRAM).await;
    let (_, hook) = stack
        .call(
            "POST /v1/webhooks",
            json!({ "url": stack.webhook.url, "instanceId": "inst_abc123", "events": ["message.sent"] }),
        )
        .await;
    let (_, inbound) =
        stack.call("POST /v1/webhooks/inbound", json!({ "name": "Shop", "instanceId": "inst_abc123" })).await;
    let account = create(&stack, json!({ "name": "Shop" })).await;
    let (_, key) = key(&stack, &account, json!({ "name": "Server" })).await;
    let scan = stack.stack.clients.dynamodb.scan().table_name(&stack.stack.tables["Accounts"]);
    let items = format!("{:?}", scan.send().await.expect("the table answers").items());
    assert!(items.contains("inst_abc123"));
    let token = inbound["data"]["url"].as_str().and_then(|url| url.rsplit('/').next()).expect("a token");
    let secrets = [
        hook["data"]["secret"].as_str().expect("a secret"),
        token,
        &key,
        stack.customer.api_key.expose_secret(),
        "EAAG-of-the-simulator",
    ];
    for secret in secrets {
        assert!(!secret.is_empty() && !items.contains(secret), "{secret} is in the table");
    }
}

#[tokio::test]
async fn each_class_of_endpoints_has_its_own_rate_limit() {
    let stack = TestStack::start(PROGRAM).await;
    let account = create(&stack, json!({ "name": "Shop", "plan": "enterprise", "requestsPerMinute": 2 })).await;
    let (_, key) = key(&stack, &account, json!({ "name": "Server" })).await;
    let ask = async |path: &str| {
        let request = stack.http.get(format!("{}{path}", stack.stack.addresses.api)).bearer_auth(&key);
        let response = request.send().await.expect("an answer");
        let header =
            |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()?.parse::<i64>().ok());
        (
            response.status().as_u16(),
            header("x-ratelimit-remaining"),
            header("x-ratelimit-limit"),
            header("retry-after"),
        )
    };
    for remaining in [1, 0] {
        assert_eq!(ask("/v1/instances").await, (200, Some(remaining), Some(2), None));
    }
    let (status, remaining, _, retry_after) = ask("/v1/instances").await;
    assert_eq!((status, remaining), (429, Some(0)));
    assert!(retry_after.is_some_and(|seconds| (1..=30).contains(&seconds)));
    assert_eq!(ask("/v1/webhooks").await.0, 200);
    stack.pass(Duration::from_secs(60));
    assert_eq!(ask("/v1/instances").await, (200, Some(1), Some(2), None));
}

#[tokio::test]
async fn the_operator_webhook_is_set_shown_and_removed() {
    let stack = TestStack::start(PROGRAM).await;
    let path = format!("/v1/admin/accounts/{}/webhook", stack.customer.account_id);
    let (status, answer) = stack.operate(&format!("GET {path}"), Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("webhook_not_found")));
    let (status, set) = stack.operate(&format!("PUT {path}"), json!({ "url": "https://example.com/operator" })).await;
    assert_eq!(status, 200, "{set}");
    assert!(set["data"]["secret"].as_str().is_some_and(|secret| secret.starts_with("whs_")));
    let (_, shown) = stack.operate(&format!("GET {path}"), Value::Null).await;
    assert_eq!((&shown["data"]["url"], shown["data"].get("secret")), (&json!("https://example.com/operator"), None));
    let (_, listed) = stack.call("GET /v1/webhooks", Value::Null).await;
    assert_eq!(listed["pagination"]["total"], 1, "customers don't see it");
    let (status, answer) = stack.operate(&format!("PUT {path}"), json!({ "url": "http://10.0.0.1/" })).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("url")));
    assert_eq!(stack.operate(&format!("DELETE {path}"), Value::Null).await, (204, Value::Null));
    assert_eq!(stack.operate(&format!("DELETE {path}"), Value::Null).await.0, 404);
}

#[tokio::test]
async fn concurrent_changes_of_an_account_are_all_kept() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let account = create(stack, json!({ "name": "Shop", "plan": "enterprise", "requestsPerMinute": 50 })).await;
    let path = format!("/v1/admin/accounts/{account}");
    let patch = async |body: Value| stack.operate(&format!("PATCH {path}"), body).await;
    // The first request is frozen before its write, and the second one is answered meanwhile.
    let both = async |first: Value, second: Value| {
        proxied.dynamodb.inject([FaultAt("manage", "UpdateItem", 1, &[Fault::FreezeBefore])]);
        let meanwhile = async {
            proxied.dynamodb.wait_until_frozen().await;
            let (status, answer) = patch(second).await;
            assert_eq!(status, 200, "{answer}");
            proxied.dynamodb.resume();
        };
        tokio::join!(patch(first), meanwhile).0
    };
    let (status, changed) = both(json!({ "name": "Store" }), json!({ "plan": "pro" })).await;
    let data = &changed["data"];
    assert_eq!((status, &data["name"], &data["plan"]), (200, &json!("Store"), &json!("pro")), "{changed}");
    let (_, shown) = stack.operate(&format!("GET {path}"), Value::Null).await;
    assert_eq!((&shown["data"], &shown["data"]["requestsPerMinute"]), (data, &json!(10_000)));

    assert_eq!(patch(json!({ "plan": "enterprise", "requestsPerMinute": 50 })).await.0, 200);
    let (status, refused) = both(json!({ "requestsPerMinute": 60 }), json!({ "plan": "starter" })).await;
    assert_eq!((status, &refused["error"]["field"]), (400, &json!("requestsPerMinute")), "{refused}");
    let (_, shown) = stack.operate(&format!("GET {path}"), Value::Null).await;
    assert_eq!((&shown["data"]["plan"], &shown["data"]["requestsPerMinute"]), (&json!("starter"), &json!(2_000)));
    let (_, listed) = stack.operate("GET /v1/admin/accounts", Value::Null).await;
    assert!(listed["data"].as_array().expect("rows").contains(&shown["data"]), "{listed}");
}

#[tokio::test]
async fn a_wrong_admin_key_is_logged_and_counted() {
    let stack = TestStack::start(PROGRAM).await;
    assert_eq!(stack.call_as("not-the-admin-key-at-all", "GET /v1/admin/accounts", Value::Null).await.0, 401);
    let counted = || async {
        let logs = stack.logs();
        (logs.contains("admin_key.refused") && logs.contains(r#""AdminKeysRefused":1"#)).then_some(logs)
    };
    let logs = eventually("the metric", counted).await;
    assert!(!logs.contains("not-the-admin-key"));
}

#[tokio::test]
async fn no_answer_that_shows_a_secret_may_be_stored_on_its_way() {
    let stack = TestStack::start(PROGRAM).await;
    let admin_key = stack.stack.secrets.text("AdminKey").expect("a secret");
    let api_key = stack.customer.api_key.expose_secret();
    let hook = json!({ "url": stack.webhook.url, "instanceId": "inst_abc123", "events": ["message.sent"] });
    let inbound = json!({ "name": "Shop", "instanceId": "inst_abc123" });
    for (key, path, body, shown) in [
        (admin_key.as_str(), "/v1/admin/accounts/acc_demo/keys", json!({ "name": "Server" }), "key"),
        (api_key, "/v1/webhooks", hook, "secret"),
        (api_key, "/v1/webhooks/inbound", inbound, "url"),
    ] {
        let request = stack.http.post(format!("{}{path}", stack.stack.addresses.api)).bearer_auth(key);
        let response = request.body(body.to_string()).send().await.expect("an answer");
        assert_eq!(response.headers().get("cache-control").expect("the header"), "no-store", "{path}");
        let answer: Value = serde_json::from_str(&response.text().await.expect("a body")).expect("JSON");
        assert!(answer["data"][shown].is_string(), "{answer}");
    }
}

#[tokio::test]
async fn any_key_shows_its_account_s_credits_and_limits() {
    let stack = TestStack::start(PROGRAM).await;
    let account = stack.open_account(Plan::Starter, 7).await;
    let key = stack.key(&account, &[Scope::WebhooksRead], None).await;
    let (status, answer) = stack.call_as(&key, "GET /v1/account", Value::Null).await;
    let shown = &answer["data"];
    assert_eq!((status, &shown["id"], &shown["credits"]), (200, &json!(account), &json!(7)), "{answer}");
    assert_eq!((&shown["plan"], &shown["limits"]["requestsPerMinute"]), (&json!("starter"), &json!(2_000)));
    assert_eq!((&shown["limits"]["webhooksPerInstance"], &shown["scopes"]), (&json!(20), &json!(["webhooks:read"])));
    assert_eq!(stack.call_as("wrong", "GET /v1/account", Value::Null).await.0, 401);
}
