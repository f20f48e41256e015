//! What is closed, and what is not.

use std::time::Duration;

use local::dev_stack::seed;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::account::{ApiKey, Plan, Scope, api_key};
use shared::clock;
use shared::ids::{AccountId, KeyId, WebhookId};
use shared::instance::{Connect, Instance, Number};
use shared::unread_callback::SignedBy;
use shared::webhook::DeadLetter;
use shared::whatsapp::NumberLimits;
use tests::test_stack::TestStack;
use tests::webhook_receiver::WebhookReceiver;

use super::{ACCOUNT, INSTANCE, NUMBER, PHONE, Rows, items_with};
use crate::people::{self, USER};
use crate::{batches, listeners, received_files, unread_callbacks};

/// WhatsApp refuses this recipient's messages.
const FAILS: &str = "1555131047";

/// A text of the person of this moment: a record of an old one would expire at once.
pub fn recent(id: &str) -> Value {
    let mut text = people::text(id, &json!({ "from": PHONE }));
    text["timestamp"] = json!(clock::now().secs().to_string());
    text
}

/// Gives the account something of everything that an account can have. Returns ids that name it.
pub async fn fill(stack: &TestStack) -> Vec<String> {
    let ask = async |method_and_path: &str, body: Value| {
        let (status, answer) = stack.call(method_and_path, body).await;
        assert!(status < 300, "{method_and_path}: {answer}");
        answer["data"].clone()
    };
    let (operator, gone) = (stack.operator_webhook().await, WebhookReceiver::start().await);
    gone.answer_with([StatusCode::GONE]);
    let webhook = stack.webhook_for(&gone, &["message.failed"]).await;
    listeners::listen(stack, json!({ "events": ["message.sent"] })).await;
    let failed = stack.send_text(FAILS, "fails").await;
    stack.wait_for_status(&failed, "failed").await;
    operator.wait_for_calls(2).await;
    let sent = stack.send_text("5511999999999", "hello").await;
    stack.wait_for_status(&sent, "read").await;
    batches::send(stack, batches::texts("551190000", 2)).await;
    stack.webhook.wait_for(sent.as_str(), "message.read").await;
    let inbound = ask("POST /v1/webhooks/inbound", json!({ "name": "Shop", "instanceId": INSTANCE })).await;
    stack.upload_png().await;
    received_files::receive_and_get(stack).await;
    // Details in items of their own, a contact with an event, and one who has only called.
    let mut order = recent("wamid.large");
    order["type"] = json!("order");
    order["order"] = json!({ "catalog_id": "1", "text": "x".repeat(100_000), "product_items": [] });
    people::receive(stack, &Value::Null, &[order]).await;
    people::receive(stack, &Value::Null, &[recent("wamid.1")]).await;
    for (id, phone) in [("wamid.2", PHONE), ("wamid.3", "5511911110052")] {
        let mut with_user = recent(id);
        (with_user["from"], with_user["from_user_id"]) = (json!(phone), json!(USER));
        people::receive(stack, &Value::Null, &[with_user]).await;
    }
    stack.call_number("5511911110099").await;
    ask("GET /v1/statistics", Value::Null).await;
    ask("POST /v1/instances", json!({ "name": "Second" })).await;
    let fine = stack.webhook_for(&WebhookReceiver::start().await, &["message.sent"]).await;
    ask(&format!("POST {fine}/replay"), json!({ "since": "2026-02-03T12:00:00.000Z" })).await;
    ask(&format!("POST {fine}/test"), Value::Null).await;
    let signed_by = SignedBy::from([(NUMBER.to_owned(), ACCOUNT.parse().expect("an id"))]);
    unread_callbacks::keep(stack, "own app", Some(signed_by)).await;
    let (_, key) = stack.operate(&format!("POST /v1/admin/accounts/{ACCOUNT}/keys"), json!({ "name": "Second" })).await;
    let id = |answer: &Value| answer["id"].as_str().expect("an id").to_owned();
    let webhook = webhook.rsplit('/').next().expect("an id").to_owned();
    vec![ACCOUNT.to_owned(), INSTANCE.to_owned(), PHONE.to_owned(), webhook, id(&inbound), id(&key["data"])]
}

/// Creates what an earlier version of `manage`, which does not know closed accounts, could create in it: a key, an inbound URL, a
/// webhook, and an instance with a number.
pub async fn create_as_an_earlier_version(stack: &TestStack) {
    let account: AccountId = ACCOUNT.parse().expect("an id");
    stack.key(&account, Scope::ALL, None).await;
    stack.register(&stack.webhook).await;
    let (_, hash) = api_key::generate_inbound();
    let key = ApiKey {
        id: KeyId::generate(),
        account_id: account.clone(),
        name: "Late".to_owned(),
        scopes: vec![Scope::MessagesWrite],
        expires_at: None,
        instance_id: Some(INSTANCE.parse().expect("an id")),
        created_by: None,
        created_at: stack.now(),
    };
    let url = stack.accounts.new_inbound_url(&WebhookId::generate(), &hash, &key).expect("two writes");
    assert!(stack.accounts.transact(url.into()).await.expect("the table takes it").is_applied());
    let name = "Late".to_owned();
    let late = Instance::new(account.clone(), "inst_late".parse().expect("an id"), name, stack.now());
    let cipher = seed::secret_cipher(&stack.stack).expect("the stack's keys");
    let number = Number {
        id: "2009".to_owned(),
        business_id: "1".to_owned(),
        access_token: cipher.encrypt(&"EAAG-good".into(), &Instance::token_aad(&account, &late.id)),
        rate: 80,
        phone: None,
        profile_name: None,
    };
    stack.accounts.put_instance(&late).await.expect("the table takes it");
    let limits = NumberLimits::default();
    let connected = stack.accounts.connect(&late, (&number, &limits), None).await;
    assert!(matches!(connected.expect("the table takes it"), Some(Connect::Connected)));
}

/// Another account, with an instance, a message, a webhook and a callback that could not be read.
pub struct Other {
    pub account: AccountId,
    pub key: String,
    pub instance: String,
}

impl Other {
    pub async fn open(stack: &TestStack) -> Self {
        let account = stack.open_account(Plan::Pro, 100).await;
        let key = stack.key(&account, Scope::ALL, None).await;
        let (_, created) = stack.call_as(&key, "POST /v1/instances", json!({ "name": "Other" })).await;
        let instance = created["data"]["id"].as_str().expect("an id").to_owned();
        let other = Self { account, key, instance };
        assert_eq!(other.connect(stack, "2001").await, 200);
        stack.neighbour_sends_from(&other.key, &other.instance, "5511911110077").await;
        let signed_by = SignedBy::from([("2001".to_owned(), other.account.clone())]);
        unread_callbacks::keep(stack, "another's", Some(signed_by)).await;
        let (now, keys) = (stack.now(), json!({ "pk": { "S": other.account }, "sk": { "S": other.instance } }));
        let letter = DeadLetter::change(&keys, "unreadable", now, now.plus(Duration::from_secs(24 * 60 * 60)));
        stack.accounts.put_dead_letter(&letter).await.expect("the table takes it");
        other
    }

    pub async fn connect(&self, stack: &TestStack, number: &str) -> u16 {
        let body =
            json!({ "method": "official", "businessId": "1", "phoneNumberId": number, "accessToken": "EAAG-good" });
        stack.call_as(&self.key, &format!("POST /v1/instances/{}/connect", self.instance), body).await.0
    }

    /// All that is stored of it, without its ledger, which `settle` takes out of an index.
    pub async fn rows(&self, stack: &TestStack) -> Rows {
        let mut rows = items_with(stack, &[self.account.as_str(), &self.instance]).await;
        rows.retain(|key, _| !key.ends_with(" meter"));
        rows
    }
}
