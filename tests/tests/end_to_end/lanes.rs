//! Promise 8: a campaign on one number does not stand before another's messages. Promise 7: order holds while an instance
//! moves between the lanes.

use std::time::Duration;

use shared::meter;
use shared::state::State;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

const BULK: &str = "BulkQueue.fifo";
/// Longer than the schedule's minute, and than an instance stays in the bulk lane after its last booking.
const UNTIL_DRAINED: Duration = Duration::from_secs(125);

async fn is_in_bulk(stack: &TestStack) -> bool {
    let mark = meter::of_bulk(&stack.customer.instance_id);
    stack.meter(&stack.customer.account_id).await.bulk.contains_key(&mark)
}

/// Waits until settle has looked at the meter: the last thing that it does is to remove old reservations.
async fn settle_has_looked(stack: &TestStack) {
    let ask = || async {
        let meter = stack.meter(&stack.customer.account_id).await;
        meter.reservations.is_empty().then_some(())
    };
    eventually("settle to look", ask).await;
}

#[tokio::test]
async fn what_is_booked_ahead_waits_in_the_bulk_lane_until_its_slot_and_the_instance_comes_back_when_it_has_drained() {
    let stack = TestStack::start(PROGRAM).await;
    let neighbour = stack.neighbour().await;
    stack.book_ahead(Duration::from_secs(300)).await;
    let mut campaign = Vec::new();
    for number in 0..3 {
        campaign.push(stack.send_text(&format!("551190000000{number}"), "offer").await);
    }
    stack.wait_until_given_back(BULK, 3).await; // looked at, and given back until their slots
    for id in &campaign {
        let record = stack.record(id).await;
        assert_eq!((record.status, record.attempt, record.bulk.is_some()), (State::Queued, 0, true));
    }
    stack.neighbour_sends(&neighbour, "5511911111111").await;
    assert_eq!(stack.whatsapp().ledger().asked(), 1, "the neighbour's alone");

    stack.pass(UNTIL_DRAINED);
    settle_has_looked(&stack).await;
    assert!(is_in_bulk(&stack).await, "three of its messages are still there");

    stack.pass(Duration::from_secs(176));
    for id in &campaign {
        stack.wait_for_status(id, "read").await;
        assert!(stack.record(id).await.bulk.is_none());
    }
    let behind = stack.send_text("5511900000009", "one more").await;
    assert!(stack.record(&behind).await.slot <= stack.now(), "its slot is now");
    assert_eq!(stack.wait_for_status(&behind, "read").await["status"], "read");
    let in_bulk = |image: &std::collections::HashMap<String, _>| image.contains_key("bulk");
    assert!(in_bulk(&stack.images(&behind).await[0]), "and it goes through the bulk lane all the same");

    stack.pass(UNTIL_DRAINED);
    eventually("the express lane again", || async { (!is_in_bulk(&stack).await).then_some(()) }).await;
    let after = stack.send_text("5511900000009", "code 1234").await;
    stack.wait_for_status(&after, "read").await;
    assert!(!in_bulk(&stack.images(&after).await[0]));
}

#[tokio::test]
async fn a_message_in_the_bulk_lane_waits_for_one_of_its_conversation_that_is_still_in_the_express_lane() {
    let stack = TestStack::start(PROGRAM).await;
    let recipient = "15562131056"; // too many for this recipient, says WhatsApp twice
    let first = stack.send_text(recipient, "first").await;
    stack.wait_for_asked(1).await;
    stack.wait_for_release(&first).await;
    stack.pass(Duration::from_secs(7));
    stack.wait_for_asked(2).await;
    stack.wait_for_release(&first).await; // for 16 seconds and more
    stack.book_ahead(Duration::from_secs(11)).await;
    let second = stack.send_text(recipient, "second").await;
    assert!(stack.record(&second).await.bulk.is_some());
    stack.wait_until_given_back(BULK, 1).await;

    stack.pass(Duration::from_secs(12));
    let claimed_and_let_go = || async {
        let images = stack.images(&second).await;
        let states: Vec<_> = images.iter().map(|image| image["status"].as_s().expect("text").as_str()).collect();
        (states.len() >= 3 && states[1..3] == ["sending", "queued"]).then_some(())
    };
    eventually("the second to be tried and let go", claimed_and_let_go).await;
    assert_eq!(stack.whatsapp().ledger().asked(), 2);

    stack.pass(Duration::from_secs(15));
    stack.wait_for_status(&first, "read").await;
    stack.pass(Duration::from_secs(3));
    stack.wait_for_status(&second, "read").await;
    let taken = stack.whatsapp().ledger().taken_by(recipient);
    let texts: Vec<_> = taken.iter().filter_map(|taken| taken.message["text"]["body"].as_str()).collect();
    assert_eq!(texts, ["first", "second"]);
}
