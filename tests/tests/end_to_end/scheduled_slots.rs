//! The slots of messages with a `sendAt`.

use std::time::Duration;

use shared::ledger::{Lane, SendSlots, WaitingMessages, WaitingSlots, WantedSlots};
use tests::test_stack::TestStack;

use crate::PROGRAM;

#[tokio::test]
async fn scheduled_messages_that_do_not_leave_within_seconds_go_through_the_bulk_lane() {
    let stack = TestStack::start(PROGRAM).await;
    let (waiting, now) = (WaitingSlots::new(stack.accounts.clone()), stack.now());
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let scheduled = WaitingMessages::Scheduled { have_starved: false };
    let (mut lanes, mut marks) = (Vec::new(), Vec::new());
    for most in [100, 100, 100, 100, 100, 100, 100, 5, 100_000] {
        let wanted = WantedSlots { slots: SendSlots { rate: 80 }, most, not_before: now, waiting: scheduled };
        let booked = waiting.book(account, instance, wanted, now).await.expect("an answer").expect("a ledger");
        lanes.push((booked.lane, booked.count >= most.min(10_000)));
        marks.push(stack.ledger(account).await.bulk_marks.len());
    }
    // 64 slots a second, for ten seconds.
    let expected = [[(Lane::Express, true); 6].as_slice(), &[(Lane::Bulk, true); 3]].concat();
    assert_eq!((lanes, marks), (expected, vec![0, 0, 0, 0, 0, 0, 1, 1, 1]));
}

#[tokio::test]
async fn scheduled_messages_leave_slots_to_others() {
    let stack = TestStack::start(PROGRAM).await;
    stack.book_ahead(Duration::from_secs(180)).await;
    stack.send_text("5511900000001", "its number is in the bulk lane now").await;
    let (waiting, now) = (WaitingSlots::new(stack.accounts.clone()), stack.now());
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let scheduled = WaitingMessages::Scheduled { have_starved: false };
    let slots = SendSlots { rate: 80 };
    let wanted = WantedSlots { slots, most: 100_000, not_before: now, waiting: scheduled };
    let booked = waiting.book(account, instance, wanted, now).await.expect("an answer").expect("a ledger");
    assert!(booked.count > 0);
    stack.send_text("5511900000001", "a code that is not refused").await;
    let none_left = waiting.book(account, instance, wanted, now).await.expect("an answer").expect("a ledger");
    assert_eq!(none_left.count, 0);
}
