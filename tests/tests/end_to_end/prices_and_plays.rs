//! What WhatsApp says of a message beside its status: what it costs, and that a voice message was played.

use serde_json::{Value, json};
use shared::message::State;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::callbacks::Callbacks;

/// The simulator accepts this recipient's messages and reports nothing of them.
const NEVER_REPORTED: &str = "15550100012";

/// A message that was sent, and the callbacks about it.
async fn sent(stack: &TestStack) -> (Callbacks<'_>, shared::ids::MessageId) {
    let id = stack.send_text(NEVER_REPORTED, "hello").await;
    stack.wait_for_state(&id, State::Sent).await;
    (Callbacks::of_the_first_taken(stack), id)
}

fn with(mut status: Value, name: &str, value: Value) -> Value {
    status[name] = value;
    status
}

#[tokio::test]
async fn a_message_shows_what_it_costs_in_its_events_its_status_and_the_history() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text("5511999999999", "hello").await;
    let status = stack.wait_for_status(&id, "read").await;
    let price = json!({ "category": "service", "type": "regular", "billable": true });
    assert_eq!(status["pricing"], price);
    for (event, shown) in [("message.delivered", Some(&price)), ("message.read", None)] {
        let data = &stack.webhook.wait_for(id.as_str(), event).await.json["data"];
        assert_eq!(data.get("pricing"), shown, "{event}: that of the status that brought it, whose replay is the same");
    }
    assert_eq!(stack.history("&phone=5511999999999&limit=1").await[0]["pricing"], price);
}

#[tokio::test]
async fn a_price_is_kept_with_the_status_that_brings_it_and_never_by_a_write_of_its_own() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = sent(&stack).await;
    let writes = stack.images(&id).await.len();
    let unknown =
        json!({ "billable": false, "pricing_model": "PMP", "type": "free_of_all", "category": "moon_service" });
    let repeated = with(callbacks.status("sent"), "pricing", unknown.clone());
    assert_eq!(callbacks.report(&[repeated]).await, 200);
    assert_eq!(stack.images(&id).await.len(), writes, "`deliver` has recorded that it was sent");
    assert_eq!(stack.status(&id).await.get("pricing"), None);

    let failed = with(callbacks.status("failed"), "errors", json!([{ "code": 131_026, "title": "Undeliverable" }]));
    assert_eq!(callbacks.report(&[with(failed, "pricing", unknown)]).await, 200);
    assert_eq!(stack.images(&id).await.len(), writes + 1);
    let price = json!({ "category": "moon_service", "type": "free_of_all", "billable": false });
    let event = stack.webhook.wait_for(id.as_str(), "message.failed").await;
    assert_eq!(event.json["data"]["pricing"], price, "words that nobody knows are kept");

    let odd = json!({ "billable": "yes", "category": "x".repeat(65), "type": null });
    let late = with(callbacks.status("delivered"), "pricing", odd);
    assert_eq!(callbacks.report(&[late]).await, 200);
    let status = stack.status(&id).await;
    assert_eq!((&status["status"], &status["pricing"]), (&json!("delivered"), &price), "and not replaced");
}

#[tokio::test]
async fn a_played_message_is_read_and_shows_when_it_was_played_first() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = sent(&stack).await;
    let at = |seconds: i64| with(callbacks.status("played"), "timestamp", json!(seconds.to_string()));
    let seconds = stack.now().secs() - 60;
    assert_eq!(callbacks.report(&[at(seconds)]).await, 200);
    let played = stack.status(&id).await;
    assert_eq!(played["status"], "read");
    assert!(played["playedAt"].is_string() && played["playedAt"] == played["readAt"], "{played}");
    let writes = stack.images(&id).await.len();
    assert_eq!(callbacks.report(&[at(seconds + 20), callbacks.status("read")]).await, 200);
    assert_eq!((stack.status(&id).await, stack.images(&id).await.len()), (played.clone(), writes), "once");
    let row = &stack.history(&format!("&phone={NEVER_REPORTED}")).await[0];
    assert_eq!(row["playedAt"], played["playedAt"]);
    stack.webhook.wait_for(id.as_str(), "message.read").await;
}

#[tokio::test]
async fn a_message_that_was_read_before_is_played_without_another_event() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = sent(&stack).await;
    assert_eq!(callbacks.report(&[callbacks.status("read")]).await, 200);
    let read = stack.status(&id).await;
    assert_eq!((&read["status"], read.get("playedAt")), (&json!("read"), None));
    let seconds = stack.now().secs() - 60;
    let played = with(callbacks.status("played"), "timestamp", json!(seconds.to_string()));
    let elsewhere = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages",
        "value": { "metadata": { "phone_number_id": "999999" }, "statuses": [played] } }] }] });
    assert_eq!(stack.post_callback(&elsewhere.to_string(), None).await, 200);
    assert_eq!(stack.status(&id).await, read, "another number's");
    assert_eq!(callbacks.report(&[played.clone(), played]).await, 200);
    let now = stack.status(&id).await;
    assert_eq!((&now["readAt"], now["playedAt"].is_string()), (&read["readAt"], true), "{now}");
    assert!(stack.record(&id).await.publishes.is_none(), "that it was played is no event");
}
