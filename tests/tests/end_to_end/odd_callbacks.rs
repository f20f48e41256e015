//! Callbacks whose values are odd: what is needed is read, and the rest does not lose it.

use serde_json::{Value, json};
use shared::message::{FailureCode, Message, State};
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::callbacks::Callbacks;

/// The simulator accepts this recipient's messages and reports nothing of them.
const NEVER_REPORTED: &str = "15550100012";

/// The simulator answers a message to this recipient after three seconds.
const ANSWERED_LATE: &str = "15550100014";

/// Sends a message and reports a status of it with `odd` fields. Returns its record.
async fn reported(stack: &TestStack, mut odd: Value) -> Message {
    let id = stack.send_text(NEVER_REPORTED, "hello").await;
    stack.wait_for_state(&id, State::Sent).await;
    let ledger = stack.whatsapp().ledger();
    let taken = ledger.taken().pop().expect("a message");
    odd["biz_opaque_callback_data"] = taken.message["biz_opaque_callback_data"].clone();
    let metadata = json!({ "display_phone_number": "551140000000", "phone_number_id": taken.number_id });
    let value = json!({ "messaging_product": "whatsapp", "metadata": metadata, "statuses": [odd] });
    let entry = json!([{ "id": "9001", "changes": [{ "field": "messages", "value": value }] }]);
    let body = json!({ "object": "whatsapp_business_account", "entry": entry });
    assert_eq!(stack.post_callback(&body.to_string(), None).await, 200);
    stack.record(&id).await
}

#[tokio::test]
async fn a_failed_status_needs_only_its_word_and_its_tag() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    for (errors, code) in [
        (json!([{ "code": 131_026, "title": "x", "error_data": "Receiver is incapable" }]), Some(131_026)),
        (json!([{ "code": "131026", "title": "x" }]), Some(131_026)),
        (json!([{ "title": "without a code" }, { "code": 131_026, "title": "x" }]), Some(131_026)),
        (json!([{ "title": "Message undeliverable" }]), None),
        (json!("a text"), None),
        (Value::Null, None),
    ] {
        let failed = reported(&stack, json!({ "status": "failed", "errors": errors })).await;
        assert_eq!(failed.status, State::Failed, "{errors}");
        let error = failed.error.expect("a reason");
        assert_eq!(error.provider_code, code, "{errors}");
        if code.is_none() {
            assert_eq!((error.code, error.message.as_str()), (FailureCode::ProviderError, "WhatsApp gave no reason."));
        }
    }
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before, "each credit was refunded");
}

#[tokio::test]
async fn a_message_is_not_sent_later_than_it_was_delivered() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text(ANSWERED_LATE, "hello").await;
    stack.wait_for_taken(1).await;
    let callbacks = Callbacks::of_the_first_taken(&stack);
    assert_eq!(callbacks.report(&[callbacks.status("delivered"), callbacks.status("read")]).await, 200);
    stack.webhook.wait_for(id.as_str(), "message.sent").await;
    let message = stack.record(&id).await;
    assert!(message.sent_at <= message.delivered_at && message.delivered_at <= message.read_at, "{message:?}");
}

#[tokio::test]
async fn a_delivered_status_needs_only_its_word_and_its_tag() {
    let stack = TestStack::start(PROGRAM).await;
    for odd in [json!({ "timestamp": 1_760_000_002 }), json!({ "timestamp": "soon", "id": 5 }), json!({ "id": null })] {
        let mut status = odd.clone();
        status["status"] = json!("delivered");
        let delivered = reported(&stack, status).await;
        assert_eq!(delivered.status, State::Delivered, "{odd}");
        assert!(delivered.delivered_at.is_some() && delivered.provider_id.is_some(), "{odd}");
    }
    let early = reported(&stack, json!({ "status": "delivered", "timestamp": "1760000002" })).await;
    assert!(early.sent_at.is_some() && early.delivered_at == early.sent_at, "nothing is delivered before it was sent");
    let failed = reported(&stack, json!({ "status": "failed", "timestamp": "1760000002" })).await;
    assert_eq!(failed.failed_at, failed.sent_at);
    let played = reported(&stack, json!({ "status": "played" })).await;
    assert_eq!(played.status, State::Read);
}

#[tokio::test]
async fn what_a_status_has_under_an_unknown_name_is_kept_and_the_status_counts() {
    let stack = TestStack::start(PROGRAM).await;
    let pricing = json!({ "billable": true, "cost": { "amount": 1 } });
    let known = json!({ "status": "delivered", "pricing": pricing, "conversation": { "id": "c" }, "errors": [] });
    assert_eq!(reported(&stack, known).await.status, State::Delivered);
    let listed = async || stack.operate("GET /v1/admin/callbacks", Value::Null).await.1["data"].take();
    assert_eq!(listed().await, json!([]));
    let odd = json!({ "status": "delivered", "payment": { "reference_id": "PRIVATE" } });
    assert_eq!(reported(&stack, odd).await.status, State::Delivered);
    let kept = listed().await;
    assert_eq!(
        (kept.as_array().map(Vec::len), &kept[0]["reasons"]),
        (Some(1), &json!(["unreadable_status"])),
        "{kept}"
    );
}
