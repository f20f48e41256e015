//! Batches go on by themselves after a pause of their number: nothing here is done by the schedule that begins what broke off.

use std::time::Duration;

use serde_json::json;
use shared::aws::{ItemKey, UpdateBuilder};
use shared::batch::BATCH_SHARDS;
use shared::instance::Pause;
use shared::ledger::ledger_item::batch_slot_attribute;
use shared::ledger::rate_limit::micros;
use shared::whatsapp::PauseReason;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;
use crate::batches::{let_settle_run, progress, send, texts};
use crate::template_changes::changed;

/// How far ahead the slots are that messages have booked anew: further than the feeder enqueues.
const MOVED: Duration = Duration::from_secs(25);
const PAUSE: Duration = Duration::from_secs(600);
const RECIPIENTS: usize = 10;

#[tokio::test]
async fn a_batch_goes_on_after_a_pause_has_moved_the_slots_of_its_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let rarely = changed(folder.path(), "rate(1 minute)", "rate(1 day)");
    let stack = TestStack::start_with(PROGRAM, |options| options.template = rarely).await;
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let moved = UpdateBuilder::new().set(&batch_slot_attribute(instance), micros(stack.now().plus(MOVED)));
    stack.accounts.update(ItemKey::ledger(account), &moved).await.expect("the table takes it");
    let accepted = send(&stack, texts("551190000", RECIPIENTS)).await;
    stack.wait_for_delayed("SettleQueue", 1).await; // the run that found no room has announced another one
    let shown = progress(&stack, &accepted).await;
    assert_eq!((&shown["counts"]["queued"], stack.whatsapp().ledger().asked()), (&json!(RECIPIENTS), 0), "{shown}");
    stack.pass(MOVED);
    stack.wait_for_asked(RECIPIENTS).await;
}

#[tokio::test]
async fn a_shard_of_open_batches_that_cannot_be_read_delays_no_batch_of_another_one() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    stack.pause_instance(stack.now().plus(PAUSE)).await;
    send(&stack, texts("551190000", RECIPIENTS)).await;
    let own = stack.accounts.open_batches(account, instance).await.expect("an answer").pop().expect("a batch").waits;
    let others = (0..BATCH_SHARDS).map(|number| format!("batches#{number}")).filter(|shard| *shard != own);
    for (at, shard) in others.enumerate() {
        let unreadable = UpdateBuilder::new().set("waits", shard).set("due", 1);
        let key = ItemKey::account(&format!("acc_unreadable{at}").parse().expect("an id"));
        stack.accounts.update(key, &unreadable).await.expect("the table takes it");
    }
    let_settle_run(&stack, PAUSE).await;
    stack.wait_for_asked(RECIPIENTS).await;
}

#[tokio::test]
async fn a_batch_of_a_number_that_its_account_stops_is_not_in_the_queue_that_others_share() {
    const AN_HOUR: Duration = Duration::from_secs(3_600);
    let stack = TestStack::start(PROGRAM).await;
    let (account, id) = (&stack.customer.account_id, &stack.customer.instance_id);
    stack.pause_instance(stack.now().plus(AN_HOUR)).await; // nothing is enqueued
    send(&stack, texts("551190000", 60)).await;
    let instance = stack.accounts.instance(account, id).await.expect("an answer").expect("the instance");
    // Its messages wait in steps of an hour, since the condition may end at any time.
    let until = stack.now().plus(3 * AN_HOUR);
    let restricted = Pause { until, reason: Some(PauseReason::AccountRestricted), code: None };
    stack.accounts.pause(&instance, restricted).await.expect("the table takes it");
    let enqueued = async || stack.accounts.open_batches(account, id).await.expect("an answer")[0].next;
    for (passed, expected) in [(AN_HOUR, 0), (AN_HOUR, 0), (AN_HOUR, 10)] {
        let_settle_run(&stack, passed + Duration::from_secs(1)).await;
        assert_eq!(enqueued().await, expected, "one of ten shows whether the condition is over");
    }
}

#[tokio::test]
async fn rows_of_one_person_do_not_fill_the_queue_that_others_share() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let recipients: Vec<_> = (0..100).map(|_| json!({ "to": "5511900000001" })).collect();
    send(&stack, json!({ "instanceId": instance, "message": "again", "recipients": recipients })).await;
    let enqueued = async || stack.accounts.open_batches(account, instance).await.ok()?.pop().map(|open| open.next);
    eventually("rows to be enqueued", || async { enqueued().await.filter(|next| *next > 0) }).await;
    stack.wait_until_idle("settle").await;
    let first = enqueued().await.expect("a batch");
    assert!((10..15).contains(&first), "{first}"); // runs follow each other in three seconds
}
