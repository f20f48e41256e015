//! Instances in the bulk lane: brought back to the express lane when all of their messages have left.

use shared::aws::TableError;
use shared::clock;
use shared::ids::AccountId;
use shared::ledger::{BULK_REST, BulkMark, LedgerItem};

use crate::settler::Settler;

/// Brings an account's drained instances back. What fails is retried a minute later. Returns whether none was in the bulk
/// lane.
pub async fn settle(settler: &Settler, account: &AccountId, ledger: &LedgerItem) -> bool {
    let now = clock::now();
    let marks = match settler.ledger.bulk_marks(account, ledger).await {
        Ok(marks) => marks,
        Err(error) => {
            tracing::error!(account_id = %account, %error, "bulk_lane.leave_failed");
            return false;
        }
    };
    for mark in marks.iter().filter(|mark| mark.booked.plus(BULK_REST) < now) {
        if let Err(error) = settle_one(settler, mark).await {
            tracing::error!(account_id = %account, %error, "bulk_lane.leave_failed");
        }
    }
    marks.is_empty()
}

async fn settle_one(settler: &Settler, mark: &BulkMark) -> Result<(), TableError> {
    if settler.messages.has_bulk_messages(&mark.instance).await? {
        return Ok(());
    }
    settler.ledger.leave_bulk_lane(mark).await?;
    tracing::info!(instance_id = %mark.instance, "bulk_lane.left");
    Ok(())
}
