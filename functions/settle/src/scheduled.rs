//! Messages with a `sendAt`: they wait in the table, and are enqueued at their time and not before, since those behind them in
//! their conversation would wait for them.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::aws::{ProcessingError, QueueError};
use shared::clock::{self, Timestamp};
use shared::instance::Instance;
use shared::ledger::{Lane, TABLE_WAIT, WantedSlots};
use shared::message::{MAX_PAGE, Message, QueueEntry, ScheduledMessages, State, WaitingMessage};

use crate::settler::Settler;

/// How much earlier than its time a message is enqueued at most: a queue delays by whole seconds.
const EARLY: Duration = Duration::from_secs(1);

/// Has messages enqueued at their times, those of an instance and a second together.
pub async fn announce(settler: &Settler, messages: &[WaitingMessage]) -> Result<(), QueueError> {
    let mut together: BTreeMap<_, (Timestamp, Vec<_>)> = BTreeMap::new();
    for message in messages {
        let send_at = message.not_before().unwrap_or(message.slot);
        let (_, ids) = together.entry((send_at.secs(), &message.instance_id)).or_insert((send_at, Vec::new()));
        ids.push(message.id.clone());
    }
    for (send_at, ids) in together.into_values() {
        for ids in ids.chunks(MAX_PAGE) {
            settler.queues.announce_scheduled(ids, send_at).await?;
        }
    }
    Ok(())
}

/// Enqueues messages of one instance whose time has come, in the slots of their number. Those without a slot within two minutes
/// stay in the table: the feeder announces them again, as many of an instance in a run as leave in a minute.
pub async fn settle(settler: &Settler, scheduled: &ScheduledMessages) -> Result<(), ProcessingError> {
    let now = clock::now();
    let mut waiting = settler.messages.get_batch(&scheduled.scheduled).await?;
    waiting.retain(|message| message.status == State::Queued && message.waits.is_some());
    waiting.sort_by(|one, other| one.due.cmp(&other.due));
    let is_early = |message: &Message| message.send_at.is_some_and(|send_at| send_at > now.plus(EARLY));
    let (early, due): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_early);
    if let Some(first) = early.first() {
        settler.queues.announce_scheduled(&ids(&early), first.send_at.unwrap_or(now)).await?;
    }
    let (mut leaving, mut due): (Vec<_>, Vec<_>) = due.into_iter().partition(|message| message.deadline <= now);
    // `deliver` fails those that have expired.
    leaving.iter_mut().for_each(|message| message.slot = now);
    let with_slots = book_slots(settler, &mut due, now).await?;
    due.truncate(with_slots);
    for message in &due {
        settler.queues.check_expiry_of(message).await?;
    }
    let entry = |message: &Message| QueueEntry::new(message, message.slot, message.due.as_deref().unwrap_or_default());
    leaving.append(&mut due);
    Ok(settler.queues.enqueue_all(Lane::Express, leaving.iter().map(entry).collect()).await?)
}

/// Books the slots of messages of one instance. Returns how many have one.
async fn book_slots(settler: &Settler, due: &mut [Message], now: Timestamp) -> Result<usize, ProcessingError> {
    let Some((account, instance_id)) = due.first().map(|first| (first.account_id.clone(), first.instance_id.clone()))
    else {
        return Ok(0);
    };
    let instance = settler.instances.get(&account, &instance_id).await?;
    let Some(number) = instance.as_ref().and_then(Instance::connected_number) else {
        return Ok(due.len()); // `deliver` fails them
    };
    let not_before = due.iter().filter_map(|message| message.send_at).max().unwrap_or(now);
    let (slots, until) = (number.slots(), now.plus(TABLE_WAIT));
    let wanted = WantedSlots { slots, for_batches: false, most: due.len(), not_before, until, least: Duration::ZERO };
    let Some(booked) = settler.waiting_slots.book(&account, &instance_id, wanted, now).await? else { return Ok(0) };
    for (position, message) in due.iter_mut().take(booked.count).enumerate() {
        message.slot = booked.at(position);
    }
    Ok(booked.count)
}

fn ids(messages: &[Message]) -> Vec<shared::ids::MessageId> {
    messages.iter().map(|message| message.id.clone()).collect()
}
