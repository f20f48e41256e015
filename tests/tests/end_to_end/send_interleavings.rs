//! Interleavings of `send`'s requests that the models found (docs/models.md): each broke a promise before the code had the
//! mechanism that its test names.

use std::time::Duration;

use serde_json::Value;
use tests::between::Between;
use tests::fault::Fault;
use tests::proxy::{ALWAYS, At};

use crate::PROGRAM;

/// Longer than a request with an Idempotency-Key may be under way.
const UNTIL_ENDED: Duration = Duration::from_secs(16);
/// The key that all requests carry.
const KEY: Option<&str> = Some("order-12");

fn code(answer: Option<(u16, Value)>) -> (u16, String) {
    let (status, body) = answer.expect("an answer");
    (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

async fn credits(between: &Between) -> i64 {
    between.stack.meter(&between.stack.customer.account_id).await.credits
}

/// `GoneIfAnothers`
#[tokio::test]
async fn a_withdrawal_whose_record_has_given_way_to_another_request_s_gives_its_credit_back_and_says_503() {
    let between = Between::start(PROGRAM).await;
    let before = credits(&between).await;
    between.sqs.strike([At("send", "SendMessage", 1, &[Fault::Unavailable; ALWAYS])]);
    between.dynamodb.strike([At("send", "DeleteItem", 1, &[Fault::DropAfter, Fault::FreezeBefore])]);
    let meanwhile = async {
        between.dynamodb.until_frozen().await;
        let (status, accepted) = between.post(KEY).await.expect("an answer");
        assert_eq!(status, 202, "{accepted}");
        between.dynamodb.thaw();
        accepted
    };
    let (first, accepted) = tokio::join!(between.post(KEY), meanwhile);
    assert_eq!(code(first), (503, "service_unavailable".to_owned()));
    between.wait_until_read(&accepted).await;
    let (taken, credits, reserved) = between.at_rest().await;
    assert_eq!((taken, before - credits, reserved), (1, 1, 0));
}

/// `RefusedIfWithdrawn`
#[tokio::test]
async fn a_record_whose_put_went_unanswered_and_that_is_being_sent_is_not_called_refused() {
    let between = Between::start(PROGRAM).await;
    let before = credits(&between).await;
    let put = At("send", "PutItem", 1, &[Fault::DropAfter; ALWAYS]);
    between.dynamodb.strike([put, At("send", "DeleteItem", 1, &[Fault::FreezeBefore])]);
    let meanwhile = async {
        between.dynamodb.until_frozen().await;
        between.stack.pass(UNTIL_ENDED);
        let (status, accepted) = between.post(KEY).await.expect("an answer");
        assert_eq!(status, 202, "{accepted}");
        between.wait_until_read(&accepted).await;
        between.dynamodb.thaw();
    };
    let (first, ()) = tokio::join!(between.post(KEY), meanwhile);
    assert_eq!(code(first), (500, "internal_error".to_owned()), "503 would say that nothing was accepted");
    let (taken, credits, reserved) = between.at_rest().await;
    assert_eq!((taken, before - credits, reserved), (1, 1, 0));
}

/// `AgeBeforeRead`
#[tokio::test]
async fn a_record_that_was_young_when_it_was_read_is_not_answered_for_however_long_that_took() {
    let between = Between::start(PROGRAM).await;
    let before = credits(&between).await;
    between.dynamodb.strike([At("send", "PutItem", 1, &[Fault::KillAfter])]);
    assert!(between.post(KEY).await.is_none_or(|(status, _)| status >= 500));
    // The key, its account, and the record that the first request made.
    between.dynamodb.strike([At("send", "GetItem", 3, &[Fault::FreezeAfter])]);
    let meanwhile = async {
        between.dynamodb.until_frozen().await;
        between.stack.pass(UNTIL_ENDED);
        between.dynamodb.thaw();
    };
    let (second, ()) = tokio::join!(between.post(KEY), meanwhile);
    assert_eq!(code(second), (409, "idempotency_in_progress".to_owned()));
    let (taken, credits, reserved) = between.at_rest().await;
    assert_eq!((taken, before - credits, reserved), (1, 1, 0));
}
