//! One run of one variant: a stack of its own, start-up, first invocations, then messages at a rate.

use std::ops::Range;
use std::time::{Duration, Instant};

use tests::test_stack::TestStack;
use tests::wait::eventually;

use super::figures::{Figures, OfFunction};
use super::gateway::Gateway;
use super::load::{self, Accepted, WARM_UP};
use super::metered::{MEASURED, Metered};
use super::plan::Plan;
use super::same_work;
use super::variant::Variant;
use super::whole::{Part, Whole};
use crate::cost::assumptions::WHATSAPP_CALL;
use crate::percentiles::Percentiles;

/// Processes of each function that are started before any message counts: on one machine, unlike on AWS, a starting process
/// slows down the others.
const PROCESSES: usize = 4;

/// Measures.
///
/// # Panics
/// When the variant does not do the work.
pub async fn measure(program: &str, variant: Variant, plan: Plan) -> Figures {
    let Plan { messages, rate, .. } = plan;
    let warm_up = WARM_UP * rate as usize;
    let metered = Metered::start(program, variant).await;
    let gateway = Gateway::of_stack(&metered.stack);
    let credits = credits(&metered.stack).await;
    let mut start_up = Vec::new();
    for function in MEASURED {
        start_up.push(start_anew(&metered, function).await);
    }
    send(&metered, &gateway, rate, 0..1).await;
    let first = MEASURED.map(|function| metered.function(function).total_duration());
    for function in MEASURED {
        for _ in 1..PROCESSES {
            metered.function(function).warm_up().await.expect("the function starts");
        }
    }
    send(&metered, &gateway, rate, 1..1 + warm_up).await;
    let (before, all_before) = (MEASURED.map(|function| metered.used(function)), metered.used_by_all());
    let accepted = send(&metered, &gateway, rate, 1 + warm_up..1 + warm_up + messages).await;
    let (after, all_after) = (MEASURED.map(|function| metered.used(function)), metered.used_by_all());
    let of = |place: usize, whatsapp| {
        OfFunction::new(start_up[place], first[place], [before[place], after[place]], messages, whatsapp)
    };
    let (send, deliver) = (of(0, Duration::ZERO), of(1, WHATSAPP_CALL));
    load::check(&gateway, 1 + warm_up + messages);
    check(&metered.stack, 1 + warm_up + messages, credits).await;
    let sent = Percentiles::of(until_sent(&metered.stack, &accepted).await);
    let parts = vec![Part::new("functions", [all_before, all_after], messages)];
    same_work::check(&gateway, async || self::credits(&metered.stack).await).await;
    Figures { send, deliver, sent, whole: Whole::new(parts, &gateway, &accepted) }
}

/// Ends a function's process and starts another one alone. Returns the time until it requests its first event.
async fn start_anew(metered: &Metered, name: &str) -> Duration {
    let function = metered.function(name);
    function.stop();
    let began = Instant::now();
    function.warm_up().await.expect("the function starts");
    began.elapsed()
}

/// Sends messages and waits until all of them were read, their webhooks called, and no function is running.
async fn send(metered: &Metered, gateway: &Gateway, rate: u32, numbers: Range<usize>) -> Vec<Accepted> {
    let accepted = load::send(gateway, rate, numbers).await;
    let functions = &metered.stack.stack.functions;
    let at_work = || functions.values().map(|function| function.concurrent_executions()).sum::<usize>();
    eventually("no function to be running", || async { (at_work() == 0).then_some(()) }).await;
    accepted
}

/// No delivery was put off, and each message was paid for once.
async fn check(stack: &TestStack, messages: usize, credits: i64) {
    let logs = stack.logs();
    let put_off = logs.lines().find(|line| line.contains("delivery.later") || line.contains("delivery.failed"));
    assert_eq!(put_off, None, "postponed deliveries");
    assert_eq!(credits - self::credits(stack).await, i64::try_from(messages).expect("a count"), "credits");
}

async fn credits(stack: &TestStack) -> i64 {
    stack.ledger(&stack.customer.account_id).await.credits
}

/// From each message's record. Its time of acceptance cannot be used, since variants set it at different moments.
async fn until_sent(stack: &TestStack, accepted: &[Accepted]) -> Vec<Duration> {
    let mut taken = Vec::new();
    for Accepted { id, due, .. } in accepted {
        let record = stack.record(&id.parse().expect("an id")).await;
        assert!(record.read_at.is_some(), "{id} was not read");
        taken.push(due.until(record.sent_at.expect("sent")));
    }
    taken
}
