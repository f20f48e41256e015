//! Time, moved until nothing is left to do: each step waits until nothing happens by itself.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use local::sources::Reading;
use shared::clock::Timestamp;
use shared::message::Direction;
use shared::state::State;

use super::evidence::{self, records};
use super::stage::Stage;
use crate::wait::PATIENCE;

/// How long a process stays stopped: longer than any lease and any visibility time-out.
const FROZEN: Duration = Duration::from_secs(200);
/// How time moves, and how often at that pace: in the end a day and a half, longer than anything may wait.
const PACES: [(Duration, usize); 4] = [
    (Duration::from_secs(3), 3),
    (Duration::from_secs(61), 4),
    (Duration::from_secs(5 * 60), 8),
    (Duration::from_secs(15 * 60), 140),
];
/// Polls of a stream without a record from which on it is read to its end: one that began before all was quiet, and one since.
const QUIET_POLLS: usize = 2;
/// The queues that the functions read.
const QUEUES: [&str; 5] =
    ["ExpressQueue.fifo", "BulkQueue.fifo", "SettleQueue", "WebhookQueue", "DeliveryDeadLetters.fifo"];

/// What is in a queue: messages that are visible, in flight, delayed.
type Counts = (usize, usize, usize);

/// Moves the clock until everything has come to rest.
///
/// # Errors
/// What did not, in words, after a day and a half.
pub async fn come_to_rest(stage: &Stage) -> Result<(), String> {
    let mut frozen_for = Duration::ZERO;
    for (step, times) in PACES {
        for _ in 0..times {
            be_quiet(stage).await?;
            if stage.frozen().is_empty() && unrest(stage).await.is_empty() {
                return Ok(());
            }
            if !stage.frozen().is_empty() {
                frozen_for += step;
                if frozen_for > FROZEN {
                    stage.thaw();
                    continue;
                }
            }
            stage.stack.pass(step);
        }
    }
    Err(format!("not at rest after a day and a half: {}", unrest(stage).await.join("; ")))
}

/// Waits until nothing is at work and the streams have been read since; the queues are always being read.
async fn be_quiet(stage: &Stage) -> Result<(), String> {
    let until = tokio::time::Instant::now() + PATIENCE;
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    let mut quiet_since = None;
    loop {
        ticks.tick().await;
        let readings = stage.stack.stack.checkpoints.readings();
        let work = at_work(stage);
        match (&work, &quiet_since) {
            (Some(_), _) => quiet_since = None,
            (None, None) => quiet_since = Some(readings),
            (None, Some(since)) if are_read_since(since, &readings) => return Ok(()),
            (None, Some(_)) => {}
        }
        if tokio::time::Instant::now() > until {
            return Err(format!("never quiet: {}", work.unwrap_or_else(|| "the streams are not read".to_owned())));
        }
    }
}

fn are_read_since(since: &BTreeMap<String, Reading>, now: &BTreeMap<String, Reading>) -> bool {
    now.iter().all(|(reader, now)| now.idle_polls >= since.get(reader).map_or(0, |then| then.idle_polls) + QUIET_POLLS)
}

/// Something that goes on by itself. A message that is visible is either being received at this moment or blocked by its
/// conversation's head, so the queues say nothing.
fn at_work(stage: &Stage) -> Option<String> {
    let frozen = stage.frozen();
    for (name, function) in &stage.stack.stack.functions {
        let stopped = frozen.iter().filter(|pid| function.pids().borrow().contains(pid)).count();
        if function.at_work() > stopped {
            return Some(format!("{name} is at work"));
        }
    }
    if let Some(proxy) = stage.proxies().iter().find(|proxy| proxy.busy() > 0) {
        return Some(format!("{} calls are under way", proxy.busy()));
    }
    None
}

/// What is not at rest, in words.
async fn unrest(stage: &Stage) -> Vec<String> {
    let mut unrest = Vec::new();
    let taken: HashSet<String> =
        evidence::taken_ids(stage.stack.whatsapp().ledger()).into_iter().map(|(id, _)| id).collect();
    for record in records(stage).await.iter().filter(|record| record.direction == Direction::Outbound) {
        if record.status.shown() == "queued" {
            unrest.push(format!("{} to {} is {:?}", record.id, record.phone, record.status));
        } else if taken.contains(record.id.as_str()) && record.status != State::Read {
            unrest.push(format!("{} was taken, and read by the phone, and is {:?}", record.id, record.status));
        }
    }
    for tenant in stage.tenants() {
        let meter = stage.stack.meter(&tenant.account).await;
        if !meter.reservations.is_empty() {
            unrest.push(format!("{} has {} reservations", tenant.account, meter.reservations.len()));
        }
        if !meter.bulk.is_empty() {
            unrest.push(format!("{} has a number in the bulk lane", tenant.account));
        }
    }
    for queue in QUEUES {
        match counts(stage, queue).await {
            Some((0, 0, 0)) => {}
            counts => unrest.push(format!("{queue} has {counts:?}")),
        }
    }
    let readings = stage.stack.stack.checkpoints.readings().into_iter();
    unrest.extend(readings.filter(|(_, reading)| reading.is_behind).map(|(reader, _)| format!("{reader} is behind")));
    let due = stage.stack.accounts.due_logs(Timestamp::from_millis(i64::MAX), 100).await.unwrap_or_default();
    if !due.is_empty() {
        unrest.push(format!("{} webhook attempts are due", due.len()));
    }
    unrest
}

async fn counts(stage: &Stage, queue: &str) -> Option<Counts> {
    let request = stage.stack.stack.clients.sqs.get_queue_attributes().queue_url(stage.stack.queue_url(queue));
    let answer = request.attribute_names(QueueAttributeName::All).send().await.ok()?;
    let count = |name: QueueAttributeName| answer.attributes()?.get(&name)?.parse().ok();
    Some((
        count(QueueAttributeName::ApproximateNumberOfMessages)?,
        count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)?,
        count(QueueAttributeName::ApproximateNumberOfMessagesDelayed)?,
    ))
}
