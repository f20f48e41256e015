//! The throughput of one `receive` process: sequential callbacks, each about another message.

use std::time::Instant;

use shared::message::State;
use tests::test_stack::TestStack;

use crate::percentiles::Percentiles;
use crate::statuses::Statuses;

/// Posts the callbacks and prints how fast they were applied.
pub async fn measure(program: &str, callbacks: usize) {
    let stack = TestStack::start(program).await;
    let sent = stack.send_text("15550100012", "reported by nobody").await; // the simulator stays silent
    let statuses = Statuses::like(&stack, stack.wait_for_state(&sent, State::Sent).await);
    for of_one in [1, 10] {
        let mut bodies = Vec::new();
        for _ in 0..callbacks / of_one {
            bodies.push(statuses.delivered(of_one).await.1);
        }
        let begun = Instant::now();
        let mut taken = Vec::new();
        for body in &bodies {
            let began = Instant::now();
            assert_eq!(stack.post_callback(body, None).await, 200, "each is acknowledged");
            taken.push(began.elapsed());
        }
        let rate = bodies.len() as f64 / begun.elapsed().as_secs_f64();
        assert_eq!(stack.stack.functions["receive"].pids().borrow().len(), 1, "one process did all of it");
        let updates = rate * of_one as f64;
        let taken = Percentiles::of(taken);
        println!(
            "One receive process, {of_one} statuses a callback: {rate:.0} callbacks ({updates:.0} updates) a second; {taken}"
        );
    }
}
