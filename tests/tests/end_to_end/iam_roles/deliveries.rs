//! Messages whose delivery goes wrong.

use std::time::Duration;

use shared::ledger::Lane;
use shared::message::State;
use tests::test_stack::{FAR_AHEAD, UNTIL_SETTLED};
use tests::wait::eventually;

use super::{A_MINUTE, Used, start};

/// An unreadable answer, and then no callback of the number. Then a dead letter.
pub async fn outcomes_that_are_unknown() -> Used {
    let (proxied, needs) = start().await;
    let stack = &proxied.stack;
    let unknown = stack.send_text("15550100007", "a web page").await;
    stack.wait_for_state(&unknown, State::Unknown).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.wait_for_in_flight("ExpressQueue.fifo", 0).await; // or its queue message would come again
    stack.pass(UNTIL_SETTLED); // its number's callbacks are silent, so it is put off
    let looked = || async { stack.logs().contains("callbacks.silent").then_some(()) };
    eventually("settle to check the message", looked).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.note_callback_now().await;
    stack.pass(UNTIL_SETTLED);
    stack.wait_for_status(&unknown, "failed").await;
    stack.enqueue("DeliveryDeadLetters.fifo", &stack.insert_queued(|_| {}).await).await;
    stack.pass(A_MINUTE);
    stack.wait_until_empty("DeliveryDeadLetters.fifo").await;
    stack.wait_until_idle("settle").await; // the proxy has seen its calls
    needs.so_far()
}

/// A batch in which one call hangs.
pub async fn a_call_that_hangs(lane: Lane) -> Used {
    let (proxied, needs) = start().await;
    let stack = &proxied.stack;
    let queue = match lane {
        Lane::Express => {
            let until = stack.now().plus(FAR_AHEAD);
            stack.pause_instance(until).await;
            "ExpressQueue.fifo"
        }
        Lane::Bulk => {
            stack.book_ahead(FAR_AHEAD).await;
            "BulkQueue.fifo"
        }
    };
    let hangs = stack.send_text("15550100001", "hangs").await;
    let beside = stack.send_text("5511900000001", "beside it").await;
    stack.wait_until_returned(queue, [&hangs, &beside]).await;
    stack.pass(FAR_AHEAD + A_MINUTE); // makes both visible at once, so that one batch has both
    stack.wait_for_status(&beside, "read").await;
    let deleted = || async {
        let calls = proxied.sqs.calls_by_caller();
        calls.contains_key(&("deliver".to_owned(), "DeleteMessageBatch".to_owned())).then_some(())
    };
    eventually("the other message to be deleted before its batch returns", deleted).await;
    needs.so_far()
}

/// An invalid token in an answer, and a policy block in a callback.
pub async fn numbers_that_are_stopped() -> Used {
    let (proxied, needs) = start().await;
    let stack = &proxied.stack;
    let stopped = stack.send_text("1559131048", "stops the number").await;
    stack.wait_for_status(&stopped, "failed").await;
    stack.pass(Duration::from_secs(16 * 60));
    let dead = stack.send_text("1555000190", "a dead token").await;
    stack.wait_for_status(&dead, "failed").await;
    needs.so_far()
}
