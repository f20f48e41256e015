//! What a message costs and takes while others of the same account wait for their slots.

use std::sync::Arc;
use std::time::{Duration, Instant};

use local::lambda::Function;
use shared::ids::InstanceId;
use shared::state::State;
use tests::process::cpu_time;

use crate::percentiles::Percentiles;
use crate::performance::latencies::Latencies;
use crate::performance::load::Load;
use crate::performance::told::callback_to_webhook;
use crate::performance::waiting;
use crate::spread::Spread;
use crate::statuses::Statuses;

/// Messages a second beside the backlog.
pub const RATE: u64 = 50;
/// The most that `send` accepts ahead for one number (`shared::slots`).
const OF_ONE_NUMBER: usize = 20_000;
/// When the first of the backlog may leave: long after everything is measured.
const LEAD: Duration = Duration::from_secs(2 * 60 * 60);

/// What was measured beside a backlog.
pub struct Beside {
    /// Messages that wait.
    pub backlog: usize,
    /// From arrival to 202.
    pub accept: Latencies,
    /// From acceptance to `sent`.
    pub queued_to_sent: Latencies,
    /// From callback to webhook.
    pub told: Latencies,
    /// Processor milliseconds of a message, of all functions.
    pub functions: Spread,
    /// The same of this program: servers and clients.
    pub servers: Spread,
}

/// Measures so many runs of so many messages beside each backlog, one after another in the same stack.
pub async fn measure(program: &str, runs: usize, backlogs: &[usize], messages: usize) -> Vec<Beside> {
    let load = Load::start(program).await;
    let sent = load.stack.send_text("15550100012", "reported by nobody").await;
    load.tells_besides(1);
    let statuses = Statuses::like(&load.stack, load.stack.wait_for_state(&sent, State::Sent).await);
    run(&load, messages).await; // processes start and connections are made
    let (mut waits, mut measured) = (0, Vec::new());
    for backlog in backlogs {
        let begun = Instant::now();
        grow(&load, waits, *backlog).await;
        eprintln!("a backlog of {backlog} was made in {:.0} s", begun.elapsed().as_secs_f64());
        waits = *backlog;
        measured.push(beside(&load, &statuses, runs, *backlog, messages).await);
    }
    measured
}

async fn grow(load: &Load, from: usize, to: usize) {
    let stack = &load.stack;
    let first = stack.now().plus(LEAD);
    let mut waits = from;
    while waits < to {
        let instance = format!("inst_waiting{}", waits / OF_ONE_NUMBER);
        stack.copy_instance_to(&stack.customer.account_id, &instance).await;
        let instance: InstanceId = instance.parse().expect("an id");
        let count = (to - waits).min(OF_ONE_NUMBER - waits % OF_ONE_NUMBER);
        waiting::put(stack, &instance, first, waits, count).await;
        waits += count;
    }
    waiting::wait_until_given_back(stack, to).await;
}

async fn beside(load: &Arc<Load>, statuses: &Statuses<'_>, runs: usize, backlog: usize, messages: usize) -> Beside {
    let (mut accept, mut sent, mut told, mut used) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for number in 1..=runs {
        eprintln!("beside a backlog of {backlog}: run {number} of {runs}");
        let (accepted, queued_to_sent, millis) = run(load, messages).await;
        accept.push(accepted);
        sent.push(queued_to_sent);
        used.push(millis);
        let callbacks = messages / 2;
        load.tells_besides(callbacks);
        told.push(callback_to_webhook(&load.stack, statuses, &load.stack.webhook, callbacks).await);
    }
    Beside {
        backlog,
        accept: Latencies::of(accept),
        queued_to_sent: Latencies::of(sent),
        told: Latencies::of(told),
        functions: Spread::of(used.iter().map(|[functions, _]| *functions)),
        servers: Spread::of(used.iter().map(|[_, servers]| *servers)),
    }
}

/// Latencies, and processor milliseconds of a message: of all functions, and of this program.
async fn run(load: &Arc<Load>, messages: usize) -> (Percentiles, Percentiles, [f64; 2]) {
    let before = used(load);
    let accepted = load.send_at(RATE, messages).await;
    load.wait_until_told().await;
    let after = used(load);
    let each = |now: Duration, before: Duration| now.saturating_sub(before).as_secs_f64() * 1000.0 / messages as f64;
    let of_a_message = [0, 1].map(|of: usize| each(after[of], before[of]));
    let taken = Percentiles::of(accepted.iter().map(|message| message.took).collect());
    (taken, load.queued_to_sent(&accepted).await, of_a_message)
}

fn used(load: &Load) -> [Duration; 2] {
    let of = |function: &Function| -> Duration { function.pids().borrow().iter().map(|pid| cpu_time(*pid)).sum() };
    [load.stack.stack.functions.values().map(of).sum(), cpu_time(std::process::id())]
}
