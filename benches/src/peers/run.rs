//! One run of one variant: a stack of its own, start-up, first invocations, then messages at a rate.

use std::ops::Range;
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::clock::{self, Timestamp};
use shared::ids::MessageId;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tokio::task::JoinSet;
use tokio::time::interval;

use super::figures::{Figures, OfFunction};
use super::metered::{MEASURED, Metered};
use super::plan::Plan;
use super::same_work;
use super::variant::Variant;
use crate::cost::assumptions::WHATSAPP_CALL;
use crate::percentiles::Percentiles;

/// Seconds of messages before those that count, so that connections are made.
const WARM_UP: usize = 3;
/// Processes of each function that are started before any message counts: on one machine, unlike on AWS, a starting process
/// slows down the others.
const PROCESSES: usize = 4;

/// A message that was accepted.
struct Accepted {
    id: MessageId,
    /// When its request was due.
    due: Timestamp,
    /// How long its 202 took from then on.
    took: Duration,
}

/// Measures.
///
/// # Panics
/// When the variant does not do the work.
pub async fn measure(program: &str, variant: Variant, plan: Plan) -> Figures {
    let Plan { messages, rate, .. } = plan;
    let warm_up = WARM_UP * rate as usize;
    let metered = Metered::start(program, variant).await;
    let credits = credits(&metered.stack).await;
    let mut start_up = Vec::new();
    for function in MEASURED {
        start_up.push(start_anew(&metered, function).await);
    }
    send(&metered, rate, 0..1).await;
    let first = MEASURED.map(|function| metered.function(function).total_duration());
    for function in MEASURED {
        for _ in 1..PROCESSES {
            metered.function(function).warm_up().await.expect("the function starts");
        }
    }
    send(&metered, rate, 1..1 + warm_up).await;
    let before = MEASURED.map(|function| metered.used(function));
    let accepted = send(&metered, rate, 1 + warm_up..1 + warm_up + messages).await;
    let after = MEASURED.map(|function| metered.used(function));
    let of = |place: usize, whatsapp| {
        OfFunction::new(start_up[place], first[place], [before[place], after[place]], messages, whatsapp)
    };
    let (send, deliver) = (of(0, Duration::ZERO), of(1, WHATSAPP_CALL));
    check(&metered.stack, 1 + warm_up + messages, credits).await;
    let sent = Percentiles::of(until_sent(&metered.stack, &accepted).await);
    let accepted = Percentiles::of(accepted.iter().map(|accepted| accepted.took).collect());
    same_work::check(&metered.stack).await;
    Figures { send, deliver, accepted, sent }
}

/// Ends a function's process and starts another one alone. Returns the time until it requests its first event.
async fn start_anew(metered: &Metered, name: &str) -> Duration {
    let function = metered.function(name);
    function.stop();
    let began = Instant::now();
    function.warm_up().await.expect("the function starts");
    began.elapsed()
}

/// Sends messages, each when it is due by the open model, and waits until all of them were read and their webhooks called.
/// Returns when each was accepted.
async fn send(metered: &Metered, rate: u32, numbers: Range<usize>) -> Vec<Accepted> {
    let stack = &metered.stack;
    let mut ticks = interval(Duration::from_secs(1) / rate);
    let mut sending = JoinSet::new();
    for number in numbers.clone() {
        let due = ticks.tick().await;
        let request = request(stack, number);
        sending.spawn(async move {
            let began = clock::now().minus(due.elapsed());
            let id = accepted(request).await;
            Accepted { id, due: began, took: due.elapsed() }
        });
        eprint!("\r{} of {} sent", number + 1 - numbers.start, numbers.len());
    }
    eprintln!();
    let accepted = sending.join_all().await;
    let all = 3 * numbers.end;
    eventually("three webhooks of each", || async { (stack.webhook.calls().len() >= all).then_some(()) }).await;
    let at_work = || stack.stack.functions.values().map(|function| function.concurrent_executions()).sum::<usize>();
    eventually("no function to be running", || async { (at_work() == 0).then_some(()) }).await;
    accepted
}

fn request(stack: &TestStack, number: usize) -> reqwest::RequestBuilder {
    let to = format!("55119{number:08}");
    let text = "Your order has left the house.";
    let body = json!({ "instanceId": stack.customer.instance_id, "to": to, "message": text });
    let request = stack.http.post(format!("{}/v1/messages/send", stack.stack.addresses.api));
    let request = request.bearer_auth(stack.customer.api_key.expose_secret()).body(body.to_string());
    request.header("content-type", "application/json").header("idempotency-key", format!("order-{number}"))
}

async fn accepted(request: reqwest::RequestBuilder) -> MessageId {
    let answer = request.send().await.expect("the API answers");
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    assert_eq!(status, 202, "{text}");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    answer["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id")
}

/// Each was sent once, without a delivery that was put off, and paid for once.
async fn check(stack: &TestStack, messages: usize, credits: i64) {
    let logs = stack.logs();
    let put_off = logs.lines().find(|line| line.contains("delivery.later") || line.contains("delivery.failed"));
    assert_eq!(put_off, None, "postponed deliveries");
    assert_eq!(stack.whatsapp().ledger().taken().len(), messages, "messages that WhatsApp accepted");
    assert_eq!(credits - self::credits(stack).await, i64::try_from(messages).expect("a count"), "credits");
}

async fn credits(stack: &TestStack) -> i64 {
    stack.ledger(&stack.customer.account_id).await.credits
}

/// From each message's record. Its time of acceptance cannot be used, since variants set it at different moments.
async fn until_sent(stack: &TestStack, accepted: &[Accepted]) -> Vec<Duration> {
    let mut taken = Vec::new();
    for Accepted { id, due, .. } in accepted {
        let record = stack.record(id).await;
        assert!(record.read_at.is_some(), "{id} was not read");
        taken.push(due.until(record.sent_at.expect("sent")));
    }
    taken
}
