//! Messages with a `sendAt`: they wait in the table, and are enqueued at their time and not before, since those behind them in
//! their conversation would wait for them.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use futures::future::try_join_all;
use futures::stream::{self, StreamExt, TryStreamExt};
use shared::aws::{ProcessingError, QueueError};
use shared::clock::{self, Timestamp};
use shared::ids::{AccountId, MessageId};
use shared::instance::Instance;
use shared::ledger::{Lane, SendSlots, TABLE_WAIT, WaitingMessages, WantedSlots};
use shared::message::waiting_place::{WaitingPlace, is_scheduled};
use shared::message::{
    Failure, MAX_FAILURES_TOGETHER, MAX_PAGE, Message, QueueEntry, QueuedMessage, ScheduledMessages, State,
    WaitingMessage,
};

use crate::enqueued_lately::TOGETHER;
use crate::settler::Settler;

/// How much earlier than its time a message is enqueued at most: a queue delays by whole seconds.
const EARLY: Duration = Duration::from_secs(1);

/// The most of these: the latest, which are the ones that another process may not have enqueued yet.
const MAX_BEFORE: usize = 20;

/// How long after their time messages without a slot count as starved.
const STARVED_AFTER: Duration = Duration::from_secs(60 * 60);

/// Schedules the enqueue of messages at their times, those of an instance and a second together.
pub async fn schedule(settler: &Settler, messages: &[WaitingMessage]) -> Result<(), QueueError> {
    let mut together: BTreeMap<_, (&AccountId, Timestamp, Vec<_>)> = BTreeMap::new();
    let mut last: HashMap<&str, (Timestamp, i64)> = HashMap::new();
    for message in messages {
        let send_at = message.not_before().unwrap_or(message.slot);
        // With the one before it in its conversation, if that is a moment earlier: what is early there is scheduled again.
        let before = last.get(message.conversation.as_str()).filter(|(at, _)| at.plus(TOGETHER) >= send_at);
        let second = before.map_or(send_at.secs(), |(_, second)| *second);
        last.insert(&message.conversation, (send_at, second));
        let of_second = together.entry((second, &message.instance_id));
        let (_, _, ids) = of_second.or_insert((&message.account_id, send_at, Vec::new()));
        ids.push(message.id.clone());
    }
    for (account, send_at, ids) in together.into_values() {
        for ids in ids.chunks(MAX_PAGE) {
            settler.queues.settle.schedule_messages(account, ids, send_at).await?;
        }
    }
    Ok(())
}

/// Enqueues messages of one instance whose time has come, in the slots of their number. While its other single messages are in the
/// bulk lane, or they do not all leave within seconds, they get slots there, and wait in the table as others do. Those without a slot stay
/// where they are: the feeder schedules them again, as many of an instance in a run as leave in a minute.
pub async fn enqueue_due(settler: &Settler, scheduled: &ScheduledMessages) -> Result<(), ProcessingError> {
    let now = clock::now();
    let mut waiting = settler.messages.get_batch_without_content(&scheduled.message_ids).await?;
    if let [alone] = waiting.as_slice() {
        let mut before = settler.messages.scheduled_before(alone, TOGETHER).await?;
        before.retain(|id| !settler.enqueued_lately.contains(id));
        waiting.extend(
            settler.messages.get_batch_without_content(&before[before.len().saturating_sub(MAX_BEFORE)..]).await?,
        );
    }
    // One that is scheduled twice may be in the bulk lane already.
    let is_open = |message: &Message| message.status == State::Queued && message.waits.is_some();
    waiting.retain(|message| is_open(message) && message.due.as_deref().is_some_and(is_scheduled));
    waiting.sort_by(|one, other| one.due.cmp(&other.due));
    let is_early = |message: &Message| message.send_at.is_some_and(|send_at| send_at > now.plus(EARLY));
    let (early, due): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_early);
    if let Some(first) = early.first() {
        let send_at = first.send_at.unwrap_or(now);
        settler.queues.settle.schedule_messages(&first.account_id, &ids(&early), send_at).await?;
    }
    let (mut leaving, due): (Vec<_>, Vec<_>) = due.into_iter().partition(|message| message.deadline <= now);
    // `deliver` fails those that have expired.
    leaving.iter_mut().for_each(|message| message.slot = now);
    let (lane, mut due) = book_slots(settler, due, now).await?;
    let entry = |message: &Message| QueueEntry::new(message, message.slot, message.due.as_deref().unwrap_or_default());
    due.retain(|message| message.slot <= now.plus(TABLE_WAIT)); // the feeder enqueues the others
    settler.queues.enqueue_all(lane, due.iter().map(entry).collect()).await?;
    due.iter().for_each(|message| settler.enqueued_lately.note(&message.id));
    Ok(settler.queues.enqueue_all(Lane::Express, leaving.iter().map(entry).collect()).await?)
}

/// Books the slots of messages of one instance, in the lane of its other single messages: those of a conversation leave in their
/// order. Returns that lane, and the messages that have a slot.
async fn book_slots(
    settler: &Settler,
    mut due: Vec<Message>,
    now: Timestamp,
) -> Result<(Lane, Vec<Message>), ProcessingError> {
    let Some((account, instance_id)) = due.first().map(|first| (first.account_id.clone(), first.instance_id.clone()))
    else {
        return Ok((Lane::Express, due));
    };
    let instance = settler.instances.get(&account, &instance_id).await?;
    let Some(number) = instance.as_ref().and_then(Instance::connected_number) else {
        fail_disconnected(settler, &due).await?;
        return Ok((Lane::Express, Vec::new()));
    };
    let not_before = due.iter().filter_map(|message| message.send_at).max().unwrap_or(now);
    let slots = number.slots();
    let have_starved = due.iter().any(|message| message.send_at.is_some_and(|at| at.plus(STARVED_AFTER) < now));
    let waiting = WaitingMessages::Scheduled { have_starved };
    let wanted = WantedSlots { slots, most: due.len(), not_before, waiting };
    let Some(booked) = settler.waiting_slots.book(&account, &instance_id, wanted, now).await? else {
        return Ok((Lane::Express, Vec::new()));
    };
    due.truncate(booked.count);
    for (position, message) in due.iter_mut().enumerate() {
        message.slot = booked.at(position);
    }
    // First: one that has its place in the bulk lane is the feeder's, which checks nothing.
    for message in &due {
        settler.queues.settle.check_expiry_of(message).await?;
    }
    Ok(match booked.lane {
        Lane::Express => (Lane::Express, due),
        Lane::Bulk => (Lane::Bulk, enter_bulk_lane(settler, due, slots).await?),
    })
}

/// Fails messages whose number is not connected at their time. In the queue they would be thousands, before those of other numbers.
async fn fail_disconnected(settler: &Settler, due: &[Message]) -> Result<(), ProcessingError> {
    let failed = due.iter().map(|message| async move {
        settler.transitions.fail_queued(&QueuedMessage::from(message), &Failure::disconnected()).await.map(drop)
    });
    Ok(stream::iter(failed).buffer_unordered(MAX_FAILURES_TOGETHER).try_collect::<()>().await?)
}

/// Moves messages into the bulk lane. There they wait in the table as others do: the feeder enqueues what is not enqueued here. Returns
/// those that have not changed since.
async fn enter_bulk_lane(
    settler: &Settler,
    due: Vec<Message>,
    slots: SendSlots,
) -> Result<Vec<Message>, ProcessingError> {
    let moved = due.into_iter().map(|message| async move {
        let (since, _) = message.place_in_line();
        let due = message.slot.min(message.deadline);
        let place = WaitingPlace::new(&message.conversation, due, since, &message.id);
        let is_moved = settler.transitions.enter_bulk_lane(&message, slots, &place).await?;
        Ok::<_, ProcessingError>(is_moved.then_some(Message { due: Some(place.due), ..message }))
    });
    Ok(try_join_all(moved).await?.into_iter().flatten().collect())
}

fn ids(messages: &[Message]) -> Vec<MessageId> {
    messages.iter().map(|message| message.id.clone()).collect()
}
