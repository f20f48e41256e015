//! The usage and latency of a message while others of the same account wait for their slots.

use std::sync::Arc;
use std::time::{Duration, Instant};

use local::lambda::Function;
use shared::ids::InstanceId;
use shared::message::State;
use tests::process::cpu_time;
use tests::proxy::Proxy;

use crate::cost::units::{For, Units};
use crate::percentiles::Percentiles;
use crate::performance::latencies::Latencies;
use crate::performance::load::Load;
use crate::performance::waiting;
use crate::performance::webhook_latency::callback_to_webhook;
use crate::spread::Spread;
use crate::statuses::Statuses;

/// Messages a second beside the backlog.
pub const RATE: u64 = 50;
/// The most that `send` accepts ahead for one number (`shared::ledger::slot_shares`).
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
    pub notified: Latencies,
    /// What a message used.
    pub used: Vec<Used>,
}

impl Beside {
    /// A figure's spread over the runs.
    pub fn spread(&self, figure: impl Fn(&Used) -> f64) -> Spread {
        Spread::of(self.used.iter().map(figure))
    }
}

/// What was used, in all or by one message.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    /// Processor milliseconds of all functions.
    pub functions: f64,
    /// The same of this program: servers, proxies and clients.
    pub servers: f64,
    /// Calls of DynamoDB and SQS.
    pub calls: f64,
    /// DynamoDB's write units.
    pub writes: f64,
    /// DynamoDB's read units.
    pub reads: f64,
}

/// The stack, and the meters between its functions and its AWS servers.
struct Metered {
    load: Arc<Load>,
    proxies: [Proxy; 3],
    units: Arc<Units>,
}

/// Measures so many runs of so many messages beside each backlog, one after another in the same stack.
pub async fn measure(program: &str, runs: usize, backlogs: &[usize], messages: usize) -> Vec<Beside> {
    let (load, proxies) = Load::start_between(program).await;
    let metered = Metered { load: load.clone(), proxies, units: Arc::default() };
    metered.proxies[0].listen(metered.units.clone());
    let sent = load.stack.send_text("15550100012", "reported by nobody").await;
    load.tells_besides(1);
    let statuses = Statuses::like(&load.stack, load.stack.wait_for_state(&sent, State::Sent).await);
    metered.run(messages).await; // processes start and connections are made
    let (mut waits, mut measured) = (0, Vec::new());
    for backlog in backlogs {
        let begun = Instant::now();
        grow(&load, waits, *backlog).await;
        eprintln!("a backlog of {backlog} was made in {:.0} s", begun.elapsed().as_secs_f64());
        waits = *backlog;
        measured.push(metered.beside(&statuses, runs, *backlog, messages).await);
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
}

impl Metered {
    async fn beside(&self, statuses: &Statuses<'_>, runs: usize, backlog: usize, messages: usize) -> Beside {
        let (mut accept, mut sent, mut notified, mut used) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for number in 1..=runs {
            eprintln!("beside a backlog of {backlog}: run {number} of {runs}");
            let (accepted, queued_to_sent, of_a_message) = self.run(messages).await;
            accept.push(accepted);
            sent.push(queued_to_sent);
            used.push(of_a_message);
            let (callbacks, stack) = (messages / 2, &self.load.stack);
            self.load.tells_besides(callbacks);
            notified.push(callback_to_webhook(stack, statuses, &stack.webhook, callbacks).await);
        }
        let (accept, queued_to_sent, notified) = (Latencies::of(accept), Latencies::of(sent), Latencies::of(notified));
        Beside { backlog, accept, queued_to_sent, notified, used }
    }

    /// Latencies, and what a message used.
    async fn run(&self, messages: usize) -> (Percentiles, Percentiles, Used) {
        let before = self.used();
        let accepted = self.load.send_at(RATE, messages).await;
        self.load.wait_until_told().await;
        let of_a_message = self.used().since(before, messages);
        let taken = Percentiles::of(accepted.iter().map(|message| message.took).collect());
        (taken, self.load.queued_to_sent(&accepted).await, of_a_message)
    }

    /// What was used so far.
    fn used(&self) -> Used {
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        let of = |function: &Function| -> Duration { function.pids().borrow().iter().map(|pid| cpu_time(*pid)).sum() };
        let (mut writes, mut reads) = (0.0, 0.0);
        for ((_, _, purpose), units) in self.units.consumed() {
            *(if purpose == For::Read { &mut reads } else { &mut writes }) += units;
        }
        Used {
            functions: millis(self.load.stack.stack.functions.values().map(of).sum()),
            servers: millis(cpu_time(std::process::id())),
            calls: self.proxies[..2].iter().flat_map(|proxy| proxy.calls().into_values()).sum::<usize>() as f64,
            writes,
            reads,
        }
    }
}

impl Used {
    /// The usage since then, divided by the number of messages.
    fn since(self, before: Self, messages: usize) -> Self {
        let each = |of: fn(&Self) -> f64| (of(&self) - of(&before)) / messages as f64;
        Self {
            functions: each(|used| used.functions),
            servers: each(|used| used.servers),
            calls: each(|used| used.calls),
            writes: each(|used| used.writes),
            reads: each(|used| used.reads),
        }
    }
}
