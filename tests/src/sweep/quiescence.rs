//! Moves the clock until no work is left: before each step, all work in progress is finished.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use local::lambda::Function;
use local::lambda::event_sources::ReaderProgress;
use shared::aws::ItemKey;
use shared::message::{Direction, Message, State};
use tokio::time::Instant;

use super::evidence::{self, records};
use super::fixture::Fixture;
use crate::wait::PATIENCE;

/// How long a process stays frozen: longer than any lease and any visibility timeout.
const FROZEN: Duration = Duration::from_secs(200);
/// The steps of the clock and how often each is made: a day and a half in total, longer than anything waits.
const PACES: [(Duration, usize); 4] = [
    (Duration::from_secs(3), 3),
    (Duration::from_secs(61), 4),
    (Duration::from_secs(5 * 60), 8),
    (Duration::from_secs(15 * 60), 140),
];
/// Empty polls of a stream after which it is read to its end: one that began before the stack was idle, and one since.
const QUIET_POLLS: usize = 2;
/// The most invocations until nothing is in progress while the clock stands still: more are a circle. A campaign of 40
/// messages makes about 400.
const MAX_INVOCATIONS: usize = 10_000;
/// The queues that the functions read.
const QUEUES: [&str; 6] =
    ["ExpressQueue.fifo", "BulkQueue.fifo", "SettleQueue", "WebhookQueue", "MediaQueue", "DeliveryDeadLetters.fifo"];

/// The visible, in-flight and delayed messages of a queue.
type Counts = (usize, usize, usize);

/// Moves the clock until the stack is quiescent.
///
/// # Errors
/// The work that is left after a day and a half.
pub async fn run_until_quiescent(fixture: &Fixture) -> Result<(), String> {
    let mut frozen_for = Duration::ZERO;
    for (step, times) in PACES {
        for _ in 0..times {
            wait_until_idle(fixture).await?;
            if fixture.frozen().is_empty() && is_at_rest(fixture).await {
                // The last statuses may have come between two of these looks: their events leave before all is idle once more.
                wait_until_idle(fixture).await?;
                if pending_in_queues(fixture).await.is_empty() {
                    return Ok(());
                }
            }
            if !fixture.frozen().is_empty() {
                frozen_for += step;
                if frozen_for > FROZEN {
                    fixture.resume();
                    continue;
                }
            }
            fixture.stack.pass(step);
        }
    }
    Err(format!("not at rest after a day and a half: {}", pending_work(fixture).await.join("; ")))
}

/// Waits until no function and no call is in progress and the streams have been read since; the queues are polled all
/// the time. How long that takes depends on the machine, so what counts is whether work is finished.
///
/// # Errors
/// What is in progress when none has been finished for a minute, or more than can be left to do.
pub async fn wait_until_idle(fixture: &Fixture) -> Result<(), String> {
    let (began, mut progress) = (invocations(fixture).0, invocations(fixture));
    let mut until = Instant::now() + PATIENCE;
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    let mut quiet_since = None;
    let checkpoints = &fixture.stack.stack.checkpoints;
    loop {
        ticks.tick().await;
        let readings = checkpoints.progress();
        let work = at_work(fixture);
        match (&work, &quiet_since) {
            (Some(_), _) => quiet_since = None,
            (None, None) => quiet_since = Some(readings),
            (None, Some(since)) if are_read_since(since, &readings) => return Ok(()),
            (None, Some(_)) => checkpoints.request_polls(),
        }
        let reached = invocations(fixture);
        if reached != progress {
            (progress, until) = (reached, Instant::now() + PATIENCE);
        }
        if Instant::now() > until || reached.0 > began + MAX_INVOCATIONS {
            return Err(format!("never quiet: {}", work.unwrap_or_else(|| "the streams are not read".to_owned())));
        }
    }
}

/// How many invocations were started, and the time that finished ones took.
fn invocations(fixture: &Fixture) -> (usize, Duration) {
    let functions = || fixture.stack.stack.functions.values();
    (functions().map(Function::invocations).sum(), functions().map(Function::total_duration).sum())
}

fn are_read_since(since: &BTreeMap<String, ReaderProgress>, now: &BTreeMap<String, ReaderProgress>) -> bool {
    now.iter().all(|(reader, now)| now.idle_polls >= since.get(reader).map_or(0, |then| then.idle_polls) + QUIET_POLLS)
}

/// Work that is in progress. A message that is visible is either being received at this moment or blocked by
/// its conversation's head, so the queues say nothing.
fn at_work(fixture: &Fixture) -> Option<String> {
    let frozen = fixture.frozen();
    for (name, function) in &fixture.stack.stack.functions {
        let stopped = frozen.iter().filter(|pid| function.pids().borrow().contains(pid)).count();
        if function.concurrent_executions() > stopped {
            return Some(format!("{name} is at work"));
        }
    }
    if let Some(proxy) = fixture.proxies().iter().find(|proxy| proxy.busy() > 0) {
        return Some(format!("{} calls are under way", proxy.busy()));
    }
    None
}

/// Whether no work is left. Asks no more than it needs to.
async fn is_at_rest(fixture: &Fixture) -> bool {
    pending_in_queues(fixture).await.is_empty()
        && pending_of_accounts(fixture).await.is_empty()
        && pending_messages(fixture).await.is_empty()
}

/// The work that is left, as text.
async fn pending_work(fixture: &Fixture) -> Vec<String> {
    let (messages, accounts) = (pending_messages(fixture).await, pending_of_accounts(fixture).await);
    [messages, accounts, pending_in_queues(fixture).await].concat()
}

async fn pending_messages(fixture: &Fixture) -> Vec<String> {
    let mut pending = Vec::new();
    let taken: HashSet<String> =
        evidence::taken_ids(fixture.stack.whatsapp().ledger()).into_iter().map(|(id, _)| id).collect();
    for record in records(fixture).await.iter().filter(|record| record.direction == Direction::Outbound) {
        if record.status.public_status() == "queued" {
            pending.push(format!("{} to {} is {:?}", record.id, record.contact, record.status));
        } else if taken.contains(record.id.as_str()) && awaits_reports(record) {
            pending.push(format!("{} was accepted and reported, and is {:?}", record.id, record.status));
        }
    }
    pending
}

async fn pending_of_accounts(fixture: &Fixture) -> Vec<String> {
    let mut pending = Vec::new();
    for tenant in &fixture.tenants {
        let ledger = fixture.stack.ledger(&tenant.account).await;
        if !ledger.reservations.is_empty() {
            pending.push(format!("{} has {} reservations", tenant.account, ledger.reservations.len()));
        }
        let batches = ItemKey::batch_partition(&tenant.account);
        let open = fixture.stack.accounts.query_items(&batches, "open#").await.expect("the table answers");
        if !open.is_empty() {
            pending.push(format!("{} has {} open batches", tenant.account, open.len()));
        }
        if !ledger.bulk_marks.is_empty() {
            pending.push(format!("{} has a number in the bulk lane", tenant.account));
        }
    }
    let waiting = fixture.stack.waiting_deliveries().await;
    if waiting > 0 {
        pending.push(format!("{waiting} webhook attempts are due"));
    }
    pending
}

/// Whether any event waits for its webhook.
pub async fn has_waiting_webhooks(fixture: &Fixture) -> bool {
    counts(fixture, "WebhookQueue").await != Some((0, 0, 0)) || fixture.stack.waiting_deliveries().await > 0
}

/// What waits in queues and streams.
async fn pending_in_queues(fixture: &Fixture) -> Vec<String> {
    let readings = fixture.stack.stack.checkpoints.progress().into_iter();
    let mut pending: Vec<String> = readings
        .filter(|(_, reading)| reading.has_pending_records)
        .map(|(reader, _)| format!("{reader} is behind"))
        .collect();
    for queue in QUEUES {
        match counts(fixture, queue).await {
            Some((0, 0, 0)) => {}
            counts => pending.push(format!("{queue} has {counts:?}")),
        }
    }
    pending
}

/// Whether WhatsApp has more to report about a message that it accepted (docs/simulator.md).
fn awaits_reports(record: &Message) -> bool {
    match record.contact.as_str() {
        "15550100002" | "15550100012" | "15550100016" => false,
        "15550100013" => record.status.rank() < State::Delivered.rank(),
        phone if phone.len() == 10 && phone.starts_with("1559") => record.status.rank() < State::Failed.rank(),
        _ => record.status != State::Read,
    }
}

async fn counts(fixture: &Fixture, queue: &str) -> Option<Counts> {
    let request = fixture.stack.stack.clients.sqs.get_queue_attributes().queue_url(fixture.stack.queue_url(queue));
    let answer = request.attribute_names(QueueAttributeName::All).send().await.ok()?;
    let count = |name: QueueAttributeName| answer.attributes()?.get(&name)?.parse().ok();
    Some((
        count(QueueAttributeName::ApproximateNumberOfMessages)?,
        count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)?,
        count(QueueAttributeName::ApproximateNumberOfMessagesDelayed)?,
    ))
}
