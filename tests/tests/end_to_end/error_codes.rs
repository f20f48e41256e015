//! Every error code of WhatsApp's table (whatsapp-cloud-api, Errors), in an answer and in a callback: the messages
//! that arrive, the status, the events, the refund, and the state of the instance.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use shared::ids::MessageId;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

/// Codes of errors of the message, and the contract's code for each.
const MESSAGE_ERRORS: [(i64, &str); 45] = [
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
    (131_050, "recipient_opted_out"),
    (130_403, "recipient_unreachable"),
    (131_030, "recipient_unreachable"),
    (137_000, "provider_error"),
    (131_052, "unsupported_media_type"),
    (131_055, "template_rejected"),
    (131_061, "template_rejected"),
    (131_062, "phone_number_required"),
    (132_068, "provider_error"),
    (132_069, "provider_error"),
    (134_100, "template_rejected"),
    (134_102, "template_rejected"),
    (131_020, "provider_error"),
    (131_041, "provider_error"),
    (131_059, "provider_error"),
    (133_000, "provider_error"),
    (133_005, "provider_error"),
    (133_008, "provider_error"),
    (133_015, "provider_error"),
    (130_472, "blocked_by_policy"),
    (130_497, "blocked_by_policy"),
    (131_037, "provider_error"),
    (131_063, "template_rejected"), // of templates of some categories only
    (131_064, "template_rejected"),
    (135_000, "provider_error"),
    (999, "provider_error"), // not in the table
    (999_999, "provider_error"),
    (131_999, "provider_error"),
];
/// Codes of an invalid token or a number that cannot send.
const INSTANCE_ERRORS: [i64; 10] = [0, 3, 10, 33, 190, 200, 299, 131_005, 131_045, 133_010];
/// Codes of conditions of the number or its account, why the instance is paused, and the contract's code of a message that a
/// callback reports as failed.
const CONDITIONS: [(i64, &str, &str); 5] = [
    (368, "policy", "blocked_by_policy"),
    (131_031, "account_restricted", "blocked_by_policy"),
    (131_048, "policy", "blocked_by_policy"),
    (131_042, "payment_required", "payment_required"),
    (134_011, "payment_required", "payment_required"),
];
/// Codes of temporary errors.
const TEMPORARY_ERRORS: [i64; 11] = [1, 2, 4, 80_007, 130_429, 131_000, 131_016, 131_056, 131_057, 133_004, 134_101];
/// Longer than the first wait after any of them.
const UNTIL_RETRY: Duration = Duration::from_secs(95);
/// Longer than the pause of a blocked number, and than `send` caches it.
const UNTIL_RESTED: Duration = Duration::from_secs(15 * 60 + 31);

struct ErrorCodes {
    stack: TestStack,
    credits: i64,
}

impl ErrorCodes {
    async fn new() -> Self {
        let stack = TestStack::start(PROGRAM).await;
        let credits = stack.ledger(&stack.customer.account_id).await.credits;
        Self { stack, credits }
    }

    /// Sends to a number for which the simulator answers with this code.
    async fn send(&self, prefix: &str, code: i64) -> MessageId {
        self.stack.send_text(&format!("{prefix}{code:06}"), "hello").await
    }

    /// Waits until a message has failed with this code and the webhook has exactly these events.
    async fn fails(&self, id: &MessageId, code: i64, ours: &str, events: &[&str]) {
        let status = self.stack.wait_for_status(id, "failed").await;
        let error = &status["error"];
        assert_eq!((&error["code"], &error["providerCode"]), (&json!(ours), &json!(code)), "{code}");
        assert!(error["message"].as_str().is_some_and(|words| words.contains("on request")), "{error}");
        let published = self.stack.webhook.wait_for(id.as_str(), "message.failed").await;
        assert_eq!(published.json["data"]["error"], *error, "{code}");
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

    /// Checks that all credits were refunded.
    async fn is_refunded(&self) {
        assert_eq!(self.stack.ledger(&self.stack.customer.account_id).await.credits, self.credits);
    }
}

#[tokio::test]
async fn an_error_of_the_message_fails_it_at_once_and_costs_nothing() {
    let codes = ErrorCodes::new().await;
    let sent = join_all(MESSAGE_ERRORS.map(|(code, _)| codes.send("1555", code))).await;
    for (id, (code, ours)) in sent.iter().zip(MESSAGE_ERRORS) {
        codes.fails(id, code, ours, &["message.failed"]).await;
    }
    assert_eq!(codes.stack.whatsapp().ledger().asked(), MESSAGE_ERRORS.len(), "each was tried once");
    assert!(codes.stack.whatsapp().ledger().taken().is_empty());
    assert_eq!(codes.instance_shown().await["status"], "connected");
    codes.is_refunded().await;
}

#[tokio::test]
async fn an_error_of_the_number_disconnects_its_instance() {
    let codes = ErrorCodes::new().await;
    for code in INSTANCE_ERRORS {
        let id = codes.send("1555", code).await;
        codes.fails(&id, code, "instance_disconnected", &["message.failed"]).await;
        assert_eq!(codes.instance_shown().await["status"], "disconnected", "{code}");
        codes.connect().await;
    }
    assert_eq!(codes.stack.whatsapp().ledger().asked(), INSTANCE_ERRORS.len());
    codes.is_refunded().await;
}

#[tokio::test]
async fn an_error_of_the_account_pauses_its_instance_and_the_message_waits() {
    let codes = ErrorCodes::new().await;
    for (code, reason, _) in CONDITIONS {
        let id = codes.send("15561", code).await;
        codes.stack.wait_for_attempt(&id, 1).await;
        let is_paused = || async { (codes.instance_shown().await["pauseReason"] == reason).then_some(()) };
        eventually(&format!("{code} to pause the instance"), is_paused).await;
        assert!(codes.instance_shown().await["pausedUntil"].is_string(), "{code}");
        assert_eq!(codes.stack.status(&id).await["status"], "queued", "{code}");
        codes.stack.pass(UNTIL_RESTED);
        codes.stack.wait_for_status(&id, "read").await;
        let resumed = || async { codes.instance_shown().await["pauseReason"].is_null().then_some(()) };
        eventually("the instance to go on", resumed).await;
        codes.stack.pass(Duration::from_secs(31)); // until `send` sees that
    }
    assert_eq!(codes.stack.whatsapp().ledger().taken().len(), CONDITIONS.len());
}

#[tokio::test]
async fn a_temporary_error_is_retried_and_the_message_arrives_once() {
    let codes = ErrorCodes::new().await;
    for code in TEMPORARY_ERRORS {
        let id = codes.send("15561", code).await;
        codes.stack.wait_for_attempt(&id, 1).await;
        codes.stack.pass(UNTIL_RETRY);
        codes.stack.wait_for_status(&id, "read").await;
        codes.stack.webhook.wait_until_read(id.as_str()).await;
        assert_eq!(codes.stack.whatsapp().ledger().taken_by(&format!("15561{code:06}")).len(), 1, "{code}");
    }
    assert_eq!(codes.stack.ledger(&codes.stack.customer.account_id).await.credits, codes.credits - 11);
}

#[tokio::test]
async fn an_error_code_in_a_callback_has_the_same_effect_as_in_an_answer() {
    let codes = ErrorCodes::new().await;
    let both = ["message.sent", "message.failed"];
    let failure = |code| if code == 134_101 { "template_rejected" } else { "provider_error" };
    let passes = TEMPORARY_ERRORS.map(|code| (code, failure(code)));
    let of_messages: Vec<_> = MESSAGE_ERRORS.into_iter().chain(passes).collect();
    let sent = join_all(of_messages.iter().map(|(code, _)| codes.send("1559", *code))).await;
    for (id, (code, ours)) in sent.iter().zip(&of_messages) {
        codes.fails(id, *code, ours, &both).await;
    }
    assert_eq!(codes.instance_shown().await["status"], "connected");
    for code in INSTANCE_ERRORS {
        let id = codes.send("1559", code).await;
        codes.fails(&id, code, "instance_disconnected", &both).await;
        assert_eq!(codes.instance_shown().await["status"], "disconnected", "{code}");
        codes.connect().await;
    }
    for (code, reason, ours) in CONDITIONS {
        let id = codes.send("1559", code).await;
        codes.fails(&id, code, ours, &both).await;
        assert_eq!(codes.instance_shown().await["pauseReason"], reason, "{code}");
        codes.stack.pass(UNTIL_RESTED);
    }
    let taken = codes.stack.whatsapp().ledger().taken();
    assert_eq!(taken.len(), of_messages.len() + INSTANCE_ERRORS.len() + CONDITIONS.len(), "each once");
    codes.is_refunded().await;
}

#[tokio::test]
async fn a_wait_that_whatsapp_asks_for_pauses_the_instance() {
    let codes = ErrorCodes::new().await;
    for (to, seconds) in [("155790130429", 90), ("155805080007", 300)] {
        let wait = Duration::from_secs(seconds);
        let before = codes.stack.now();
        let id = codes.stack.send_text(to, "hello").await;
        codes.stack.wait_for_attempt(&id, 1).await;
        let until = codes.stack.instance().await.paused_until.expect("a pause");
        assert!((before.plus(wait)..=codes.stack.now().plus(wait)).contains(&until), "{to}: {until}");
        let shown = codes.instance_shown().await;
        assert!(shown["pausedUntil"].is_null(), "{to}: requests to send are not refused");
        assert_eq!(shown["heldUntil"], until.to_string(), "{to}");
        codes.stack.pass(wait * 3 / 2 + Duration::from_secs(1));
        codes.stack.wait_for_status(&id, "read").await;
    }
}
