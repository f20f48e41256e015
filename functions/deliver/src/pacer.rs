//! Slots: the moments at which a number's rate lets its messages go (`shared::slots`).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::account_table::AccountTable;
use shared::change::Change;
use shared::clock::{self, Timestamp};
use shared::conditional_write::{TableError, Updated};
use shared::ids::InstanceId;
use shared::instance::Number;
use shared::message::Message;
use shared::meter::{self, Meter};
use shared::rate_limit::{ArrivalTime, micros};
use shared::slots::GOOD_FOR;

/// A slot that is nearer is waited for; SQS counts whole seconds, so what is farther away comes back within this time.
pub const MOMENT: Duration = Duration::from_secs(1);
/// How often a booking guesses before it gives up on a meter that others change all the while.
const GUESSES: u32 = 16;

/// Books slots for messages that missed theirs.
pub struct Pacer {
    accounts: AccountTable,
    /// What was last seen of instances' arrival times.
    known: Mutex<HashMap<InstanceId, Arrivals>>,
}

#[derive(Clone, Copy, Default)]
struct Arrivals {
    /// Of the slots that charges book.
    booked: ArrivalTime,
    /// Of the slots for those that missed theirs.
    late: ArrivalTime,
}

impl Pacer {
    /// A pacer over this table.
    pub fn new(accounts: AccountTable) -> Self {
        Self { accounts, known: Mutex::new(HashMap::new()) }
    }

    /// When a claimed message may go: in its slot or, if it missed that, in a new one.
    pub async fn slot(&self, message: &Message, number: &Number) -> Result<Timestamp, TableError> {
        let now = clock::now();
        if now <= message.slot.plus(GOOD_FOR) { Ok(message.slot) } else { self.book(message, number, now).await }
    }

    /// Books the next slot of either kind, whichever is sooner: behind a campaign the next one that a charge would get
    /// may be many minutes away.
    async fn book(&self, message: &Message, number: &Number, now: Timestamp) -> Result<Timestamp, TableError> {
        let instance = &message.instance_id;
        for _ in 0..GUESSES {
            let seen = self.lock().get(instance).copied().unwrap_or_default();
            let (attribute, limit, arrival) = if seen.late.max(micros(now)) < seen.booked {
                (meter::of_late(instance), number.late_slots(), seen.late)
            } else {
                (meter::of_instance(instance), number.slots_again(), seen.booked)
            };
            let change = limit.advance(Change::new(), &attribute, arrival, now).when_present("credits");
            let (item, done) = match self.accounts.change_meter(&message.account_id, &change).await? {
                Updated::Done(item) => (item, true),
                Updated::Refused(Some(item)) => (item, false),
                Updated::Refused(None) => return Ok(now), // the account is gone, and nobody else uses its slots
            };
            let meter = Meter::of_item(&item);
            self.remember(instance, &meter);
            if done {
                return Ok(Timestamp::from_millis((meter.arrival(&attribute) - limit.interval()) / 1000));
            }
        }
        Err(TableError::Unavailable("the meter changes whenever it is looked at".to_owned()))
    }

    fn remember(&self, instance: &InstanceId, meter: &Meter) {
        let booked = meter.arrival(&meter::of_instance(instance));
        let late = meter.arrival(&meter::of_late(instance));
        self.lock().insert(instance.clone(), Arrivals { booked, late });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<InstanceId, Arrivals>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until a slot that is a moment away. One that is farther is not waited for: then it gives the time after which
/// the message is to be received again, just before its slot.
pub async fn wait_for(slot: Timestamp) -> Option<Duration> {
    let wait = clock::now().until(slot);
    if wait >= MOMENT {
        return Some(Duration::from_secs(wait.as_secs()));
    }
    tokio::time::sleep(wait).await;
    None
}
