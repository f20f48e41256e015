//! Instances in the bulk lane: brought back to the express lane when all of their messages have left.

use shared::aws::TableError;
use shared::clock::{self, Timestamp};
use shared::ids::{AccountId, InstanceId};
use shared::ledger::ledger_item::marked_instance;
use shared::ledger::{BULK_REST, LedgerItem};

use crate::settler::Settler;

/// Brings an account's drained instances back. What fails is retried a minute later.
pub async fn settle(settler: &Settler, account: &AccountId, ledger: &LedgerItem) {
    let now = clock::now();
    for (mark, booked) in ledger.bulk_marks.iter().filter(|(_, booked)| booked.plus(BULK_REST) < now) {
        let Some(instance) = marked_instance(mark) else { continue };
        if let Err(error) = settle_one(settler, account, &instance, *booked).await {
            tracing::error!(account_id = %account, %error, "bulk_lane.leave_failed");
        }
    }
}

async fn settle_one(
    settler: &Settler,
    account: &AccountId,
    instance: &InstanceId,
    booked: Timestamp,
) -> Result<(), TableError> {
    if settler.messages.has_bulk_messages(instance).await? {
        return Ok(());
    }
    settler.ledger.leave_bulk_lane(account, instance, booked).await?;
    tracing::info!(instance_id = %instance, "bulk_lane.left");
    Ok(())
}
