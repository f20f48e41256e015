//! Failed messages of an account: found newest first, and only as long as they count as failed.

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::ids::MessageId;
use shared::message::State;
use shared::message::failed_index::failed_keys;
use tests::test_stack::{FAR_AHEAD, TestStack, UNTIL_SETTLED};
use tests::wait::eventually;

use crate::PROGRAM;
use crate::callbacks::{Callbacks, TAKES_AND_HANGS};

/// WhatsApp refuses this recipient's messages.
const REFUSED: &str = "1555131047";

/// The rows of a list of failed messages.
async fn failed(stack: &TestStack, key: &str, query: &str) -> Vec<Value> {
    let (status, page) = stack.call_as(key, &format!("GET /v1/messages?status=failed{query}"), Value::Null).await;
    assert_eq!(status, 200, "{page}");
    page["data"].as_array().expect("rows").clone()
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["messageId"].as_str().expect("an id")).collect()
}

/// Entries of the index of the customer's account.
async fn entries(stack: &TestStack) -> i32 {
    let mut count = 0;
    for key in failed_keys(&stack.customer.account_id) {
        let query = stack.stack.clients.dynamodb.query().table_name(&stack.stack.tables["Messages"]);
        let query = query.index_name("byFailed").key_condition_expression("failed = :key").select(Select::Count);
        let answer = query.expression_attribute_values(":key", AttributeValue::S(key)).send().await;
        count += answer.expect("the index answers").count;
    }
    count
}

#[tokio::test]
async fn failed_messages_are_found_newest_first_without_an_instance() {
    let stack = TestStack::start(PROGRAM).await;
    let key = stack.customer.api_key.expose_secret();
    let theirs = stack.neighbour().await;
    let body = json!({ "instanceId": "inst_theirs", "to": REFUSED, "message": "hi" });
    assert_eq!(stack.call_as(&theirs, "POST /v1/messages/send", body).await.0, 202);
    stack.copy_instance_to(&stack.customer.account_id, "inst_second").await;
    let refused = stack.send_text(REFUSED, "refused").await;
    stack.wait_for_status(&refused, "failed").await;
    let read = stack.send_text("5511900000001", "is read").await;
    stack.wait_for_status(&read, "read").await;
    let second = json!({ "instanceId": "inst_second", "to": REFUSED, "message": "refused", "reference": "order 7" });
    let second = stack.send(second).await;
    stack.wait_for_status(&second, "failed").await;
    let reported = stack.send_text("1559131049", "fails in a callback").await;
    stack.wait_for_status(&reported, "failed").await;
    stack.book_ahead(FAR_AHEAD).await;
    let canceled = stack.send_text("5511900000002", "is cancelled").await;
    assert_eq!(stack.call(&format!("DELETE /v1/messages/{canceled}"), Value::Null).await.0, 200);

    let rows = failed(&stack, key, "").await;
    assert_eq!(ids(&rows), [canceled.as_str(), reported.as_str(), second.as_str(), refused.as_str()]);
    let codes: Vec<_> = rows.iter().map(|row| row["error"]["code"].as_str().expect("a code")).collect();
    assert_eq!((codes[0], codes[2], codes[3]), ("canceled", "outside_window", "outside_window"), "rows say why");
    let of_first = failed(&stack, key, "&instanceId=inst_abc123").await;
    assert_eq!(ids(&of_first), [canceled.as_str(), reported.as_str(), refused.as_str()]);
    assert_eq!(ids(&failed(&stack, key, &format!("&limit=2&before={canceled}")).await), ids(&rows)[1..3]);
    assert_eq!(ids(&failed(&stack, key, &format!("&after={second}")).await), ids(&rows)[..2]);
    let until = stack.record(&second).await.created_at;
    assert_eq!(ids(&failed(&stack, key, &format!("&to={until}")).await), ids(&rows)[2..]);
    assert_eq!(ids(&failed(&stack, key, "&reference=order%207").await), [second.as_str()]);
    assert!(failed(&stack, key, "&type=image").await.is_empty());
    let of_theirs = || async { Some(failed(&stack, &theirs, "").await).filter(|rows| rows.len() == 1) };
    eventually("the neighbour's own failure, alone", of_theirs).await;
    let (status, answer) = stack.call("GET /v1/messages?status=failed&instanceId=inst_theirs", Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("instance_not_found")));
    assert_eq!(entries(&stack).await, 4, "what did not fail is not in the index");
}

#[tokio::test]
async fn a_failed_message_that_is_delivered_after_all_is_no_longer_found() {
    let stack = TestStack::start(PROGRAM).await;
    let key = stack.customer.api_key.expose_secret();
    let unconfirmed = stack.leave_unknown(TAKES_AND_HANGS).await;
    stack.note_callback_now().await;
    stack.pass(UNTIL_SETTLED);
    stack.wait_for_state(&unconfirmed, State::Unconfirmed).await;
    assert_eq!(ids(&failed(&stack, key, "").await), [unconfirmed.as_str()]);
    stack.whatsapp().report(&stack.whatsapp().ledger().taken()[0], "delivered").await;
    stack.wait_for_status(&unconfirmed, "delivered").await;
    assert_eq!(entries(&stack).await, 0);

    let refused = stack.send_text("15550100013", "fails, and is delivered").await;
    stack.webhook.wait_for(refused.as_str(), "message.failed").await;
    stack.wait_for_status(&refused, "delivered").await;
    assert!(failed(&stack, key, "").await.is_empty());
    assert_eq!(entries(&stack).await, 0);
}

#[tokio::test]
async fn a_failure_of_an_earlier_version_is_found_once_whatsapp_confirms_it() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.leave_unknown(TAKES_AND_HANGS).await;
    stack.note_callback_now().await;
    stack.pass(UNTIL_SETTLED);
    stack.wait_for_state(&id, State::Unconfirmed).await;
    stack.update_record(&id, shared::aws::UpdateBuilder::new().remove("failed")).await;
    assert_eq!(entries(&stack).await, 0);
    let callbacks = Callbacks::of_the_first_taken(&stack);
    let mut report = callbacks.status("failed");
    report["errors"] = json!([{ "code": 131_026, "title": "Message undeliverable" }]);
    assert_eq!(callbacks.report(&[report]).await, 200);
    let rows = failed(&stack, stack.customer.api_key.expose_secret(), "").await;
    assert_eq!((ids(&rows), &rows[0]["error"]["code"]), (vec![id.as_str()], &json!("recipient_unreachable")));
}

#[tokio::test]
async fn an_erased_message_leaves_the_index_of_failed_ones() {
    let stack = TestStack::start(PROGRAM).await;
    let id: MessageId = stack.send_text(REFUSED, "refused").await;
    stack.wait_for_status(&id, "failed").await;
    assert_eq!(entries(&stack).await, 1);
    assert_eq!(stack.erase(REFUSED).await["erased"], 1);
    assert_eq!(entries(&stack).await, 0);
}
