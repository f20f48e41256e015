//! Every error code of WhatsApp's table (whatsapp-cloud-api, Errors), in the answer and in a callback: what the phone got,
//! the status, the events, the refund, and what becomes of the instance.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use shared::ids::MessageId;
use tests::test_stack::TestStack;

use crate::PROGRAM;

/// Codes that are the message's own, and the contract's code for them.
const OF_THE_MESSAGE: [(i64, &str); 29] = [
    (100, "provider_error"),
    (131_008, "provider_error"),
    (131_009, "provider_error"),
    (131_051, "unsupported_media_type"),
    (131_053, "unsupported_media_type"),
    (132_000, "template_rejected"),
    (132_001, "template_rejected"),
    (132_005, "template_rejected"),
    (132_007, "template_rejected"),
    (132_012, "template_rejected"),
    (132_015, "template_rejected"),
    (132_016, "template_rejected"),
    (132_018, "template_rejected"),
    (131_021, "recipient_unreachable"),
    (131_026, "recipient_unreachable"),
    (131_047, "outside_window"),
    (131_049, "blocked_by_policy"),
    (131_050, "blocked_by_policy"),
    (130_472, "blocked_by_policy"),
    (130_497, "blocked_by_policy"),
    (131_037, "provider_error"),
    (131_042, "provider_error"),
    (131_063, "provider_error"),
    (131_064, "provider_error"),
    (134_011, "provider_error"),
    (135_000, "provider_error"),
    (999, "provider_error"), // never seen
    (999_999, "provider_error"),
    (131_999, "provider_error"),
];
/// Codes of a dead token or number.
const OF_THE_INSTANCE: [i64; 10] = [0, 3, 10, 33, 190, 200, 299, 131_005, 131_045, 133_010];
/// Codes by which WhatsApp stops a number for a while.
const STOPS: [i64; 3] = [368, 131_031, 131_048];
/// Codes that pass.
const PASSES: [i64; 10] = [1, 2, 4, 80_007, 130_429, 131_000, 131_016, 131_056, 131_057, 133_004];
/// Longer than the first wait after any of them.
const UNTIL_RETRY: Duration = Duration::from_secs(95);
/// Longer than a number rests that WhatsApp has stopped, and than `send` may believe that it does.
const UNTIL_RESTED: Duration = Duration::from_secs(15 * 60 + 31);

struct Phones {
    stack: TestStack,
    credits: i64,
}

impl Phones {
    async fn new() -> Self {
        let stack = TestStack::start(PROGRAM).await;
        let credits = stack.meter(&stack.customer.account_id).await.credits;
        Self { stack, credits }
    }

    /// Sends to a number that draws a code.
    async fn send(&self, prefix: &str, code: i64) -> MessageId {
        self.stack.send_text(&format!("{prefix}{code:06}"), "hello").await
    }

    /// Waits until a message has failed so, and its customer was told so, with these events in all.
    async fn fails(&self, id: &MessageId, code: i64, ours: &str, events: &[&str]) {
        let status = self.stack.wait_for_status(id, "failed").await;
        let error = &status["error"];
        assert_eq!((&error["code"], &error["providerCode"]), (&json!(ours), &json!(code)), "{code}");
        assert!(error["message"].as_str().is_some_and(|words| words.contains("on request")), "{error}");
        let told = self.stack.webhook.wait_for(id.as_str(), "message.failed").await;
        assert_eq!(told.json["data"]["error"], *error, "{code}");
        for event in events {
            self.stack.webhook.wait_for(id.as_str(), event).await;
        }
        assert_eq!(self.stack.webhook.events_about(id.as_str()).len(), events.len(), "{code}");
    }

    async fn instance_shown(&self) -> Value {
        self.stack.call("GET /v1/instances/inst_abc123/status", Value::Null).await.1["data"].take()
    }

    async fn connect(&self) {
        let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "106540352242922", "accessToken": "EAAG-new" });
        assert_eq!(self.stack.call("POST /v1/instances/inst_abc123/connect", connect).await.0, 200);
    }

    /// Nothing that failed costs anything.
    async fn is_refunded(&self) {
        assert_eq!(self.stack.meter(&self.stack.customer.account_id).await.credits, self.credits);
    }
}

#[tokio::test]
async fn a_refusal_that_is_the_message_s_own_fails_it_at_once_and_costs_nothing() {
    let phones = Phones::new().await;
    let sent = join_all(OF_THE_MESSAGE.map(|(code, _)| phones.send("1555", code))).await;
    for (id, (code, ours)) in sent.iter().zip(OF_THE_MESSAGE) {
        phones.fails(id, code, ours, &["message.failed"]).await;
    }
    assert_eq!(phones.stack.whatsapp().ledger().asked(), OF_THE_MESSAGE.len(), "each was tried once");
    assert!(phones.stack.whatsapp().ledger().taken().is_empty());
    assert_eq!(phones.instance_shown().await["status"], "connected");
    phones.is_refunded().await;
}

#[tokio::test]
async fn a_refusal_that_is_the_instance_s_disconnects_it_or_stops_it_for_a_while() {
    let phones = Phones::new().await;
    for code in OF_THE_INSTANCE {
        let id = phones.send("1555", code).await;
        phones.fails(&id, code, "instance_disconnected", &["message.failed"]).await;
        assert_eq!(phones.instance_shown().await["status"], "disconnected", "{code}");
        phones.connect().await;
    }
    for code in STOPS {
        let id = phones.send("1555", code).await;
        phones.fails(&id, code, "blocked_by_policy", &["message.failed"]).await;
        assert!(phones.instance_shown().await["pausedUntil"].is_string(), "{code}");
        phones.stack.pass(UNTIL_RESTED);
        assert!(phones.instance_shown().await["pausedUntil"].is_null(), "{code}");
    }
    assert_eq!(phones.stack.whatsapp().ledger().asked(), OF_THE_INSTANCE.len() + STOPS.len());
    phones.is_refunded().await;
}

#[tokio::test]
async fn a_refusal_that_passes_is_tried_again_and_the_phone_gets_the_message_once() {
    let phones = Phones::new().await;
    for (count, code) in PASSES.into_iter().enumerate() {
        let id = phones.send("15561", code).await;
        phones.stack.wait_for_asked(2 * count + 1).await;
        phones.stack.wait_for_release(&id).await;
        phones.stack.pass(UNTIL_RETRY);
        phones.stack.wait_for_status(&id, "read").await;
        phones.stack.webhook.wait_until_read(id.as_str()).await;
        assert_eq!(phones.stack.whatsapp().ledger().taken_by(&format!("15561{code:06}")).len(), 1, "{code}");
    }
    assert_eq!(phones.stack.meter(&phones.stack.customer.account_id).await.credits, phones.credits - 10);
}

#[tokio::test]
async fn a_code_that_comes_in_a_callback_fails_the_message_that_was_sent_and_stops_what_it_stops() {
    let phones = Phones::new().await;
    let both = ["message.sent", "message.failed"];
    let passes = PASSES.map(|code| (code, "provider_error"));
    let of_messages: Vec<_> = OF_THE_MESSAGE.into_iter().chain(passes).collect();
    let sent = join_all(of_messages.iter().map(|(code, _)| phones.send("1559", *code))).await;
    for (id, (code, ours)) in sent.iter().zip(&of_messages) {
        phones.fails(id, *code, ours, &both).await;
    }
    assert_eq!(phones.instance_shown().await["status"], "connected");
    for code in OF_THE_INSTANCE {
        let id = phones.send("1559", code).await;
        phones.fails(&id, code, "instance_disconnected", &both).await;
        assert_eq!(phones.instance_shown().await["status"], "disconnected", "{code}");
        phones.connect().await;
    }
    for code in STOPS {
        let id = phones.send("1559", code).await;
        phones.fails(&id, code, "blocked_by_policy", &both).await;
        assert!(phones.instance_shown().await["pausedUntil"].is_string(), "{code}");
        phones.stack.pass(UNTIL_RESTED);
    }
    let taken = phones.stack.whatsapp().ledger().taken();
    assert_eq!(taken.len(), of_messages.len() + OF_THE_INSTANCE.len() + STOPS.len(), "each once");
    phones.is_refunded().await;
}

#[tokio::test]
async fn the_wait_that_whatsapp_asks_for_is_the_instance_s_whichever_header_says_it() {
    let phones = Phones::new().await;
    for (count, (to, seconds)) in [("155740130429", 40), ("155805080007", 300)].into_iter().enumerate() {
        let before = phones.stack.now();
        let id = phones.stack.send_text(to, "hello").await;
        phones.stack.wait_for_asked(2 * count + 1).await;
        phones.stack.wait_for_release(&id).await;
        let until = phones.stack.instance().await.hold_until.expect("held");
        let held = before.until(until).as_secs();
        assert!((seconds..seconds + 20).contains(&held), "{to}: {held}");
        phones.stack.pass(Duration::from_secs(seconds * 3 / 2 + 1));
        phones.stack.wait_for_status(&id, "read").await;
    }
}
