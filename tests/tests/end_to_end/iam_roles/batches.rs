//! Batches: sent, looked at, cancelled, and broken off; and a message with a `sendAt`.

use std::time::Duration;

use serde_json::{Value, json};
use shared::message::State;
use tests::fault::Fault;
use tests::wait::eventually;

use super::{A_MINUTE, Used, start};
use crate::batch_crashes::post_body;
use crate::batch_repeats::{KEY, break_off};
use crate::batches::{let_settle_run, send, texts, wait_until_complete};

/// Everything that is done about batches. The second half with the slots of each instance in an item of its own.
pub async fn batches() -> Used {
    let (proxied, needs) = start().await;
    let stack = &proxied.stack;
    for is_moved in [false, true] {
        if is_moved {
            stack.move_slots().await;
        }
        let prefix = if is_moved { "551191111" } else { "551190000" };
        let accepted = send(stack, texts(prefix, 2)).await;
        wait_until_complete(stack, &accepted).await;
        let id = accepted["batchId"].as_str().expect("an id");
        for path in [format!("GET /v1/messages?batchId={id}"), "GET /v1/batches".to_owned()] {
            assert_eq!(stack.call(&path, Value::Null).await.0, 200, "{path}");
        }
        stack.pause_instance(stack.now().plus(Duration::from_secs(600))).await;
        let canceled = send(stack, texts(prefix, 2)).await;
        let id = canceled["batchId"].as_str().expect("an id");
        assert_eq!(stack.call(&format!("DELETE /v1/batches/{id}"), Value::Null).await.0, 200);
        wait_until_complete(stack, &canceled).await;
        stack.pause_instance(stack.now()).await;
        let send_at = stack.now().plus(Duration::from_secs(30)).to_string();
        let body = json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "x", "sendAt": send_at });
        let (status, answer) = stack.call("POST /v1/messages/send", body).await;
        assert_eq!(status, 202, "{answer}");
        let scheduled = answer["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        stack.wait_for_any_delayed("SettleQueue").await;
        stack.pass(Duration::from_secs(31));
        // Before its slots move. `deliver` may remember the pause for a minute.
        while stack.record(&scheduled).await.status != State::Read {
            let_settle_run(stack, A_MINUTE).await;
            stack.wait_until_idle("deliver").await;
        }
    }
    proxied.fault_at("PutItem", Fault::KillAfter);
    let (status, _) = stack.call("POST /v1/messages/batch", texts("551192222", 2)).await;
    assert!(status >= 500, "{status}");
    stack.pass(A_MINUTE);
    let settled = || async { stack.ledger(&stack.customer.account_id).await.reservations.is_empty().then_some(()) };
    eventually("settle to end the reservation", settled).await;
    // The repeat comes before `settle`.
    let body = texts("551193333", 2);
    proxied.dynamodb.reset_counts();
    break_off(&proxied, &body).await;
    assert_eq!(post_body(&proxied, KEY, &body).await.expect("an answer").0, 202);
    proxied.dynamodb.set_faults(|_, _| Fault::None);
    needs.so_far()
}
