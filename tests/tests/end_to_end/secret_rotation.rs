//! Rotation of secrets while the functions run: no deployment, and nothing is lost while processes that have read the new value
//! work beside processes that have not, which the stack gives the old one.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_lc_rs::hmac;
use local::dev_stack::Stack;
use serde_json::{Value, json};
use shared::ids::MessageId;
use shared::security::master_keys::SEALS_AFTER;
use shared::security::secret_cache::{MAX_AGE, MIN_INTERVAL};
use shared::security::{MasterKeys, Purpose};
use shared::whatsapp::{CallbackTag, CallbackTagger};
use tests::test_stack::{TestStack, options};
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::{PROGRAM, own_apps, unread_callbacks};

const SECOND: Duration = Duration::from_secs(1);
const NUMBER: &str = "106540352242922";
/// The simulator accepts this recipient's messages and reports nothing of them.
const NEVER_REPORTED: &str = "15550100012";
/// WhatsApp refuses this recipient's messages: the only event is `message.failed`.
const FAILS: &str = "1555131047";

fn put(stack: &TestStack, secret: &str, text: &str) {
    stack.stack.secrets.put(secret, text).expect("no file");
}

/// Puts a new key before the others, and returns the ids of the new one and of the one before.
fn put_new_key(stack: &TestStack, secret: &str) -> [String; 2] {
    let both = format!("{},{}", "new-".repeat(16), stack.stack.secrets.text(secret).expect("a secret"));
    put(stack, secret, &both);
    let keys = MasterKeys::parse(&both.into()).expect("keys").derive(Purpose::Tag);
    [keys[0].0.clone(), keys[1].0.clone()]
}

/// Rotates the keys of a secret while the processes of one function have not read it: all others sign and encrypt with the new key.
fn rotate_behind(stack: &TestStack, secret: &str, behind: &str) -> [String; 2] {
    stack.stack.secrets.keep_behind(Some(behind));
    let ids = put_new_key(stack, secret);
    stack.pass(SEALS_AFTER + SECOND);
    ids
}

/// Lets every process read the latest values.
fn let_read(stack: &TestStack) {
    stack.stack.secrets.keep_behind(None);
    stack.pass(MIN_INTERVAL + SECOND);
}

async fn wait_for_log(stack: &TestStack, event: &str) {
    eventually(event, || async { stack.logs().contains(event).then_some(()) }).await;
}

fn reads(stack: &TestStack, function: &str, secret: &str) -> usize {
    stack.stack.secrets.reads().get(&(function.to_owned(), secret.to_owned())).copied().unwrap_or_default()
}

fn callback() -> String {
    unread_callbacks::messages(&[unread_callbacks::text("wamid.1")])
}

fn signature(app_secret: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, app_secret.as_bytes());
    format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())))
}

/// A signed callback about a message that was delivered, with this tag.
fn delivered(stack: &TestStack, tag: &str) -> String {
    let status = json!({ "id": "wamid.any", "status": "delivered", "timestamp": stack.now().secs().to_string(),
        "biz_opaque_callback_data": tag });
    json!({ "entry": [{ "id": "1", "changes": [own_apps::change(NUMBER, "statuses", &status)] }] }).to_string()
}

/// The tags that WhatsApp was given, in order.
fn tags(stack: &TestStack) -> Vec<String> {
    let taken = stack.whatsapp().ledger().taken().into_iter();
    taken.map(|taken| taken.message["biz_opaque_callback_data"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_new_app_secret_and_verify_token_need_no_deployment() {
    let stack = TestStack::start(PROGRAM).await;
    let app: Value = serde_json::from_str(&stack.stack.secrets.text("WhatsAppApp").expect("a secret")).expect("JSON");
    let old = app["appSecret"].as_str().expect("a secret");
    let app = |token: &str| json!({ "appSecret": "a new secret of the app", "verifyToken": token }).to_string();
    stack.pass(MIN_INTERVAL + SECOND);
    put(&stack, "WhatsAppApp", &app("a first new token"));
    assert_eq!(stack.post_callback(&callback(), None).await, 200, "signed with the new secret");
    assert_eq!(stack.post_callback(&callback(), Some(&signature(old, &callback()))).await, 401);
    stack.pass(MIN_INTERVAL + SECOND);
    put(&stack, "WhatsAppApp", &app("token2"));
    let url = format!("{}?hub.mode=subscribe&hub.challenge=1&hub.verify_token=token2", stack.stack.addresses.callback);
    assert_eq!(stack.http.get(url).send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn a_new_admin_key_needs_no_deployment() {
    let stack = TestStack::start(PROGRAM).await;
    let old = stack.stack.secrets.text("AdminKey").expect("a secret");
    stack.pass(MIN_INTERVAL + SECOND);
    put(&stack, "AdminKey", "a-new-admin-key-of-this-test");
    assert_eq!(stack.operate("GET /v1/admin/accounts", Value::Null).await.0, 200);
    assert_eq!(stack.call_as(&old, "GET /v1/admin/accounts", Value::Null).await.0, 401);
}

#[tokio::test]
async fn a_new_admin_key_reads_an_account_without_a_deployment() {
    let stack = TestStack::start(PROGRAM).await;
    let old = stack.stack.secrets.text("AdminKey").expect("a secret");
    stack.pass(MIN_INTERVAL + SECOND);
    put(&stack, "AdminKey", "a-new-admin-key-of-this-test");
    assert_eq!(stack.operate("GET /v1/instances?accountId=acc_demo", Value::Null).await.0, 200);
    assert_eq!(stack.call_as(&old, "GET /v1/instances?accountId=acc_demo", Value::Null).await.0, 401);
}

#[tokio::test]
async fn an_old_value_is_not_used_for_longer_than_its_age() {
    let stack = TestStack::start(PROGRAM).await;
    let old = stack.stack.secrets.text("AdminKey").expect("a secret");
    put(&stack, "AdminKey", "a-new-admin-key-of-this-test");
    assert_eq!(stack.call_as(&old, "GET /v1/admin/accounts", Value::Null).await.0, 200);
    stack.pass(MAX_AGE + SECOND);
    assert_eq!(stack.call_as(&old, "GET /v1/admin/accounts", Value::Null).await.0, 401);
}

#[tokio::test]
async fn a_flood_of_forged_requests_does_not_become_a_flood_of_reads() {
    let stack = TestStack::start(PROGRAM).await;
    stack.pass(MIN_INTERVAL + SECOND);
    let before = [reads(&stack, "receive", "WhatsAppApp"), reads(&stack, "manage", "AdminKey")];
    for round in 1..=2 {
        for _ in 0..20 {
            assert_eq!(stack.post_callback(&callback(), Some(&signature("a forger's", &callback()))).await, 401);
            assert_eq!(stack.call_as("not-the-admin-key", "GET /v1/admin/accounts", Value::Null).await.0, 401);
        }
        let after = [reads(&stack, "receive", "WhatsAppApp"), reads(&stack, "manage", "AdminKey")];
        assert_eq!(after, before.map(|before| before + round));
        stack.pass(MIN_INTERVAL + SECOND);
    }
}

#[tokio::test]
async fn a_new_key_signs_and_encrypts_only_when_every_process_has_read_it() {
    let stack = TestStack::start(PROGRAM).await;
    let [new, old] = put_new_key(&stack, "CallbackKeys");
    stack.pass(MAX_AGE + SECOND);
    for id in [&old, &new] {
        let sent = stack.send_text("5511999999999", "hello").await;
        stack.wait_for_status(&sent, "read").await;
        assert!(tags(&stack).pop().expect("a message").starts_with(id.as_str()));
        stack.pass(SEALS_AFTER);
    }
}

#[tokio::test]
async fn a_status_whose_key_receive_has_not_read_yet_is_repeated_and_stored() {
    let stack = TestStack::start(PROGRAM).await;
    let [new, _] = rotate_behind(&stack, "CallbackKeys", "receive");
    let id = stack.send_text("5511999999999", "hello").await;
    wait_for_log(&stack, "callback.tag_key_unknown").await;
    assert!(tags(&stack)[0].starts_with(&new));
    assert_eq!(stack.post_callback(&delivered(&stack, &tags(&stack)[0]), None).await, 500);
    assert!(stack.record(&id).await.delivered_at.is_none());
    let_read(&stack);
    assert_eq!(stack.post_callback(&delivered(&stack, &tags(&stack)[0]), None).await, 200);
    assert!(stack.record(&id).await.delivered_at.is_some());
}

#[tokio::test]
async fn a_status_with_a_key_of_nobody_s_about_no_message_is_acknowledged() {
    let stack = TestStack::start(PROGRAM).await;
    let others = CallbackTagger::new(&MasterKeys::parse(&"other".repeat(8).into()).expect("keys"), None);
    let mine = stack.send_text(NEVER_REPORTED, "hello").await;
    stack.wait_for_status(&mine, "sent").await;
    for (message, answer) in [(MessageId::generate(), 200), (mine, 500)] {
        let tag = others.write(&CallbackTag { message, attempt: 1 });
        assert_eq!(stack.post_callback(&delivered(&stack, &tag), None).await, answer);
    }
}

#[tokio::test]
async fn a_callback_whose_app_secret_receive_cannot_decrypt_yet_is_repeated() {
    let stack = TestStack::start(PROGRAM).await;
    rotate_behind(&stack, "CallbackKeys", "receive");
    own_apps::connect(&stack, "2001").await;
    let inbound = json!({ "from": "5511911110002", "id": "wamid.IN", "timestamp": "1760000002", "type": "text",
        "text": { "body": "oi" } });
    let changes = [own_apps::change("2001", "messages", &inbound)];
    assert_eq!(own_apps::post(&stack, &changes).await, 500);
    let_read(&stack);
    assert_eq!(own_apps::post(&stack, &changes).await, 200);
}

#[tokio::test]
async fn a_message_whose_token_deliver_cannot_decrypt_yet_waits_and_is_sent() {
    let stack = TestStack::start(PROGRAM).await;
    rotate_behind(&stack, "MasterKeys", "deliver");
    let instance = own_apps::connect(&stack, "2001").await;
    let id = stack.send(json!({ "instanceId": instance, "to": "5511999999999", "message": "hello" })).await;
    wait_for_log(&stack, "access_token.key_unknown").await;
    assert_eq!(stack.status(&id).await["status"], "queued");
    let_read(&stack);
    stack.wait_for_status(&id, "read").await;
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
}

#[tokio::test]
async fn an_event_whose_webhook_secret_notify_cannot_decrypt_yet_waits_without_an_attempt() {
    let stack = TestStack::start(PROGRAM).await;
    rotate_behind(&stack, "MasterKeys", "notify");
    let receiver = WebhookReceiver::start().await;
    let path = stack.webhook_for(&receiver, &["message.failed"]).await;
    let id = stack.send_text(FAILS, "fails").await;
    wait_for_log(&stack, "webhook_secret.key_unknown").await;
    assert_eq!(receiver.count(), 0);
    stack.wait_for_delayed("WebhookQueue", 1).await;
    stack.stack.secrets.keep_behind(None);
    stack.pass(2 * Duration::from_secs(60));
    let call = receiver.wait_for(id.as_str(), "message.failed").await;
    assert!(receiver.verifies(&call));
    let (_, logs) = stack.call(&format!("GET {path}/logs"), Value::Null).await;
    assert_eq!(logs["data"], json!([]), "no attempt failed");
}

#[tokio::test]
async fn an_invalid_value_or_an_outage_leaves_the_known_secrets_in_use() {
    let stack = TestStack::start(PROGRAM).await;
    let known = stack.stack.secrets.text("AdminKey").expect("a secret");
    put(&stack, "AdminKey", "too short");
    stack.stack.secrets.refuse(&["receive"]);
    stack.pass(MAX_AGE + SECOND);
    assert_eq!(stack.call_as(&known, "GET /v1/admin/accounts", Value::Null).await.0, 200);
    assert_eq!(stack.post_callback(&callback(), None).await, 200);
    let logs = stack.logs();
    assert!(logs.contains("secrets.invalid") && logs.contains("secrets.read_failed"));
    assert!(!logs.contains("too short"), "the value is not shown");
}

#[tokio::test]
async fn no_function_starts_with_a_secret_that_could_be_guessed() {
    let long = "long".repeat(8);
    let app = |secret: &str| json!({ "appSecret": secret, "verifyToken": "a token" }).to_string();
    for (secret, text) in [
        ("MasterKeys", "short".to_owned()),
        ("CallbackKeys", format!("{long},")),
        ("AdminKey", "short".to_owned()),
        ("WhatsAppApp", app(&format!("{long}, ,{long}"))),
        ("WhatsAppApp", app("")),
        ("WhatsAppApp", "not JSON".to_owned()),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = options(PROGRAM, folder.path());
        options.secrets.insert(secret.to_owned(), text.clone());
        assert!(Stack::start(options).await.is_err(), "{secret}: {text}");
        let logs = std::fs::read_dir(folder.path().join("logs")).expect("a folder");
        let logs: String =
            logs.map(|log| std::fs::read_to_string(log.expect("a log").path()).expect("a log")).collect();
        assert!(logs.contains(&format!("the secret {secret}: ")), "{logs}");
    }
}

#[tokio::test]
async fn each_function_reads_its_own_secrets_only_and_has_none_in_its_environment() {
    let stack = TestStack::start(PROGRAM).await;
    let read: BTreeSet<_> = stack.stack.secrets.reads().into_keys().collect();
    let expected = [
        ("deliver", "CallbackKeys"),
        ("deliver", "MasterKeys"),
        ("manage", "AdminKey"),
        ("manage", "CallbackKeys"),
        ("manage", "MasterKeys"),
        ("media", "MasterKeys"),
        ("notify", "MasterKeys"),
        ("receive", "CallbackKeys"),
        ("receive", "WhatsAppApp"),
    ];
    let expected = expected.map(|(function, secret)| (function.to_owned(), secret.to_owned()));
    assert_eq!(read, BTreeSet::from(expected));
    let app: Value = serde_json::from_str(&stack.stack.secrets.text("WhatsAppApp").expect("a secret")).expect("JSON");
    let keys = ["MasterKeys", "CallbackKeys", "AdminKey"].map(|secret| stack.stack.secrets.text(secret).expect("one"));
    let app = ["appSecret", "verifyToken"].map(|member| app[member].as_str().expect("a text").to_owned());
    for function in stack.stack.functions.values() {
        for value in function.config().variables.values() {
            assert!(!keys.iter().chain(&app).any(|secret| value.contains(secret)), "{}", function.name());
        }
    }
}

#[tokio::test]
async fn after_an_upgrade_receive_verifies_what_an_earlier_version_has_signed() {
    let stack = TestStack::start_upgraded(PROGRAM).await;
    let keys = MasterKeys::parse(&stack.stack.secrets.text("MasterKeys").expect("a secret").into()).expect("keys");
    let id = stack.send_text(NEVER_REPORTED, "hello").await;
    stack.wait_for_status(&id, "sent").await;
    let tag = CallbackTagger::new(&keys, None).write(&CallbackTag { message: id.clone(), attempt: 1 });
    assert_eq!(stack.post_callback(&delivered(&stack, &tag), None).await, 200);
    assert_eq!(stack.status(&id).await["status"], "delivered");
}
