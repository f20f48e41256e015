//! Messages that may not leave for minutes: they go into the table and leave the queue, whose messages in flight are limited.

use std::time::Duration;

use shared::aws::{ConditionalWrite, ProcessingError};
use shared::clock::{self, Timestamp};
use shared::instance::{Instance, PAUSE_SEEN};
use shared::ledger::{Lane, TABLE_WAIT};
use shared::message::waiting_place::WaitingPlace;
use shared::message::{ClaimConflict, QueuedMessage};

use crate::deliverer::{Deliverer, Next};
use crate::received_message::Received;

/// How much later than another message one is due that waits behind it.
const BEHIND: Duration = Duration::from_millis(1);

impl Deliverer {
    /// Puts a message that waits for long into the table, if later ones of its conversation will wait behind it. Messages of
    /// the bulk lane always do; others do when their instance was paused and every process sees that.
    pub async fn move_to_table(&self, received: &Received<'_>, wait: Duration) -> Result<Next, ProcessingError> {
        let (now, queued) = (clock::now(), received.queued);
        if wait <= TABLE_WAIT {
            return Ok(Next::Later(wait));
        }
        let instance = self.instances.get(&queued.account_id, &queued.instance_id).await?;
        match &instance {
            _ if received.lane == Lane::Bulk => {}
            Some(instance) if instance.moves_to_table(now) => {}
            Some(instance) if instance.may_have_waiting(now) => return Ok(Next::Later(PAUSE_SEEN)), // then it does
            _ => return Ok(Next::Later(wait)),
        }
        self.wait_in_table(received, due(instance.as_ref(), queued, now.plus(wait))).await
    }

    /// Puts a message into the table behind one that is due there, as soon as later ones will wait behind it.
    pub async fn wait_behind(&self, received: &Received<'_>, earlier: Timestamp) -> Result<Next, ProcessingError> {
        let (now, queued) = (clock::now(), received.queued);
        let instance = self.instances.get(&queued.account_id, &queued.instance_id).await?;
        if received.lane == Lane::Express && !instance.is_some_and(|instance| instance.moves_to_table(now)) {
            return Ok(Next::SOON);
        }
        self.wait_in_table(received, earlier.plus(BEHIND).max(now)).await
    }

    /// Puts a queued message into the table, before it leaves the queue. One that has changed is decided by its record.
    pub async fn wait_in_table(&self, received: &Received<'_>, due: Timestamp) -> Result<Next, ProcessingError> {
        let place = WaitingPlace::new(received.conversation, due, received.enqueued_at, &received.queued.message_id);
        match self.transitions.wait_in_table(received.queued, &place).await? {
            ConditionalWrite::Applied(_) => Ok(Next::Done),
            ConditionalWrite::Refused(record) => {
                self.resolve(ClaimConflict::from_record(received.queued, record), received).await
            }
        }
    }
}

/// When a message is due: at the end of its instance's pause, or in its slot, or after its own wait. Messages of a conversation
/// that wait for the same thing are due in their order.
fn due(instance: Option<&Instance>, queued: &QueuedMessage, after_wait: Timestamp) -> Timestamp {
    let paused_until = instance.and_then(|instance| instance.paused_until);
    let known = paused_until.into_iter().chain([queued.slot]).find(|at| *at > clock::now());
    known.unwrap_or(after_wait).min(queued.deadline)
}
