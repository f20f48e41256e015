//! Batches go on by themselves after a pause of their number: nothing here is done by the schedule that begins what broke off.

use std::time::Duration;

use serde_json::json;
use shared::aws::{ItemKey, UpdateBuilder};
use shared::ledger::ledger_item::batch_slot_attribute;
use shared::ledger::rate_limit::micros;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::batches::{progress, send, texts};
use crate::template_changes::changed;

/// How far ahead the slots are that messages have booked anew: further than the feeder enqueues.
const MOVED: Duration = Duration::from_secs(25);
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
