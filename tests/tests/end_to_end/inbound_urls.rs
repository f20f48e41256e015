//! Inbound URLs: what they may do, whose limit they count against, when they end, and their Idempotency-Keys.

use std::time::Duration;

use aws_lc_rs::hmac;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::account::{Account, KeyHash, Plan, Scope};
use shared::aws::{ItemKey, UpdateBuilder};
use shared::clock;
use shared::ids::{AccountId, MessageId, WebhookId};
use shared::message::State;
use shared::security::{MasterKeys, Purpose};
use tests::test_stack::TestStack;

use crate::PROGRAM;

const CREATE: &str = "POST /v1/webhooks/inbound";
const LIST: &str = "GET /v1/webhooks/inbound";
/// Requests a minute: few, so that none is allowed again while a test runs.
const LIMIT: usize = 2;

/// An inbound URL that a key has created: its id and its address.
async fn create(stack: &TestStack, key: &str, instance: &str) -> (WebhookId, String) {
    let (status, answer) = stack.call_as(key, CREATE, json!({ "name": "Shop", "instanceId": instance })).await;
    assert_eq!(status, 201, "{answer}");
    let text = |field: &str| answer["data"][field].as_str().expect("a text").to_owned();
    (text("id").parse().expect("an id"), text("url"))
}

async fn post(stack: &TestStack, url: &str, idempotency_key: Option<&str>) -> (u16, Value) {
    let body = json!({ "to": "5511999999999", "message": "hi" }).to_string();
    let mut request = stack.http.post(url).body(body);
    if let Some(key) = idempotency_key {
        request = request.header("Idempotency-Key", key);
    }
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.expect("a body")).expect("JSON"))
}

fn token_item(url: &str) -> ItemKey {
    ItemKey::inbound_url(KeyHash::new(url.rsplit('/').next().expect("a token")).as_str())
}

/// Leaves an inbound URL as an earlier version wrote it.
async fn make_earlier(stack: &TestStack, account: &AccountId, id: &WebhookId, url: &str) {
    let token = UpdateBuilder::new().remove("createdBy");
    assert!(stack.accounts.update(token_item(url), &token).await.expect("the table takes it").is_applied());
    let listing = UpdateBuilder::new().remove("key");
    let item = ItemKey::inbound_url_listing(account, id);
    assert!(stack.accounts.update(item, &listing).await.expect("the table takes it").is_applied());
}

#[tokio::test]
async fn creating_an_inbound_url_needs_the_scope_to_send() {
    let stack = TestStack::start(PROGRAM).await;
    let key = stack.key(&stack.customer.account_id, &[Scope::WebhooksWrite], None).await;
    let (status, answer) = stack.call_as(&key, CREATE, json!({ "name": "Shop", "instanceId": "inst_abc123" })).await;
    assert_eq!((status, &answer["error"]["code"]), (403, &json!("insufficient_permissions")), "{answer}");
    assert_eq!(stack.call(LIST, Value::Null).await.1["data"], json!([]));
}

#[tokio::test]
async fn inbound_urls_are_listed_without_their_tokens() {
    let stack = TestStack::start(PROGRAM).await;
    let key = stack.customer.api_key.expose_secret();
    let (first, url) = create(&stack, key, "inst_abc123").await;
    let (second, _) = create(&stack, key, "inst_abc123").await;
    let (status, listed) = stack.call(LIST, Value::Null).await;
    assert_eq!((status, &listed["pagination"]["total"]), (200, &json!(2)), "{listed}");
    let row = &listed["data"][0];
    let expected = json!({ "id": first, "name": "Shop", "instanceId": "inst_abc123", "keyId": row["keyId"],
        "createdAt": row["createdAt"] });
    assert_eq!((row, &listed["data"][1]["id"]), (&expected, &json!(second)));
    assert!(row["keyId"].as_str().is_some_and(|id| id.starts_with("key_")), "{row}");

    make_earlier(&stack, &stack.customer.account_id, &first, &url).await;
    let (_, listed) = stack.call(LIST, Value::Null).await;
    let mut earlier = expected;
    earlier["keyId"] = Value::Null;
    assert_eq!(listed["data"][0], earlier);
    let neighbour = stack.neighbour().await;
    assert_eq!(stack.call_as(&neighbour, LIST, Value::Null).await.1["data"], json!([]));
    let reader = stack.key(&stack.customer.account_id, &[Scope::WebhooksWrite], None).await;
    assert_eq!(stack.call_as(&reader, LIST, Value::Null).await.0, 403);
}

#[tokio::test]
async fn an_inbound_url_ends_with_the_key_that_created_it() {
    let stack = TestStack::start(PROGRAM).await;
    let account = &stack.customer.account_id;
    let path = format!("/v1/admin/accounts/{account}/keys");
    let (_, revoked) = stack.operate(&format!("POST {path}"), json!({ "name": "Shop" })).await;
    let key = revoked["data"]["key"].as_str().expect("a key");
    let (_, with_revoked) = create(&stack, key, "inst_abc123").await;
    let expiring = stack.key(account, Scope::ALL, Some(stack.now().plus(Duration::from_secs(3600)))).await;
    let (_, with_expired) = create(&stack, &expiring, "inst_abc123").await;
    for url in [&with_revoked, &with_expired] {
        assert_eq!(post(&stack, url, None).await.0, 202);
    }
    // Restored, or created while the key was revoked: the token alone does not send.
    let token = stack.accounts.get::<Value>(token_item(&with_revoked)).await.expect("the table answers");
    let id = revoked["data"]["id"].as_str().expect("an id");
    assert_eq!(stack.operate(&format!("DELETE {path}/{id}"), Value::Null).await.0, 204);
    let (_, listed) = stack.call(LIST, Value::Null).await;
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1), "{listed}");
    stack.accounts.put(token_item(&with_revoked), &token).await.expect("the table takes it");
    stack.pass(Duration::from_secs(3601));
    let (status, answer) = post(&stack, &with_revoked, None).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!("invalid_api_key")), "{answer}");
    let (status, answer) = post(&stack, &with_expired, None).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!("expired_api_key")), "{answer}");
}

#[tokio::test]
async fn an_inbound_url_ends_with_its_instance() {
    let stack = TestStack::start(PROGRAM).await;
    let key = stack.customer.api_key.expose_secret();
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": "Support" })).await;
    let instance = created["data"]["id"].as_str().expect("an id");
    let (_, url) = create(&stack, key, instance).await;
    let (other, _) = create(&stack, key, "inst_abc123").await;
    assert_eq!(post(&stack, &url, None).await.1["error"]["code"], "instance_disconnected");
    assert_eq!(stack.call(&format!("DELETE /v1/instances/{instance}"), Value::Null).await.0, 204);
    let (_, listed) = stack.call(LIST, Value::Null).await;
    assert_eq!((&listed["pagination"]["total"], &listed["data"][0]["id"]), (&json!(1), &json!(other)), "{listed}");
    stack.pass(Duration::from_secs(61));
    assert_eq!(post(&stack, &url, None).await.0, 401);
}

#[tokio::test]
async fn inbound_urls_share_the_limit_of_the_key_that_created_them() {
    let stack = TestStack::start(PROGRAM).await;
    let account = stack.open_account(Plan::Enterprise, 10_000).await;
    stack.copy_instance_to(&account, "inst_theirs").await;
    let key = stack.key(&account, Scope::ALL, None).await;
    let mut urls = Vec::new();
    for _ in 0..8 {
        urls.push(create(&stack, &key, "inst_theirs").await);
    }
    let limited = Account {
        requests_per_minute: u32::try_from(LIMIT).ok(),
        ..Account::new(account.clone(), "Another".to_owned(), Plan::Enterprise, clock::now())
    };
    stack.accounts.put_account(&limited).await.expect("an account");
    stack.pass(Duration::from_secs(61)); // until the new limit is known
    for (_, url) in urls.iter().take(LIMIT) {
        assert_eq!(post(&stack, url, None).await.0, 202);
    }
    let (status, answer) = post(&stack, &urls[7].1, None).await;
    assert_eq!((status, &answer["error"]["code"]), (429, &json!("rate_limit_exceeded")), "{answer}");
    let body = json!({ "instanceId": "inst_theirs", "to": "5511999999999", "message": "hi" });
    assert_eq!(stack.call_as(&key, "POST /v1/messages/send", body).await.0, 429);

    for (id, url) in &urls {
        make_earlier(&stack, &account, id, url).await;
    }
    stack.pass(Duration::from_secs(61));
    for (_, url) in urls.iter().take(LIMIT) {
        assert_eq!(post(&stack, url, None).await.0, 202);
    }
    assert_eq!(post(&stack, &urls[7].1, None).await.0, 429, "earlier versions' URLs share one limit");
}

#[tokio::test]
async fn an_account_has_no_more_inbound_urls_than_its_limit() {
    let stack = TestStack::start_with(PROGRAM, |options| {
        let manage = options.function_overrides.entry("manage".to_owned()).or_default();
        manage.variables.insert("MAX_INBOUND_URLS".to_owned(), "3".to_owned());
    })
    .await;
    let key = stack.customer.api_key.expose_secret();
    let (first, _) = create(&stack, key, "inst_abc123").await;
    let body = || json!({ "name": "Shop", "instanceId": "inst_abc123" });
    let answers = join_all((0..8).map(|_| stack.call(CREATE, body()))).await;
    for (status, answer) in answers.iter().filter(|(status, _)| *status != 201) {
        assert_eq!((*status, &answer["error"]["code"]), (409, &json!("limit_reached")), "{answer}");
    }
    let created = 1 + answers.iter().filter(|(status, _)| *status == 201).count();
    let listed = async || stack.call(LIST, Value::Null).await.1["pagination"]["total"].clone();
    assert_eq!((created, listed().await), (3, json!(3)));
    assert_eq!(stack.call(CREATE, body()).await.0, 409);
    assert_eq!(stack.call(&format!("DELETE /v1/webhooks/{first}"), Value::Null).await.0, 204);
    create(&stack, key, "inst_abc123").await;
}

#[tokio::test]
async fn inbound_urls_of_two_instances_share_no_idempotency_keys() {
    let stack = TestStack::start(PROGRAM).await;
    stack.copy_instance_to(&stack.customer.account_id, "inst_other").await;
    let key = stack.customer.api_key.expose_secret();
    let (_, first) = create(&stack, key, "inst_abc123").await;
    let (_, same_instance) = create(&stack, key, "inst_abc123").await;
    let (_, other_instance) = create(&stack, key, "inst_other").await;
    let mut ids = Vec::new();
    for url in [&first, &same_instance, &other_instance] {
        let (status, answer) = post(&stack, url, Some("order-12")).await;
        assert_eq!(status, 202, "{answer}");
        let id: MessageId = answer["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        stack.wait_for_state(&id, State::Read).await;
        assert_eq!(post(&stack, url, Some("order-12")).await, (202, answer), "a retry");
        ids.push(id);
    }
    let instances: Vec<_> = join_all(ids.iter().map(|id| stack.record(id))).await;
    let instances: Vec<_> = instances.iter().map(|record| record.instance_id.as_str()).collect();
    assert_eq!(instances, ["inst_abc123", "inst_abc123", "inst_other"]);
    assert_eq!(stack.whatsapp().ledger().asked(), 3);
}

#[tokio::test]
async fn a_retry_of_an_inbound_request_of_an_earlier_version_sends_nothing_twice() {
    let stack = TestStack::start_upgraded(PROGRAM).await;
    stack.copy_instance_to(&stack.customer.account_id, "inst_other").await;
    let key = stack.customer.api_key.expose_secret();
    let (_, url) = create(&stack, key, "inst_abc123").await;
    let (_, other) = create(&stack, key, "inst_other").await;
    let (_, answer) = post(&stack, &url, Some("order-12")).await;
    let id: MessageId = answer["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    stack.wait_for_state(&id, State::Read).await;
    let earlier = move_to_earlier_id(&stack, &id, "order-12").await;

    let (status, answer) = post(&stack, &url, Some("order-12")).await;
    assert_eq!((status, &answer["messageId"]), (202, &json!(earlier)), "{answer}");
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
    let (status, answer) = post(&stack, &other, Some("order-12")).await;
    assert_eq!(status, 202, "{answer}");
    assert_ne!(answer["messageId"], json!(earlier), "another instance's");
    stack.wait_for_taken(2).await;
}

/// Gives the record of a message the id that an earlier version derived from its Idempotency-Key.
pub async fn move_to_earlier_id(stack: &TestStack, id: &MessageId, idempotency_key: &str) -> MessageId {
    let keys = MasterKeys::parse(&stack.stack.secrets.text("MasterKeys").expect("a secret").into()).expect("keys");
    let secret = hmac::Key::new(hmac::HMAC_SHA256, &keys.derive(Purpose::MessageId)[0].1);
    let name = format!("{}\n{idempotency_key}", stack.customer.account_id);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hmac::sign(&secret, name.as_bytes()).as_ref()[..16]);
    let earlier = MessageId::from_bytes(bytes);
    let (tables, table) = (&stack.stack.clients.dynamodb, &stack.stack.tables["Messages"]);
    let text = |id: &MessageId| AttributeValue::S(id.to_string());
    let found = tables.get_item().table_name(table).key("id", text(id)).send().await.expect("the table answers");
    let mut item = found.item.expect("a record");
    item.insert("id".to_owned(), text(&earlier));
    tables.put_item().table_name(table).set_item(Some(item)).send().await.expect("the table takes it");
    tables.delete_item().table_name(table).key("id", text(id)).send().await.expect("the table takes it");
    earlier
}
