//! Interleavings of several processes that the models and the sweep found (docs/models.md, docs/adr/0020): each broke a
//! promise before the code had the mechanism that its test names.

use serde_json::json;
use shared::change::Change;
use shared::ids::MessageId;
use shared::state::State;
use tests::between::Between;
use tests::fault::Fault;
use tests::proxy::{ALWAYS, At, Proxy};
use tests::test_stack::{TestStack, UNTIL_REDELIVERY, UNTIL_SETTLED};
use tests::wait::eventually;

use crate::PROGRAM;
use crate::callbacks::{Callbacks, TAKES_AND_HANGS};

/// The simulator closes the connection of this number's messages and takes none.
const CLOSES: &str = "15550100019";
/// The simulator refuses this number's messages for good.
const REFUSED: &str = "1555131026";

/// A message that was given up as of unknown outcome.
async fn given_up(stack: &TestStack) -> (Callbacks<'_>, MessageId) {
    let id = stack.leave_unknown(TAKES_AND_HANGS).await;
    stack.hear_from_whatsapp().await;
    stack.pass(UNTIL_SETTLED);
    stack.wait_for_state(&id, State::Unconfirmed).await;
    (Callbacks::of_the_first_taken(stack), id)
}

async fn credits(stack: &TestStack) -> i64 {
    stack.meter(&stack.customer.account_id).await.credits
}

/// `FailedWhileSending`
#[tokio::test]
async fn a_failure_that_comes_before_whatsapp_s_answer_fails_the_message_at_once() {
    let stack = TestStack::start(PROGRAM).await;
    let before = credits(&stack).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    assert_eq!((stack.record(&id).await.status, credits(&stack).await), (State::Sending, before - 1));
    assert_eq!(callbacks.report(&[callbacks.status("failed")]).await, 200);
    assert_eq!((stack.record(&id).await.status, credits(&stack).await), (State::Failed, before));
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
}

/// `FailedAfterUnconfirmed`
#[tokio::test]
async fn a_failure_after_the_message_was_given_up_is_final_and_gives_no_second_credit() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = given_up(&stack).await;
    let before = credits(&stack).await;
    let mut failed = callbacks.status("failed");
    failed["errors"] = json!([{ "code": 131_053, "title": "Media upload error" }]);
    assert_eq!(callbacks.report(&[failed]).await, 200);
    assert_eq!(callbacks.report(&[callbacks.status("sent")]).await, 200);
    let status = stack.status(&id).await;
    assert_eq!((&status["status"], &status["error"]["code"]), (&json!("failed"), &json!("unsupported_media_type")));
    assert_eq!((stack.record(&id).await.status, credits(&stack).await), (State::Failed, before));
}

/// `CorrectedOrAgain`
#[tokio::test]
async fn two_callbacks_that_correct_a_failure_at_once_both_leave_their_times_and_one_credit_is_taken() {
    let between = Between::start(PROGRAM).await;
    let stack = &between.stack;
    let (callbacks, id) = given_up(stack).await;
    let before = credits(stack).await;
    between.dynamodb.strike([At("receive", "TransactWriteItems", 1, &[Fault::FreezeBefore])]);
    let meanwhile = async {
        between.dynamodb.until_frozen().await;
        assert_eq!(callbacks.report(&[callbacks.status("sent")]).await, 200);
        between.dynamodb.thaw();
    };
    let delivered = [callbacks.status("delivered")];
    let (answer, ()) = tokio::join!(callbacks.report(&delivered), meanwhile);
    assert_eq!(answer, 200);
    let record = stack.record(&id).await;
    assert_eq!((record.status, credits(stack).await), (State::Delivered, before - 1));
    assert!(record.sent_at.is_some() && record.delivered_at.is_some(), "{record:?}");
}

/// `ByClaim`
#[tokio::test]
async fn the_repeat_of_a_release_lets_go_of_no_later_attempt_that_has_the_number_back() {
    let between = Between::start(PROGRAM).await;
    let stack = &between.stack;
    let quoted = stack.send_text("5511999999999", "quoted").await;
    stack.wait_for_status(&quoted, "read").await;
    let release = At("deliver", "UpdateItem", 2, &[Fault::DropAfter, Fault::FreezeBefore]);
    between.dynamodb.strike([At("deliver", "GetItem", 1, &[Fault::Unavailable; ALWAYS]), release]);
    let reply =
        json!({ "instanceId": "inst_abc123", "to": TAKES_AND_HANGS, "message": "hi", "quotedMessageId": quoted });
    let id = stack.send(reply).await;
    between.dynamodb.until_frozen().await;
    assert_eq!((stack.record(&id).await.status, stack.whatsapp().ledger().taken().len()), (State::Queued, 1));
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_taken(2).await;
    let sending = stack.record(&id).await;
    between.dynamodb.thaw();
    between.dynamodb.until_passed().await;
    let after = stack.record(&id).await;
    assert_eq!((after.status, after.claim, after.attempt), (State::Sending, sending.claim, 1));
}

/// The look at the lease before the POST, which the sweep found to be missing (docs/adr/0020).
#[tokio::test]
async fn a_process_that_wakes_after_its_lease_posts_nothing_behind_what_left_meanwhile() {
    let between = Between::start(PROGRAM).await;
    let (stack, to) = (&between.stack, "5511999999999");
    between.dynamodb.strike([At("deliver", "UpdateItem", 1, &[Fault::FreezeAfter])]);
    let first = stack.send_text(to, "first").await;
    between.dynamodb.until_frozen().await;
    let second = stack.send_text(to, "second").await;
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_status(&second, "read").await;
    between.dynamodb.thaw();
    let deliver = &stack.stack.functions["deliver"];
    eventually("deliver to be idle", || async { (deliver.at_work() == 0).then_some(()) }).await;
    assert_eq!((stack.record(&first).await.status, stack.whatsapp().ledger().taken_by(to).len()), (State::Unknown, 1));
}

/// A message of this recipient whose record is let go of by somebody else while WhatsApp is asked.
async fn let_go_while_asked(stack: &TestStack, whatsapp: &Proxy, to: &str) -> MessageId {
    whatsapp.strike([At("deliver", "POST messages", 1, &[Fault::FreezeBefore])]);
    let id = stack.send_text(to, "hello").await;
    whatsapp.until_frozen().await;
    let release = Change::new().state(State::Queued).remove("lease").remove("claim");
    stack.messages.change(&id, release).await.expect("the table takes it");
    whatsapp.thaw();
    id
}

async fn start_with_whatsapp_between() -> (Between, Proxy) {
    let whatsapp = Proxy::start().await;
    let url = whatsapp.url.clone();
    let between = Between::start_with(PROGRAM, |options| {
        options.in_between.as_mut().expect("proxies").whatsapp = Some(url);
    })
    .await;
    whatsapp.set_upstream(&between.stack.stack.addresses.whatsapp);
    whatsapp.set_functions(&between.stack.stack.functions);
    (between, whatsapp)
}

/// `UnknownOrAgain`
#[tokio::test]
async fn an_outcome_that_can_t_be_made_unknown_is_looked_at_again() {
    let (between, whatsapp) = start_with_whatsapp_between().await;
    let id = let_go_while_asked(&between.stack, &whatsapp, CLOSES).await;
    let record = between.stack.wait_for_state(&id, State::Unknown).await;
    assert_eq!((record.attempt, between.stack.whatsapp().ledger().asked()), (2, 2));
}

/// `FailOrAgain`
#[tokio::test]
async fn a_failure_that_can_t_be_written_is_looked_at_again() {
    let (between, whatsapp) = start_with_whatsapp_between().await;
    let id = let_go_while_asked(&between.stack, &whatsapp, REFUSED).await;
    let record = between.stack.wait_for_state(&id, State::Failed).await;
    assert_eq!((record.attempt, between.stack.whatsapp().ledger().asked()), (2, 2));
}
