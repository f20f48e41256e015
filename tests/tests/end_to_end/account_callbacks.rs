//! Callbacks about business accounts and numbers, and about no message: who is believed, and that each is stored and published
//! once.

use std::time::Duration;

use aws_lc_rs::hmac;
use aws_sdk_dynamodb::types::AttributeValue;
use local::dev_stack::seed::BUSINESS;
use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::aws::{ItemKey, UpdateBuilder};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

const OWN_SECRET: &[u8] = b"the secret of another app";
pub const EVENTS: [&str; 4] = ["template.updated", "instance.updated", "contact.opted_out", "contact.opted_in"];

/// A callback with one change of a business account.
pub fn callback(business: &str, time: i64, field: &str, value: &Value) -> String {
    let change = json!({ "field": field, "value": value });
    let entry = json!([{ "id": business, "time": time, "changes": [change] }]);
    json!({ "object": "whatsapp_business_account", "entry": entry }).to_string()
}

pub fn template(event: &str) -> Value {
    json!({ "event": event, "message_template_id": 1_689_556_908_129_832_i64, "message_template_name": "welcome",
        "message_template_language": "pt-BR", "message_template_category": "UTILITY", "reason": "NONE" })
}

pub fn wish(number: &str, value: &str, at: i64) -> Value {
    json!({ "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "551140000000", "phone_number_id": number },
        "user_preferences": [{ "wa_id": "5511911110006", "user_id": "BR.15", "detail": "x", "value": value,
            "category": "marketing_messages", "timestamp": at }] })
}

fn own_signature(body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, OWN_SECRET);
    format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())))
}

/// A tenant with a connected instance, and a webhook for the events of account-level callbacks.
pub struct Tenant {
    pub key: String,
    pub instance: String,
    pub webhook: WebhookReceiver,
}

impl Tenant {
    pub async fn new(stack: &TestStack, number: &str, business: &str, own_app: bool) -> Self {
        let account = stack.open_account(Plan::Pro, 100).await;
        let key = stack.key(&account, Scope::ALL, None).await;
        let (_, created) = stack.call_as(&key, "POST /v1/instances", json!({ "name": "Support" })).await;
        let instance = created["data"]["id"].as_str().expect("an id").to_owned();
        let webhook = WebhookReceiver::start().await;
        let body = json!({ "url": webhook.url, "instanceId": instance, "events": EVENTS });
        assert_eq!(stack.call_as(&key, "POST /v1/webhooks", body).await.0, 201);
        let tenant = Self { key, instance, webhook };
        tenant.connect(stack, number, business, own_app).await;
        tenant
    }

    pub async fn connect(&self, stack: &TestStack, number: &str, business: &str, own_app: bool) {
        let mut body = json!({ "method": "official", "businessId": business, "phoneNumberId": number,
            "accessToken": "EAAG-theirs" });
        if own_app {
            body["appSecret"] = json!(String::from_utf8_lossy(OWN_SECRET));
        }
        let path = format!("POST /v1/instances/{}/connect", self.instance);
        assert_eq!(stack.call_as(&self.key, &path, body).await.0, 200);
    }

    pub async fn shown(&self, stack: &TestStack) -> Value {
        let path = format!("GET /v1/instances/{}", self.instance);
        stack.call_as(&self.key, &path, Value::Null).await.1["data"].take()
    }
}

pub async fn own(stack: &TestStack, body: &str) -> u16 {
    stack.post_callback(body, Some(&own_signature(body))).await
}

/// Waits until a webhook has an event, and returns its data.
pub async fn event(webhook: &WebhookReceiver, name: &str) -> Value {
    let come = || async { webhook.calls().into_iter().find(|call| call.event() == name) };
    eventually(name, come).await.json["data"].take()
}

/// How many events are in the outbox.
async fn outbox(stack: &TestStack) -> i32 {
    let scan = stack.stack.clients.dynamodb.scan().table_name(&stack.stack.tables["Accounts"]);
    let scan = scan
        .filter_expression("sk = :event")
        .expression_attribute_values(":event", AttributeValue::S("event".to_owned()));
    scan.send().await.expect("the table answers").count()
}

/// Waits until everything that was put into the outbox before is published: of the customer's own webhook, an event that is
/// published after it.
pub async fn until_published(stack: &TestStack, webhook: &WebhookReceiver) {
    let now = stack.now().secs();
    let body = callback(BUSINESS, now, "message_template_status_update", &template("LAST"));
    assert_eq!(stack.post_callback(&body, None).await, 200);
    let come = || async { webhook.calls().into_iter().find(|call| call.json["data"]["status"] == "LAST") };
    eventually("the last event", come).await;
}

#[tokio::test]
async fn a_callback_without_a_message_or_status_is_verified_by_its_number_or_business_account() {
    let stack = TestStack::start(PROGRAM).await;
    let _ours = Tenant::new(&stack, "2001", "9001", true).await;
    let now = stack.now().secs();
    let metadata = |number: &str| json!({ "display_phone_number": "551140000000", "phone_number_id": number });
    let echo = json!({ "metadata": metadata("2001"), "message_echoes": [{ "from": "551140000000", "id": "wamid.E",
        "timestamp": now.to_string(), "to": "5511911110006", "type": "text", "text": { "body": "do celular" } }] });
    let errors = json!({ "metadata": metadata("2001"), "errors": [{ "code": 130_429, "title": "Rate limit hit" }] });
    let message = |number: &str| {
        json!({ "metadata": metadata(number), "contacts": [{ "profile": { "username": "@ana" }, "user_id": "BR.1" }],
            "messages": [{ "from_user_id": "BR.1", "id": "wamid.U", "timestamp": now.to_string(), "type": "text",
                "text": { "body": "oi" } }] })
    };
    let of_business = |field: &str, value: &Value| callback("9001", now, field, value);
    let ours = [
        of_business("message_template_status_update", &template("APPROVED")),
        of_business("messages", &errors),
        of_business("user_preferences", &wish("2001", "stop", now)),
        of_business("smb_message_echoes", &echo),
        of_business("messages", &message("2001")),
        of_business("messages", &message("123456123")), // as Meta's Test button has it
        callback("777", now, "messages", &message("2001")),
    ];
    for body in &ours {
        assert_eq!(own(&stack, body).await, 200, "{body}");
    }
    let nobodys = callback("777", now, "message_template_status_update", &template("APPROVED"));
    assert_eq!(own(&stack, &nobodys).await, 401);
    assert!(!stack.logs().contains("CallbacksForged") && !stack.logs().contains("signature_invalid"));
    let forged = format!("sha256={}", "0".repeat(64));
    assert_eq!(stack.post_callback(&ours[0], Some(&forged)).await, 401);
    let counted = || async { stack.logs().contains("CallbacksForged").then_some(()) };
    eventually("a forged callback about a business account of ours to be counted", counted).await;
}

#[tokio::test]
async fn an_update_of_a_business_account_reaches_its_own_instances_once_and_nobody_elses() {
    let stack = TestStack::start(PROGRAM).await;
    let webhook = WebhookReceiver::start().await;
    stack.webhook_for(&webhook, &EVENTS).await;
    let own_app = Tenant::new(&stack, "2001", "9001", true).await;
    let beside = Tenant::new(&stack, "2002", "9001", false).await;
    let elsewhere = Tenant::new(&stack, "2003", "9002", false).await;
    let now = stack.now().secs();
    // Whoever claims a business account with an app of his own changes his own instances only.
    let claimed = callback("9001", now, "message_template_status_update", &template("PAUSED"));
    for _ in 0..2 {
        assert_eq!(own(&stack, &claimed).await, 200);
    }
    assert_eq!(event(&own_app.webhook, "template.updated").await["status"], "PAUSED");
    let body = callback("9001", now, "message_template_status_update", &template("APPROVED"));
    for _ in 0..2 {
        assert_eq!(stack.post_callback(&body, None).await, 200);
    }
    let data = event(&beside.webhook, "template.updated").await;
    let fields = ["status", "category", "language", "name", "templateId"].map(|field| &data[field]);
    assert_eq!(fields, ["APPROVED", "UTILITY", "pt_BR", "welcome", "1689556908129832"]);
    assert_eq!(data["instanceId"], beside.instance);
    until_published(&stack, &webhook).await;
    own_app.webhook.wait_for_calls(2).await;
    let counts = [&own_app, &beside, &elsewhere].map(|tenant| tenant.webhook.count());
    assert_eq!(counts, [2, 1, 0], "each update once, also when it is repeated");
    assert_eq!(stack.webhook.count(), 0, "a webhook gets it only if it lists it");
}

#[tokio::test]
async fn an_event_that_cannot_be_stored_is_not_acknowledged_and_is_published_once_when_it_is_repeated() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let webhook = WebhookReceiver::start().await;
    stack.webhook_for(&webhook, &EVENTS).await;
    let body = callback(BUSINESS, stack.now().secs(), "message_template_status_update", &template("APPROVED"));
    for fault in [Fault::DropBefore, Fault::DropAfter] {
        proxied.dynamodb.set_faults(move |call, _| {
            let is_put = call.caller == "receive" && call.operation == "UpdateItem";
            if is_put { fault } else { Fault::None }
        });
        assert_eq!(stack.post_callback(&body, None).await, 500);
    }
    proxied.dynamodb.set_faults(|_, _| Fault::None);
    assert_eq!(stack.post_callback(&body, None).await, 200);
    until_published(stack, &webhook).await;
    // The last one may be published first: they are items of their own.
    eventually("this one, and the last", || async { (webhook.count() >= 2).then_some(()) }).await;
    assert_eq!(webhook.count(), 2);
}

#[tokio::test]
async fn a_number_of_an_earlier_version_is_found_by_its_business_account_after_its_next_callback() {
    let stack = TestStack::start(PROGRAM).await;
    let earlier = Tenant::new(&stack, "2001", "9001", true).await;
    let forget = UpdateBuilder::new().remove("businessId");
    stack.accounts.update(ItemKey::number("2001"), &forget).await.expect("the table takes it");
    stack.accounts.delete(ItemKey::business_number("9001", "2001")).await.expect("the table takes it");
    let now = stack.now().secs();
    let update = callback("9001", now, "message_template_status_update", &template("APPROVED"));
    assert_eq!(own(&stack, &update).await, 401, "as before");
    let metadata = json!({ "phone_number_id": "2001" });
    let text = json!({ "from": "5511900000009", "id": "wamid.1", "timestamp": now.to_string(), "type": "text",
        "text": { "body": "oi" } });
    let message = callback("4711", now, "messages", &json!({ "metadata": metadata, "messages": [text] }));
    assert_eq!(own(&stack, &message).await, 200);
    let claimed = callback("4711", now, "message_template_status_update", &template("APPROVED"));
    stack.pass(Duration::from_secs(31)); // the cache of what was not found
    assert_eq!(own(&stack, &update).await, 200);
    assert_eq!(own(&stack, &claimed).await, 401, "the account that its connect has proven, not the one that it names");
    event(&earlier.webhook, "template.updated").await;
}

#[tokio::test]
async fn a_number_that_has_left_gets_nothing_of_its_former_business_account() {
    let stack = TestStack::start(PROGRAM).await;
    let webhook = WebhookReceiver::start().await;
    stack.webhook_for(&webhook, &EVENTS).await;
    let tenant = Tenant::new(&stack, "2001", "9001", false).await;
    let path = format!("POST /v1/instances/{}/disconnect", tenant.instance);
    assert_eq!(stack.call_as(&tenant.key, &path, Value::Null).await.0, 200);
    tenant.connect(&stack, "2001", "9002", false).await;
    let now = stack.now().secs();
    for business in ["9001", "9002"] {
        let body = callback(business, now, "message_template_status_update", &template(business));
        assert_eq!(stack.post_callback(&body, None).await, 200);
    }
    assert_eq!(event(&tenant.webhook, "template.updated").await["status"], "9002");
    until_published(&stack, &webhook).await;
    assert_eq!(tenant.webhook.count(), 1);
    let events = outbox(&stack).await;
    // As an earlier version frees a number: the entry stays, and counts for nothing.
    let listing = UpdateBuilder::new().set("numberId", "2001");
    stack.accounts.update(ItemKey::business_number("9001", "2001"), &listing).await.expect("the table takes it");
    let body = callback("9001", now, "message_template_status_update", &template("AGAIN"));
    assert_eq!(stack.post_callback(&body, None).await, 200);
    assert_eq!(outbox(&stack).await, events);
}

#[tokio::test]
async fn what_a_customers_own_app_signs_about_his_account_counts_against_his_quota() {
    let stack = TestStack::start_with(PROGRAM, |options| {
        let receive = options.function_overrides.entry("receive".to_owned()).or_default();
        receive.variables.insert("INBOUND_PER_REQUEST".to_owned(), "1".to_owned());
    })
    .await;
    let _tenant = Tenant::new(&stack, "2001", "9001", true).await;
    let now = stack.now().secs();
    let flood = |at: i64| {
        let mut large = wish("2001", "stop", at)["user_preferences"][0].clone();
        large["detail"] = json!("x".repeat(90_000));
        let wishes = vec![large; 30];
        let mut value = wish("2001", "stop", at);
        value["user_preferences"] = json!(wishes);
        callback("9001", now, "user_preferences", &value)
    };
    let mut refused = false;
    for at in 0..10 {
        let status = own(&stack, &flood(now - at)).await;
        assert!(matches!(status, 200 | 500), "{status}");
        refused |= status == 500;
        if refused {
            break;
        }
    }
    assert!(refused && stack.logs().contains("inbound.over_quota"));
}
