//! `settings.outsideWindow`: what WhatsApp would refuse outside the 24-hour window is refused before it is charged, and only
//! when it is known that the window is closed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::instance::InstanceChanges;
use shared::json_text::JsonText;
use shared::message::State;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{Call, Listener};
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;
use crate::people::{receive, text};

const PHONE: &str = "5511911110091";
/// The simulator reports nothing of this recipient's messages.
const SILENT: &str = "15550100012";
/// WhatsApp refuses the token of whoever sends to this recipient.
const DEAD_TOKEN: &str = "1555000190";
const HOUR: Duration = Duration::from_secs(60 * 60);
/// Longer than an instance is cached.
const UNTIL_SEEN: Duration = Duration::from_secs(31);

async fn refuse_outside_window(stack: &TestStack) {
    let settings = json!({ "settings": { "outsideWindow": "refuse" } });
    let (status, answer) = stack.call("PATCH /v1/instances/inst_abc123", settings).await;
    assert_eq!((status, &answer["data"]["settings"]["outsideWindow"]), (200, &json!("refuse")), "{answer}");
    stack.pass(UNTIL_SEEN);
}

/// Somebody writes, some time ago.
async fn write(stack: &TestStack, phone: &str, ago: Duration) {
    let mut message = text(&format!("wamid.{phone}.{}", stack.now().millis()), &json!({ "from": phone }));
    message["timestamp"] = json!(stack.now().minus(ago).secs().to_string());
    receive(stack, &Value::Null, &[message]).await;
}

/// Sends a message, or does not: the status, and the code of the error.
async fn send(stack: &TestStack, to: &str, content: Value) -> (u16, Value) {
    let mut body = json!({ "instanceId": "inst_abc123", "to": to });
    body.as_object_mut().expect("an object").extend(content.as_object().expect("an object").clone());
    let (status, answer) = stack.call("POST /v1/messages/send", body).await;
    (status, answer["error"]["code"].clone())
}

/// Refuses a message to somebody who has not written, since the number's callbacks have come for a day; and lists who has.
pub async fn refuse_a_stranger(stack: &TestStack) {
    refuse_outside_window(stack).await;
    stack.note_callback_now().await;
    stack.pass(25 * HOUR);
    assert_eq!(send(stack, "5511911110090", hello()).await, refused());
    assert_eq!(stack.call("GET /v1/chats?instanceId=inst_abc123", Value::Null).await.0, 200);
}

fn hello() -> Value {
    json!({ "message": "hello" })
}

fn refused() -> (u16, Value) {
    (409, json!("outside_window"))
}

fn accepted() -> (u16, Value) {
    (202, Value::Null)
}

#[tokio::test]
async fn only_templates_are_accepted_outside_the_window_and_nothing_else_is_charged() {
    let stack = TestStack::start(PROGRAM).await;
    refuse_outside_window(&stack).await;
    write(&stack, PHONE, 25 * HOUR).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let location = json!({ "location": { "latitude": 1, "longitude": 2 } });
    let reaction = json!({ "reaction": { "messageId": "wamid.A", "emoji": "👍" } });
    let media = json!({ "mediaUrl": "https://example.com/a.jpg", "mediaType": "image" });
    for content in [hello(), location, reaction, media] {
        assert_eq!(send(&stack, PHONE, content.clone()).await, refused(), "{content}");
    }
    let url = stack.call("POST /v1/webhooks/inbound", json!({ "name": "Shop", "instanceId": "inst_abc123" })).await.1;
    let url = url["data"]["url"].as_str().expect("a URL").to_owned();
    let through_url = async |content: Value| {
        let mut body = json!({ "to": PHONE });
        body.as_object_mut().expect("an object").extend(content.as_object().expect("an object").clone());
        stack.http.post(&url).body(body.to_string()).send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(through_url(hello()).await, 409);
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before, "nothing was charged");
    let template = json!({ "template": { "name": "hello_world", "language": "en_US" } });
    assert_eq!(send(&stack, PHONE, template.clone()).await, accepted());
    assert_eq!(through_url(template).await, 202);
    stack.wait_for_taken(2).await;
    assert_eq!(stack.whatsapp().ledger().asked(), 2, "nothing else was posted");
    // The person writes, and may be answered at once.
    write(&stack, PHONE, Duration::ZERO).await;
    assert_eq!(send(&stack, PHONE, hello()).await, accepted());
    stack.pass(24 * HOUR);
    assert_eq!(send(&stack, PHONE, hello()).await, refused());
    // An answer says who is refused and why.
    let body = json!({ "instanceId": "inst_abc123", "to": PHONE, "message": "hello" });
    let (_, answer) = stack.call("POST /v1/messages/send", body).await;
    assert_eq!(answer["error"]["field"], "to");
    assert!(answer["error"]["message"].as_str().is_some_and(|message| message.contains("24 hours")), "{answer}");
}

#[tokio::test]
async fn a_refusal_counts_against_the_limit_and_a_repeat_of_an_accepted_message_is_none() {
    let stack = TestStack::start(PROGRAM).await;
    let mut account =
        stack.accounts.account(&stack.customer.account_id).await.expect("the table answers").expect("one");
    (account.plan, account.requests_per_minute) = (Plan::Enterprise, Some(3));
    stack.accounts.put_account(&account).await.expect("the table takes it");
    refuse_outside_window(&stack).await;
    write(&stack, PHONE, Duration::ZERO).await;
    let key = stack.key(&account.id, Scope::ALL, None).await;
    let post = async |idempotency_key: &str| {
        let request = stack.http.post(format!("{}/v1/messages/send", stack.stack.addresses.api));
        let request = request.bearer_auth(&key).header("idempotency-key", idempotency_key);
        let body = json!({ "instanceId": "inst_abc123", "to": PHONE, "message": "hello" });
        let answer = request.body(body.to_string()).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let answer: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
        (status, answer["messageId"].clone())
    };
    let (status, first) = post("order-1").await;
    assert_eq!(status, 202);
    let first_id = first.as_str().and_then(|id| id.parse().ok()).expect("an id");
    stack.wait_for_state(&first_id, State::Read).await;
    stack.pass(25 * HOUR);
    assert_eq!(post("order-1").await, (202, first), "it was accepted then");
    for expected in [409, 409, 429] {
        assert_eq!(post("order-2").await.0, expected);
    }
    let have_none = || async { stack.ledger(&account.id).await.reservations.is_empty().then_some(()) };
    eventually("the reservation of the first request to be settled, and no other", have_none).await;
}

#[tokio::test]
async fn who_has_never_written_is_refused_only_when_callbacks_have_come_for_a_day() {
    let stack = TestStack::start(PROGRAM).await;
    refuse_outside_window(&stack).await;
    let stranger = |number: u32| format!("55119111101{number:02}");
    let is_read = async |to: &str| {
        let id = stack.send_text(to, "hello").await; // accepted
        stack.wait_for_status(&id, "read").await;
        stack.wait_until_idle("receive").await;
    };
    assert_eq!(send(&stack, SILENT, hello()).await, accepted(), "no callback has come yet");
    write(&stack, PHONE, Duration::ZERO).await;
    stack.pass(23 * HOUR);
    assert_eq!(send(&stack, SILENT, hello()).await, accepted());
    stack.pass(2 * HOUR);
    assert_eq!(send(&stack, &stranger(1), hello()).await, refused());
    write(&stack, &stranger(1), Duration::ZERO).await;
    is_read(&stranger(1)).await;
    // After two days of silence nobody knows whether callbacks come: it takes another day.
    stack.pass(72 * HOUR);
    is_read(&stranger(2)).await;
    stack.pass(23 * HOUR);
    is_read(&stranger(3)).await;
    stack.pass(2 * HOUR);
    assert_eq!(send(&stack, &stranger(4), hello()).await, refused());
    // A number that is connected again starts anew.
    let number = stack.instance().await.number.expect("a number");
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await.0, 200);
    let connect = json!({ "method": "official", "businessId": number.business_id, "phoneNumberId": number.id,
        "accessToken": "EAAG-new" });
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/connect", connect).await.0, 200);
    stack.pass(UNTIL_SEEN);
    write(&stack, PHONE, Duration::ZERO).await;
    assert_eq!(send(&stack, &stranger(4), hello()).await, accepted());
}

#[tokio::test]
async fn a_number_that_is_connected_again_with_a_new_token_starts_anew() {
    let stack = TestStack::start(PROGRAM).await;
    refuse_a_stranger(&stack).await;
    let known = "5511911110089";
    write(&stack, known, 30 * HOUR).await;
    assert_eq!(send(&stack, known, hello()).await, refused());
    let dead = stack
        .send(json!({ "instanceId": "inst_abc123", "to": DEAD_TOKEN, "template": { "name": "hello_world",
        "language": "en_US" } }))
        .await;
    stack.wait_for_status(&dead, "failed").await; // the number stays bound to the instance
    let number = stack.instance().await.number.expect("a number");
    let connect = json!({ "method": "official", "businessId": number.business_id, "phoneNumberId": number.id,
        "accessToken": "EAAG-new" });
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/connect", connect).await.0, 200);
    stack.pass(UNTIL_SEEN);
    write(&stack, PHONE, Duration::ZERO).await;
    assert_eq!(send(&stack, "5511911110090", hello()).await, accepted());
    assert_eq!(send(&stack, known, hello()).await, accepted(), "who may have written meanwhile");
}

#[tokio::test]
async fn what_may_have_opened_the_window_refuses_nothing() {
    let stack = TestStack::start(PROGRAM).await;
    refuse_outside_window(&stack).await;
    write(&stack, PHONE, 30 * HOUR).await;
    assert_eq!(send(&stack, PHONE, hello()).await, refused());
    let mut reaction = json!({ "from": PHONE, "id": "wamid.reaction", "type": "reaction",
        "reaction": { "message_id": "wamid.A", "emoji": "👍" } });
    reaction["timestamp"] = json!(stack.now().minus(HOUR).secs().to_string());
    receive(&stack, &Value::Null, &[reaction]).await;
    assert_eq!(send(&stack, PHONE, hello()).await, accepted(), "nobody knows whether a reaction opens it");
    stack.pass(25 * HOUR);
    assert_eq!(send(&stack, PHONE, hello()).await, refused());
    // Somebody whom WhatsApp knows under another form of the number, which nobody has said yet.
    write(&stack, "553187650099", Duration::ZERO).await;
    assert_eq!(send(&stack, "5531987650098", hello()).await, refused());
    assert_eq!(send(&stack, "5531987650099", hello()).await, accepted());
}

#[tokio::test]
async fn a_person_who_calls_may_be_written_to() {
    let stack = TestStack::start(PROGRAM).await;
    refuse_outside_window(&stack).await;
    write(&stack, PHONE, 30 * HOUR).await;
    assert_eq!(send(&stack, PHONE, hello()).await, refused());
    stack.call_number(PHONE).await;
    assert_eq!(send(&stack, PHONE, hello()).await, accepted());
}

#[tokio::test]
async fn the_setting_is_checked_and_a_word_that_an_earlier_version_stored_means_nothing() {
    let stack = TestStack::start(PROGRAM).await;
    for wrong in [json!("maybe"), json!(null), json!(true), json!("Refuse")] {
        let settings = json!({ "name": "Shop", "settings": { "color": "red", "outsideWindow": wrong } });
        for call in ["PATCH /v1/instances/inst_abc123", "POST /v1/instances"] {
            let (status, answer) = stack.call(call, settings.clone()).await;
            assert_eq!((status, &answer["error"]["field"]), (400, &json!("settings.outsideWindow")), "{answer}");
        }
    }
    let kept = json!({ "color": "red", "outsideWindow": "send" });
    let (status, answer) = stack.call("PATCH /v1/instances/inst_abc123", json!({ "settings": kept })).await;
    assert_eq!((status, &answer["data"]["settings"]), (200, &kept));
    let unchecked: JsonText = r#"{"outsideWindow":"never"}"#.to_owned().try_into().expect("JSON");
    let changes = InstanceChanges { settings: Some(unchecked), ..InstanceChanges::default() };
    assert!(stack.accounts.change_instance(&stack.instance().await, changes).await.expect("the table takes it"));
    write(&stack, PHONE, 30 * HOUR).await;
    assert_eq!(send(&stack, PHONE, hello()).await, accepted());
}

#[tokio::test]
async fn without_an_answer_of_the_table_whatsapp_decides() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    refuse_outside_window(stack).await;
    write(stack, PHONE, 30 * HOUR).await;
    assert_eq!(send(stack, PHONE, hello()).await, refused());
    proxied.dynamodb.set_faults(|call, _| match (call.caller.as_str(), call.operation.as_str()) {
        ("send", "GetItem") => Fault::Unavailable,
        _ => Fault::None,
    });
    assert_eq!(send(stack, PHONE, hello()).await, accepted());
    assert!(stack.logs().contains("service_window.read_failed"));
}

/// Makes eventually consistent reads of contacts miss everything.
#[derive(Default)]
struct StaleReads(AtomicBool);

impl Listener for StaleReads {
    fn ask(&self, body: Bytes) -> Bytes {
        let Ok(mut asked) = serde_json::from_slice::<Value>(&body) else { return body };
        let is_of_contacts = asked["TableName"].as_str().is_some_and(|table| table.contains("Contacts"));
        if !is_of_contacts || asked["ConsistentRead"] != false || !self.0.load(Ordering::Relaxed) {
            return body;
        }
        asked["Key"]["id"]["S"] = json!("inst_abc123#nobody");
        asked.to_string().into()
    }

    fn answered(&self, _: &Call<'_>) {}
}

#[tokio::test]
async fn a_read_that_misses_a_message_of_a_moment_ago_refuses_nothing() {
    let (proxied, reads) = (ProxiedStack::start(PROGRAM).await, Arc::new(StaleReads::default()));
    proxied.dynamodb.listen(reads.clone());
    let stack = &proxied.stack;
    refuse_outside_window(stack).await;
    write(stack, "5511911110092", Duration::ZERO).await;
    stack.pass(25 * HOUR);
    write(stack, PHONE, Duration::ZERO).await;
    reads.0.store(true, Ordering::Relaxed);
    assert_eq!(send(stack, PHONE, hello()).await, accepted());
    assert_eq!(send(stack, "5511911110092", hello()).await, refused());
}
