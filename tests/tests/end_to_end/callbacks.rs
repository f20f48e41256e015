//! WhatsApp's callbacks: verified, matched by their tag, and applied forward only.

use std::collections::HashSet;

use aws_lc_rs::hmac;
use serde_json::{Value, json};
use shared::aws::UpdateBuilder;
use shared::ids::MessageId;
use shared::message::record_keys::history_key;
use shared::message::{Message, State};
use shared::security::MasterKeys;
use shared::whatsapp::{CallbackTag, CallbackTagger};
use tests::fault::Fault;
use tests::process;
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::TestStack;

use crate::PROGRAM;

/// The simulator accepts this number's messages and does not answer or report them: the test posts the callbacks.
pub const TAKES_AND_HANGS: &str = "15550100002";

fn envelope(number_id: &str, statuses: &[Value]) -> String {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "551140000000", "phone_number_id": number_id },
        "contacts": [{ "wa_id": "5511999990000" }],
        "statuses": statuses,
    }}]}]})
    .to_string()
}

/// The callbacks of a message, which the test posts.
pub struct Callbacks<'a> {
    stack: &'a TestStack,
    number_id: String,
    tag: String,
}

impl<'a> Callbacks<'a> {
    /// A message that WhatsApp has accepted and not answered or reported. The process that waits for the answer is
    /// killed, since it would make the message `unknown` after its timeout: so the message stays `sending`.
    pub async fn of_a_taken_message(stack: &'a TestStack) -> (Self, MessageId) {
        let id = stack.send_text(TAKES_AND_HANGS, "hello").await;
        stack.wait_for_taken(1).await;
        process::kill(stack.pid("deliver"));
        (Self::of_the_first_taken(stack), id)
    }

    /// Of the first message that WhatsApp accepted.
    pub fn of_the_first_taken(stack: &'a TestStack) -> Self {
        let taken = stack.whatsapp().ledger().taken().remove(0);
        let tag = taken.message["biz_opaque_callback_data"].as_str().expect("a tag").to_owned();
        Self { stack, number_id: taken.number_id, tag }
    }

    pub fn status(&self, status: &str) -> Value {
        json!({ "id": "wamid.T", "status": status, "timestamp": "1760000002", "biz_opaque_callback_data": self.tag })
    }

    pub async fn report(&self, statuses: &[Value]) -> u16 {
        self.stack.post_callback(&envelope(&self.number_id, statuses), None).await
    }
}

#[tokio::test]
async fn metas_verification_request_is_answered_with_its_challenge() {
    let stack = TestStack::start(PROGRAM).await;
    let app: Value = serde_json::from_str(&stack.stack.secrets.text("WhatsAppApp").expect("a secret")).expect("JSON");
    let token = app["verifyToken"].as_str().expect("a text");
    let ask = |query: String| stack.http.get(format!("{}/?{query}", stack.stack.addresses.callback)).send();
    let right = ask(format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}")).await;
    let right = right.expect("an answer");
    assert_eq!(right.status(), 200);
    assert_eq!(right.text().await.expect("a body"), "1158201444");
    for wrong in [
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong".to_owned(),
        format!("hub.mode=unsubscribe&hub.challenge=1&hub.verify_token={token}"),
        format!("hub.mode=subscribe&hub.verify_token={token}"),
        String::new(),
    ] {
        assert_eq!(ask(wrong.clone()).await.expect("an answer").status(), 403, "{wrong}");
    }
}

#[tokio::test]
async fn a_forged_callback_changes_nothing() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    let body = envelope(&callbacks.number_id, &[callbacks.status("read")]);
    for forged in ["", "sha256=", "sha256=00", &format!("sha256={}", "0".repeat(64))] {
        assert_eq!(stack.post_callback(&body, Some(forged)).await, 401, "{forged:?}");
    }
    assert_eq!(stack.record(&id).await.status, State::Sending);
}

#[tokio::test]
async fn a_callback_with_a_foreign_tag_or_number_changes_nothing() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    let mut untagged = callbacks.status("read");
    untagged.as_object_mut().expect("an object").remove("biz_opaque_callback_data");
    let mut broken = callbacks.status("read");
    broken["biz_opaque_callback_data"] = json!(format!("{}x", callbacks.tag));
    let mut forged = callbacks.status("read");
    let (content, mac) = callbacks.tag.rsplit_once('.').expect("a MAC");
    forged["biz_opaque_callback_data"] = json!(format!("{content}.{}", "A".repeat(mac.len())));
    assert_eq!(callbacks.report(&[untagged, broken, forged]).await, 200);
    let elsewhere = envelope("999999", &[callbacks.status("read")]);
    assert_eq!(stack.post_callback(&elsewhere, None).await, 200);
    assert_eq!(stack.record(&id).await.status, State::Sending);
}

#[tokio::test]
async fn a_failure_reported_for_an_earlier_attempt_changes_nothing() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    stack.update_record(&id, UpdateBuilder::new().add("attempt", 1)).await;
    let failed = callbacks.status("failed");
    assert_eq!(callbacks.report(&[failed]).await, 200);
    assert_eq!(stack.record(&id).await.status, State::Sending);
}

#[tokio::test]
async fn repeated_and_reordered_callbacks_move_a_status_only_forward() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    assert_eq!(callbacks.report(&[callbacks.status("read")]).await, 200);
    assert_eq!(stack.status(&id).await["status"], "read");
    for _ in 0..3 {
        let late = ["delivered", "sent", "read", "delivered"].map(|status| callbacks.status(status));
        assert_eq!(callbacks.report(&late).await, 200);
    }
    let status = stack.status(&id).await;
    assert_eq!(status["status"], "read");
    for event in ["message.sent", "message.delivered", "message.read"] {
        stack.webhook.wait_for(id.as_str(), event).await;
    }
    let mut published: Vec<_> =
        stack.webhook.calls_about(id.as_str()).iter().map(|call| call.event().to_owned()).collect();
    published.sort();
    assert_eq!(published, ["message.delivered", "message.read", "message.sent"]);
}

#[tokio::test]
async fn concurrent_callbacks_set_a_time_once() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    assert_eq!(callbacks.report(&[callbacks.status("read")]).await, 200);
    let late: Vec<Value> = (0..16)
        .map(|second| {
            let mut status = callbacks.status("delivered");
            status["timestamp"] = json!((1_760_000_000 + second).to_string());
            status
        })
        .collect();
    assert_eq!(callbacks.report(&late).await, 200);
    let images = stack.images(&id).await;
    let set: HashSet<_> = images.iter().filter_map(|image| image.get("deliveredAt")?.as_n().ok()).collect();
    assert_eq!(set.len(), 1, "{set:?}");
}

#[tokio::test]
async fn a_delivery_overrides_a_failure_and_never_the_reverse() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    assert_eq!(callbacks.report(&[callbacks.status("sent")]).await, 200);
    let mut failed = callbacks.status("failed");
    failed["errors"] = json!([{ "code": 131_053, "title": "Media upload error" }]);
    assert_eq!(callbacks.report(&[failed.clone()]).await, 200);
    let status = stack.status(&id).await;
    assert_eq!((&status["status"], &status["error"]["code"]), (&json!("failed"), &json!("unsupported_media_type")));
    assert_eq!(callbacks.report(&[callbacks.status("delivered")]).await, 200);
    assert_eq!(stack.status(&id).await["status"], "delivered");
    assert_eq!(callbacks.report(&[failed]).await, 200);
    assert_eq!(stack.status(&id).await["status"], "delivered");
}

#[tokio::test]
async fn an_unreadable_update_does_not_affect_the_others_of_its_callback() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    let odd = [
        json!("not an object"),
        json!({ "status": "read" }),
        json!({ "id": "wamid.X", "status": "teleported", "biz_opaque_callback_data": callbacks.tag }),
        callbacks.status("delivered"),
    ];
    assert_eq!(callbacks.report(&odd).await, 200);
    assert_eq!(stack.status(&id).await["status"], "delivered");
    for body in ["", "{}", "[]", "null", "not json", r#"{"entry":{}}"#] {
        assert_eq!(stack.post_callback(body, None).await, 200, "{body:?}");
    }
}

#[tokio::test]
async fn a_numbers_own_app_secret_signs_callbacks_of_that_number_only() {
    let stack = TestStack::start(PROGRAM).await;
    let (demo, of_demo) = Callbacks::of_a_taken_message(&stack).await;
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": "Of another app" })).await;
    let instance = &created["data"]["id"];
    let connect = json!({ "method": "official", "businessId": "9002", "phoneNumberId": "2001", "accessToken": "EAAG-theirs",
        "appSecret": "the secret of another app" });
    let path = format!("POST /v1/instances/{}/connect", instance.as_str().expect("an id"));
    assert_eq!(stack.call(&path, connect).await.0, 200);
    let own = stack.send(json!({ "instanceId": instance, "to": TAKES_AND_HANGS, "message": "hello" })).await;
    stack.wait_for_taken(2).await;
    let taken = stack.whatsapp().ledger().taken().remove(1);
    let tag = taken.message["biz_opaque_callback_data"].as_str().expect("a tag").to_owned();
    let theirs = Callbacks { stack: &stack, number_id: "2001".to_owned(), tag };

    let key = hmac::Key::new(hmac::HMAC_SHA256, b"the secret of another app");
    let sign = |body: &str| format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())));
    let forged = envelope(&demo.number_id, &[demo.status("read")]);
    assert_eq!(stack.post_callback(&forged, Some(&sign(&forged))).await, 401);
    let mut both: Value = serde_json::from_str(&envelope("2001", &[theirs.status("delivered")])).expect("JSON");
    let more: Value = serde_json::from_str(&forged).expect("JSON");
    both["entry"].as_array_mut().expect("entries").push(more["entry"][0].clone());
    let both = both.to_string();
    assert_eq!(stack.post_callback(&both, Some(&sign(&both))).await, 200);
    assert_eq!(stack.status(&own).await["status"], "delivered");
    assert_eq!(stack.record(&of_demo).await.status, State::Sending, "another number's");
    assert_eq!(stack.post_callback(&both, Some("sha256=00")).await, 401);
}

#[tokio::test]
async fn inbound_messages_are_recorded_and_published_once() {
    let stack = TestStack::start(PROGRAM).await;
    let mut body: Value = serde_json::from_str(&envelope("106540352242922", &[])).expect("JSON");
    let value = &mut body["entry"][0]["changes"][0]["value"];
    value["contacts"] =
        json!([{ "wa_id": "5511900000009", "profile": { "name": "Ana" } }, { "wa_id": "5511900000008" }]);
    value["messages"] = json!([
        { "from": "5511900000009", "id": "wamid.I1", "timestamp": "1760000002", "type": "text", "text": { "body": "Hi" } },
        { "from": "5511900000008", "id": "wamid.I2", "timestamp": "1760000003", "type": "location",
          "location": { "latitude": -23.50, "longitude": -46.6, "name": "Here" } },
        { "from": "5511900000008", "id": "wamid.I3", "timestamp": "1760000004", "type": "telepathy" },
        { "from": "nobody", "id": "wamid.I4", "type": "text" },
    ]);
    let body = body.to_string();
    for _ in 0..3 {
        assert_eq!(stack.post_callback(&body, None).await, 200);
    }
    let (_, page) = stack.call("GET /v1/messages?instanceId=inst_abc123&phone=5511900000009", Value::Null).await;
    let [row] = page["data"].as_array().expect("rows").as_slice() else { panic!("one: {page}") };
    assert_eq!((&row["direction"], &row["type"], &row["content"]), (&json!("inbound"), &json!("text"), &json!("Hi")));
    assert_eq!(row["isGroup"], false);
    let id = row["messageId"].as_str().expect("an id");
    let published = stack.webhook.wait_for(id, "message.received").await;
    assert!(stack.webhook.verifies(&published));
    assert_eq!(
        published.json["data"],
        json!({ "messageId": id, "instanceId": "inst_abc123", "direction": "inbound", "status": "delivered",
            "chatId": "chat_5511900000009", "from": "5511900000009", "type": "text", "content": "Hi", "contactName": "Ana", "isGroup": false, "timestamp": row["timestamp"],
            "providerId": "wamid.I1", "sequence": row["sequence"] })
    );
    let (_, page) = stack.call("GET /v1/messages?instanceId=inst_abc123&phone=5511900000008", Value::Null).await;
    let [odd, place] = page["data"].as_array().expect("rows").as_slice() else { panic!("two: {page}") };
    assert_eq!((&odd["type"], &odd["content"], &odd["details"]), (&json!("telepathy"), &Value::Null, &Value::Null));
    assert_eq!((&place["content"], &place["details"]["latitude"]), (&json!("Here"), &json!(-23.5)));
    for row in [odd, place] {
        let call = stack.webhook.wait_for(row["messageId"].as_str().expect("an id"), "message.received").await;
        assert_eq!(call.json["data"]["contactName"], Value::Null);
    }
    assert_eq!(stack.webhook.calls().len(), 3, "each once");

    let reply = json!({ "instanceId": "inst_abc123", "to": "5511900000009", "message": "re", "quotedMessageId": id });
    let reply = stack.send(reply).await;
    stack.wait_for_status(&reply, "read").await;
    assert_eq!(stack.whatsapp().ledger().taken()[0].message["context"]["message_id"], "wamid.I1");
    let elsewhere = body.replace("106540352242922", "999999");
    assert_eq!(stack.post_callback(&elsewhere, None).await, 200, "a number of nobody's is acknowledged");
}

#[tokio::test]
async fn a_callback_of_a_thousand_updates_is_applied_completely() {
    const COUNT: usize = 1_000;
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    let tagger = CallbackTagger::new(
        &MasterKeys::parse(&stack.stack.secrets.text("CallbackKeys").expect("a secret").into()).expect("keys"),
        None,
    );
    let template = stack.record(&id).await;
    let ids: Vec<MessageId> = (0..COUNT).map(|_| MessageId::generate()).collect();
    let records = ids.iter().map(|id| Message {
        id: id.clone(),
        history_key: history_key(template.created_at, id),
        status: State::Sent,
        rank: State::Sent.rank(),
        ..template.clone()
    });
    for record in records {
        stack.messages.insert(&record).await.expect("the table takes it");
    }
    let at = stack.now().secs().to_string();
    let statuses = ids.iter().enumerate().map(|(number, id)| {
        let tag = tagger.write(&CallbackTag { message: id.clone(), attempt: 1 });
        json!({ "id": format!("wamid.{number}"), "status": "delivered", "timestamp": at,
            "biz_opaque_callback_data": tag, "not_seen_before": "x".repeat(2_900) })
    });
    let mut statuses: Vec<Value> = statuses.collect();
    statuses.insert(500, json!({ "status": "no id" }));
    let body = envelope(&callbacks.number_id, &statuses);
    assert!((2_900_000..3_200_000).contains(&body.len()), "{}", body.len());
    assert_eq!(stack.post_callback(&body, None).await, 200);
    for id in &ids {
        assert_eq!(stack.record(id).await.status, State::Delivered);
    }
}

#[tokio::test]
async fn a_callback_that_cannot_be_stored_is_answered_with_500_and_retried() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&proxied.stack).await;
    proxied.dynamodb.set_faults(|call, _| if call.operation == "UpdateItem" { Fault::DropBefore } else { Fault::None });
    assert_eq!(callbacks.report(&[callbacks.status("delivered")]).await, 500);
    proxied.dynamodb.set_faults(|_, _| Fault::None);
    assert_eq!(callbacks.report(&[callbacks.status("delivered")]).await, 200);
    assert_eq!(proxied.stack.status(&id).await["status"], "delivered");
    proxied.stack.webhook.wait_for(id.as_str(), "message.delivered").await;
    assert_eq!(proxied.stack.webhook.events_about(id.as_str()).len(), 1);
}

#[tokio::test]
async fn a_repeated_callback_about_an_invalid_token_disconnects_its_instance() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let id = stack.send_text("15550100012", "answered, and reported by nobody").await;
    stack.wait_for_status(&id, "sent").await;
    let taken = stack.whatsapp().ledger().taken().remove(0);
    let tag = taken.message["biz_opaque_callback_data"].as_str().expect("a tag").to_owned();
    let callbacks = Callbacks { stack, number_id: taken.number_id, tag };
    let mut failed = callbacks.status("failed");
    failed["errors"] = json!([{ "code": 190, "title": "Access token has expired" }]);
    proxied.dynamodb.set_faults(|call, _| if call.operation == "UpdateItem" { Fault::DropBefore } else { Fault::None });
    assert_eq!(callbacks.report(&[failed.clone()]).await, 500);
    proxied.dynamodb.set_faults(|_, _| Fault::None);
    assert_eq!(callbacks.report(&[failed]).await, 200);
    let (_, shown) = stack.call("GET /v1/instances/inst_abc123/status", Value::Null).await;
    assert_eq!(shown["data"]["status"], "disconnected");
    assert_eq!(stack.status(&id).await["error"]["code"], "instance_disconnected");
}
