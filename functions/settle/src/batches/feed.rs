//! The feeder of batches: enqueues the messages that may leave until its next run, one of each batch in turn. So a small batch
//! is not behind a large one that came before it.
//!
//! While batches leave it runs every few seconds: what `deliver` receives together is little, and delays nothing else. Each run
//! schedules the next one; what broke off begins with the run of the minute.
//!
//! A batch remembers the row up to which its messages were enqueued. What was enqueued before a crash is enqueued once more,
//! which does no harm: the claim decides.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use futures::stream::{self, StreamExt, TryStreamExt};
use shared::aws::{MAX_QUEUE_DELAY, ProcessingError};
use shared::batch::OpenBatch;
use shared::clock::Timestamp;
use shared::ids::MessageId;
use shared::instance::Instance;
use shared::ledger::{BookedSlots, Lane, MAX_SLOT_WAIT, SendSlots, TABLE_WAIT, WaitingMessages, WantedSlots};
use shared::message::batch_row::row_ids;
use shared::message::{BatchesOf, MAX_PAGE, Message, QueueEntry};

use super::rows;
use crate::feeder::PROBES;
use crate::settler::Settler;

/// The time from one run to the next.
const FEED_PERIOD: Duration = Duration::from_secs(3);
/// How far ahead messages are enqueued: until the next run, and for one that begins late. What is enqueued comes before a batch that
/// is accepted now. `deliver` holds it until its slot.
const AHEAD: Duration = MAX_SLOT_WAIT;
/// When the first slot is while no batch leaves: until then its message is enqueued, and a process of `deliver` has started.
const START: Duration = Duration::from_millis(500);
/// How much earlier than its `sendAt` a batch is enqueued at most, its slots at that time: clocks differ.
const EARLY: Duration = Duration::from_secs(1);
/// Batches whose progress is written at the same time.
const MAX_WRITES: usize = 16;
/// How long after its last slot a batch is looked at.
const LOOK_AFTER: Duration = Duration::from_secs(5);

/// Enqueues the next messages of an instance's batches. Returns the batches whose messages cannot leave any more.
pub async fn feed<'a>(
    settler: &Settler,
    of: &BatchesOf,
    waiting: &'a [OpenBatch],
    now: Timestamp,
) -> Result<Vec<&'a OpenBatch>, ProcessingError> {
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let instance = settler.instances.get(&of.account_id, &of.instance_id).await?;
    let (undeliverable, hopeful) = waiting.iter().partition(|batch| is_undeliverable(batch, instance.as_ref(), now));
    let (Some(instance), Some(number)) = (&instance, instance.as_ref().and_then(Instance::connected_number)) else {
        return Ok(undeliverable);
    };
    if !instance.is_stopped_for_longer(TABLE_WAIT, now) {
        let hopeful: Vec<&OpenBatch> = hopeful;
        let due: Vec<&OpenBatch> = hopeful.into_iter().filter(|batch| is_due(batch, now)).collect();
        feed_in_turn(settler, of, (number.slots(), instance.is_probed()), &due, now).await?;
    }
    Ok(undeliverable)
}

/// Whether the messages of a batch cannot leave any more: it has expired, or its instance is deleted or disconnected.
pub fn is_undeliverable(batch: &OpenBatch, instance: Option<&Instance>, now: Timestamp) -> bool {
    // A number that is disconnected today may be connected at a batch's `sendAt`.
    let is_disconnected = instance.is_some_and(|instance| instance.connected_number().is_none());
    batch.deadline <= now || instance.is_none() || (is_disconnected && is_due(batch, now))
}

/// Whether a batch may leave.
pub fn is_due(batch: &OpenBatch, now: Timestamp) -> bool {
    batch.send_at.is_none_or(|send_at| send_at <= now.plus(EARLY))
}

/// Enqueues the next messages of batches in turn, as many as leave until the next run, and schedules that run.
async fn feed_in_turn(
    settler: &Settler,
    of: &BatchesOf,
    (slots, is_probed): (SendSlots, bool),
    batches: &[&OpenBatch],
    now: Timestamp,
) -> Result<(), ProcessingError> {
    let all: usize = batches.iter().map(|batch| usize::from(batch.left())).sum();
    let most = if is_probed { all.min(PROBES.into()) } else { all };
    if most == 0 {
        return Ok(());
    }
    let waiting = WaitingMessages::OfBatches { until: now.plus(AHEAD), least: FEED_PERIOD / 2 };
    // No slot is before its batch, by whatever clock that was accepted.
    let begin = batches.iter().map(|batch| batch.send_at.unwrap_or(batch.created_at));
    let not_before = begin.fold(now.plus(START), Timestamp::max);
    let wanted = WantedSlots { slots, most, not_before, waiting };
    let booked = settler.waiting_slots.book(&of.account_id, &of.instance_id, wanted, now).await?;
    let Some(booked) = booked else { return Ok(()) };
    enqueue(settler, turns(batches, &booked), &booked, now).await?;
    if is_probed {
        return Ok(()); // the schedule begins anew
    }
    // A run that comes too early schedules another one.
    match next_run(&booked, most, now).map(|at| at.min(now.plus(MAX_QUEUE_DELAY))) {
        Some(at) if !settler.next_runs.is_ahead(&of.instance_id, now) => {
            settler.queues.settle.feed_batches(of, now.until(at)).await?;
            settler.next_runs.note(&of.instance_id, at);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// When the next run has something to do, or when it makes room for a batch that is accepted meanwhile and would find too little to
/// begin by itself. What was charged before, or came late, may keep the first slots.
fn next_run(booked: &BookedSlots, most: usize, now: Timestamp) -> Option<Timestamp> {
    let is_full = booked.at(booked.count) > now.plus(AHEAD - FEED_PERIOD / 2);
    let next = if booked.count == 0 { booked.at(0).minus(FEED_PERIOD) } else { now };
    (booked.count < most || is_full).then(|| next.max(now.plus(FEED_PERIOD)))
}

/// Enqueues messages of a batch once more that were enqueued long ago, in the next slots, as many as leave until the next run.
/// What is in the queue all the same does no harm: the claim decides.
pub async fn enqueue_again(
    settler: &Settler,
    open: &OpenBatch,
    lost: &[&Message],
    now: Timestamp,
) -> Result<(), ProcessingError> {
    if lost.is_empty() {
        return Ok(());
    }
    let instance = settler.instances.get(&open.account_id, &open.instance_id).await?;
    if instance.as_ref().is_some_and(Instance::is_probed) {
        return Ok(());
    }
    let round = format!("look{}", open.looks);
    let entry = |(message, slot): (&Message, Timestamp)| QueueEntry::new(message, slot, &round);
    let entries: Vec<QueueEntry> = match instance.as_ref().and_then(Instance::connected_number) {
        // `deliver` fails them.
        None => lost.iter().map(|message| entry((*message, now))).collect(),
        Some(number) => {
            let waiting = WaitingMessages::OfBatches { until: now.plus(AHEAD), least: Duration::ZERO };
            let (slots, not_before) = (number.slots(), now.plus(START));
            let wanted = WantedSlots { slots, most: lost.len(), not_before, waiting };
            let booked = settler.waiting_slots.book(&open.account_id, &open.instance_id, wanted, now).await?;
            let Some(booked) = booked.filter(|booked| booked.count > 0) else { return Ok(()) };
            let slots = (0..booked.count).map(|turn| booked.at(turn));
            lost.iter().copied().zip(slots).map(entry).collect()
        }
    };
    tracing::warn!(batch_id = %open.id, messages = entries.len(), "batch.enqueued_again");
    Ok(settler.queues.enqueue_all(Lane::Bulk, entries).await?)
}

/// The next rows of a batch, each with its turn.
struct Turns<'a> {
    batch: &'a OpenBatch,
    /// Of the rows from `batch.next` on.
    turns: Vec<usize>,
}

/// Gives the batches their turns: each gets one until none is left, or it has none to take. Who is first follows from the number of the
/// first slot: so a run that has fewer slots than there are batches goes on where the one before it ended.
fn turns<'a>(batches: &[&'a OpenBatch], booked: &BookedSlots) -> Vec<Turns<'a>> {
    let mut all: Vec<Turns<'a>> = batches.iter().map(|batch| Turns { batch, turns: Vec::new() }).collect();
    all.rotate_left(booked.number() % batches.len().max(1));
    let (mut left, mut turn) = (booked.count, 0);
    while left > 0 {
        let before = turn;
        for batch in all.iter_mut().filter(|it| it.turns.len() < usize::from(it.batch.left())).take(left) {
            batch.turns.push(turn);
            turn += 1;
        }
        left -= turn - before;
        if turn == before {
            break;
        }
    }
    all.retain(|batch| !batch.turns.is_empty());
    all
}

/// Enqueues rows in their turns, and notes how far each batch has come: up to a row whose person has had many lately, which waits with those
/// behind it.
async fn enqueue(
    settler: &Settler,
    mut all: Vec<Turns<'_>>,
    booked: &BookedSlots,
    now: Timestamp,
) -> Result<(), ProcessingError> {
    let rows = all.iter().flat_map(|Turns { batch, turns }| {
        let ids = row_ids(&batch.id, (batch.next..).take(turns.len()));
        turns.iter().copied().zip(ids)
    });
    let rows: BTreeMap<usize, MessageId> = rows.collect();
    let (turns_in_order, ids): (Vec<usize>, Vec<MessageId>) = rows.into_iter().unzip();
    let mut entries = BTreeMap::new();
    // A page at a time: the batches of many instances are served together.
    for (turns, page) in turns_in_order.chunks(MAX_PAGE).zip(ids.chunks(MAX_PAGE)) {
        let found = rows::read(settler, page).await?;
        let found: HashMap<&MessageId, &Message> = found.iter().map(|message| (&message.id, message)).collect();
        let in_turn = turns.iter().zip(page).filter_map(|(turn, id)| Some((*turn, *found.get(id)?)));
        let waiting = in_turn.filter(|(_, message)| message.belongs_into_queue());
        entries.extend(waiting.map(|(turn, message)| (turn, QueueEntry::new(message, booked.at(turn), "0"))));
    }
    for Turns { turns, .. } in &mut all {
        let is_admitted =
            |turn: &&usize| entries.get(*turn).is_none_or(|entry| settler.fed_people.admits(entry.group(), now));
        let admitted = turns.iter().take_while(is_admitted).count();
        turns.drain(admitted..).for_each(|turn| drop(entries.remove(&turn)));
    }
    all.retain(|Turns { turns, .. }| !turns.is_empty());
    settler.queues.enqueue_all(Lane::Bulk, entries.into_values().collect()).await?;
    let advanced = all.iter().map(|Turns { batch, turns }| {
        let next = batch.next.saturating_add(u16::try_from(turns.len()).unwrap_or(u16::MAX));
        let due = match turns.last() {
            Some(last) if next >= batch.recipients => booked.at(*last).plus(LOOK_AFTER),
            _ => Timestamp::from_millis(batch.due),
        };
        settler.accounts.advance_batch(batch, next, due)
    });
    stream::iter(advanced).buffer_unordered(MAX_WRITES).try_collect().await.map_err(ProcessingError::from)
}

#[cfg(test)]
mod tests {
    use shared::ids::BatchId;

    use super::*;
    use crate::batches::tests::batch;

    #[test]
    fn batches_take_turns_until_each_has_had_all_of_its_own() {
        let (large, small, half) = (batch(1000, 0), batch(2, 0), batch(10, 7));
        let given = turns(&[&large, &small, &half], &BookedSlots::new(0, 1, 12));
        let of = |position: usize| given[position].turns.clone();
        assert_eq!((of(1), of(2)), (vec![1, 4], vec![2, 5, 7]));
        assert_eq!(of(0), [0, 3, 6, 8, 9, 10, 11]);
        assert_eq!(turns(&[&small], &BookedSlots::new(7, 1, 100))[0].turns, [0, 1]);
        assert!(turns(&[&small], &BookedSlots::new(0, 1, 0)).is_empty());
        assert!(turns(&[], &BookedSlots::new(7, 1, 5)).is_empty());
    }

    #[test]
    fn more_batches_than_slots_take_turns_from_one_run_to_the_next() {
        let mut batches: Vec<OpenBatch> = (0..100).map(|_| batch(1000, 0)).collect();
        let (interval, of_a_run) = (83_333, 36); // 12 a second, three seconds
        for run in 0..25 {
            let booked = BookedSlots::new(1_800_000_000_000_000 + run * of_a_run * interval, interval, 36);
            let all: Vec<&OpenBatch> = batches.iter().collect();
            let given = turns(&all, &booked);
            assert!(given.iter().all(|it| it.turns.len() == 1));
            let served: Vec<BatchId> = given.iter().map(|it| it.batch.id.clone()).collect();
            batches.iter_mut().filter(|it| served.contains(&it.id)).for_each(|it| it.next += 1);
        }
        assert!(batches.iter().all(|batch| batch.next == 9), "900 slots: nine each");
    }

    #[test]
    fn a_run_schedules_the_next_one_while_there_is_something_to_do() {
        let from = Timestamp::from_secs(1_800_000_000);
        let booked = |after: Duration, count| BookedSlots::new(from.plus(after).millis() * 1000, 20_833, count);
        let of_a_period = usize::try_from(FEED_PERIOD.as_micros() / 20_833).expect("few");
        let next = Some(from.plus(FEED_PERIOD));
        assert_eq!(next_run(&booked(Duration::ZERO, 384), 1000, from), next, "the first");
        assert_eq!(next_run(&booked(AHEAD - FEED_PERIOD, of_a_period), 1000, from), next, "the next");
        assert_eq!(next_run(&booked(Duration::ZERO, 100), 100, from), None, "the next batch begins by itself");
        assert_eq!(next_run(&booked(Duration::ZERO, 350), 350, from), next, "the next batch has no room to begin");
        for ahead in [7, 300].map(Duration::from_secs) {
            let at = from.plus(ahead - FEED_PERIOD);
            assert_eq!(next_run(&booked(ahead, 0), 1000, from), Some(at), "behind slots of others");
        }
    }
}
