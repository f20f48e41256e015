//! WhatsApp's callbacks: verified, matched by their tag, and never taken backwards.

use std::collections::HashSet;

use aws_lc_rs::hmac;
use serde_json::{Value, json};
use shared::change::Change;
use shared::ids::MessageId;
use shared::master_keys::MasterKeys;
use shared::message::{Message, history_key};
use shared::state::State;
use shared::tag::{Tag, Tagger};
use tests::between::Between;
use tests::fault::Fault;
use tests::test_stack::TestStack;

use crate::PROGRAM;

/// The simulator takes this number's messages and does not answer or report: the test does.
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

/// WhatsApp's reports of a message, which the test makes.
pub struct Callbacks<'a> {
    stack: &'a TestStack,
    number_id: String,
    tag: String,
}

impl<'a> Callbacks<'a> {
    /// A message that WhatsApp has taken and said nothing of.
    pub async fn of_a_taken_message(stack: &'a TestStack) -> (Self, MessageId) {
        let id = stack.send_text(TAKES_AND_HANGS, "hello").await;
        stack.wait_for_taken(1).await;
        (Self::of_the_first_taken(stack), id)
    }

    /// Of the first message that WhatsApp took.
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
async fn meta_s_question_whether_the_address_is_ours_is_answered_with_its_challenge() {
    let stack = TestStack::start(PROGRAM).await;
    let app: Value = serde_json::from_str(stack.stack.secrets.text("WhatsAppApp").expect("a secret")).expect("JSON");
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
async fn a_callback_with_a_tag_that_is_not_ours_or_from_another_number_is_acknowledged_and_changes_nothing() {
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
async fn a_failure_of_an_attempt_that_was_tried_again_since_is_history() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    stack.messages.change(&id, Change::new().add("attempt", 1)).await.expect("the table takes it");
    let failed = callbacks.status("failed");
    assert_eq!(callbacks.report(&[failed]).await, 200);
    assert_eq!(stack.record(&id).await.status, State::Sending);
}

#[tokio::test]
async fn callbacks_in_any_order_and_number_move_a_message_forward_only_and_tell_each_transition_once() {
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
    let mut told: Vec<_> = stack.webhook.calls_about(id.as_str()).iter().map(|call| call.event().to_owned()).collect();
    told.sort();
    assert_eq!(told, ["message.delivered", "message.read", "message.sent"]);
}

#[tokio::test]
async fn a_time_that_many_callbacks_bring_at_once_is_set_once() {
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
async fn a_failure_never_overrides_what_was_delivered_and_delivered_after_failed_is_believed() {
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
async fn one_odd_update_does_not_lose_the_others_in_its_callback() {
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
async fn the_app_of_a_number_of_its_own_signs_for_that_number_and_for_no_other() {
    let stack = TestStack::start(PROGRAM).await;
    let (demo, of_demo) = Callbacks::of_a_taken_message(&stack).await;
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": "Of another app" })).await;
    let instance = &created["data"]["id"];
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "2001", "accessToken": "EAAG-theirs",
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
async fn messages_that_come_in_are_recorded_once_told_once_and_appear_in_the_history() {
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
    let id = row["messageId"].as_str().expect("an id");
    let told = stack.webhook.wait_for(id, "message.received").await;
    assert!(stack.webhook.verifies(&told));
    assert_eq!(
        told.json["data"],
        json!({ "messageId": id, "instanceId": "inst_abc123", "chatId": "chat_5511900000009", "from": "5511900000009",
            "type": "text", "content": "Hi", "contactName": "Ana", "isGroup": false, "timestamp": row["timestamp"] })
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
async fn a_thousand_updates_of_three_megabytes_in_one_callback_are_all_applied_and_one_that_can_t_be_read_costs_them_nothing()
 {
    const COUNT: usize = 1_000;
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    let tagger = Tagger::new(
        &MasterKeys::parse(&stack.stack.secrets.text("MasterKeys").expect("a secret").into()).expect("keys"),
    );
    let template = stack.record(&id).await;
    let ids: Vec<MessageId> = (0..COUNT).map(|_| MessageId::generate()).collect();
    let records = ids.iter().map(|id| Message {
        id: id.clone(),
        at: history_key(template.created_at, id),
        status: State::Sent,
        rank: State::Sent.rank(),
        ..template.clone()
    });
    for record in records {
        stack.messages.insert(&record).await.expect("the table takes it");
    }
    let statuses = ids.iter().enumerate().map(|(number, id)| {
        let tag = tagger.write(&Tag { message: id.clone(), attempt: 1 });
        json!({ "id": format!("wamid.{number}"), "status": "delivered", "timestamp": "1760000002",
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
async fn a_callback_that_can_t_be_stored_is_not_acknowledged_and_its_repeat_is_stored() {
    let between = Between::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&between.stack).await;
    between.dynamodb.decide(|call, _| if call.operation == "UpdateItem" { Fault::DropBefore } else { Fault::None });
    assert_eq!(callbacks.report(&[callbacks.status("delivered")]).await, 500);
    between.dynamodb.decide(|_, _| Fault::None);
    assert_eq!(callbacks.report(&[callbacks.status("delivered")]).await, 200);
    assert_eq!(between.stack.status(&id).await["status"], "delivered");
    between.stack.webhook.wait_for(id.as_str(), "message.delivered").await;
    assert_eq!(between.stack.webhook.events_about(id.as_str()).len(), 1);
}

#[tokio::test]
async fn a_dead_token_that_a_callback_tells_of_disconnects_its_instance_although_that_could_not_be_written_at_first() {
    let between = Between::start(PROGRAM).await;
    let stack = &between.stack;
    let id = stack.send_text("15550100012", "answered, and reported by nobody").await;
    stack.wait_for_status(&id, "sent").await;
    let taken = stack.whatsapp().ledger().taken().remove(0);
    let tag = taken.message["biz_opaque_callback_data"].as_str().expect("a tag").to_owned();
    let callbacks = Callbacks { stack, number_id: taken.number_id, tag };
    let mut failed = callbacks.status("failed");
    failed["errors"] = json!([{ "code": 190, "title": "Access token has expired" }]);
    between.dynamodb.decide(|call, _| if call.operation == "UpdateItem" { Fault::DropBefore } else { Fault::None });
    assert_eq!(callbacks.report(&[failed.clone()]).await, 500);
    between.dynamodb.decide(|_, _| Fault::None);
    assert_eq!(callbacks.report(&[failed]).await, 200);
    let (_, shown) = stack.call("GET /v1/instances/inst_abc123/status", Value::Null).await;
    assert_eq!(shown["data"]["status"], "disconnected");
    assert_eq!(stack.status(&id).await["error"]["code"], "instance_disconnected");
}
