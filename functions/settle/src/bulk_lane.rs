//! Instances in the bulk lane: brought back to the express lane when all of their messages have left.
//!
//! The index that shows an instance's messages is a few seconds late, and a request records its message after it was charged.
//! So an instance of which the index shows nothing is looked at again when the requests of that time have ended. It leaves
//! unless it has booked a slot in between (docs/adr/0015): one that sends now and then leaves between two of its messages.

use shared::aws::{ProcessingError, TableError};
use shared::clock;
use shared::ids::AccountId;
use shared::ledger::{BulkMark, Lane, LedgerItem, MIN_MARK_AGE};
use shared::message::BulkLaneCheck;

use crate::settler::Settler;

/// Looks at an account's instances in the bulk lane. What fails is retried a minute later. Returns whether there is none.
pub async fn check_marks(settler: &Settler, account: &AccountId, ledger: &LedgerItem) -> bool {
    let now = clock::now();
    let marks = match settler.ledger.bulk_marks(account, ledger).await {
        Ok(marks) => marks,
        Err(error) => {
            tracing::error!(account_id = %account, %error, "bulk_lane.leave_failed");
            return false;
        }
    };
    for mark in marks.iter().filter(|mark| mark.booked.plus(MIN_MARK_AGE) < now) {
        if let Err(error) = look_again(settler, account, mark).await {
            tracing::error!(account_id = %account, %error, "bulk_lane.leave_failed");
        }
    }
    marks.is_empty()
}

/// Has an instance checked of which nothing is seen in the bulk lane. The ledger is read after the mark, so it has the
/// reservations of all charges that the mark knows of and that are not recorded.
async fn look_again(settler: &Settler, account: &AccountId, mark: &BulkMark) -> Result<(), ProcessingError> {
    if settler.messages.has_bulk_messages(&mark.instance).await? {
        return Ok(());
    }
    let Some(ledger) = settler.ledger.read(account).await? else { return Ok(()) };
    let reserved = ledger.reservations.into_iter().filter(|reservation| reservation.batch.is_none());
    let check = BulkLaneCheck {
        account_id: account.clone(),
        instance_id: mark.instance.clone(),
        booked: mark.booked,
        reserved: reserved.map(|reservation| reservation.message_id).collect(),
    };
    Ok(settler.queues.settle.check_bulk_lane(&check).await?)
}

/// Brings an instance back, if nothing of it is in the bulk lane and it has booked no slot there since.
pub async fn leave(settler: &Settler, check: &BulkLaneCheck) -> Result<(), ProcessingError> {
    let Some(ledger) = settler.ledger.read(&check.account_id).await? else { return Ok(()) };
    let marks = settler.ledger.bulk_marks(&check.account_id, &ledger).await?;
    let is_checked = |mark: &&BulkMark| mark.instance == check.instance_id && mark.booked == check.booked;
    let instance_id = &check.instance_id;
    match marks.iter().find(is_checked) {
        Some(mark) if !has_open_messages(settler, check).await? => {
            settler.ledger.leave_bulk_lane(mark).await?;
            tracing::info!(%instance_id, "bulk_lane.left");
        }
        _ => tracing::info!(%instance_id, "bulk_lane.kept"), // the next minute looks again
    }
    Ok(())
}

/// Whether a message is in the bulk lane. The index may not show one yet that was recorded since: it was reserved. One without
/// a record was never recorded, since its request has ended.
async fn has_open_messages(settler: &Settler, check: &BulkLaneCheck) -> Result<bool, TableError> {
    if settler.messages.has_bulk_messages(&check.instance_id).await? {
        return Ok(true);
    }
    for id in &check.reserved {
        let message = settler.messages.get(id).await?;
        if message.is_some_and(|it| it.instance_id == check.instance_id && it.lane() == Lane::Bulk) {
            return Ok(true);
        }
    }
    Ok(false)
}
