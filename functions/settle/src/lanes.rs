//! Instances in the bulk lane, brought back to the express lane when all of their messages have left.
//!
//! Only here is the mark taken off, and only if nothing was booked since it was read: a message in the express queue
//! could overtake one of its conversation that still lies in the bulk queue.

use shared::change::Change;
use shared::clock::{self, Timestamp};
use shared::conditional_write::TableError;
use shared::ids::AccountId;
use shared::meter::{self, Meter};
use shared::slots::BULK_REST;

use crate::batch::Settler;

/// Takes the marks off an account's instances that have drained. What fails is tried again a minute later.
pub async fn settle(settler: &Settler, account: &AccountId, meter: &Meter) {
    let now = clock::now();
    for (mark, booked) in meter.bulk.iter().filter(|(_, booked)| booked.plus(BULK_REST) < now) {
        if let Err(error) = settle_one(settler, account, mark, *booked).await {
            tracing::error!(account_id = %account, %error, "lane.not_settled");
        }
    }
}

async fn settle_one(settler: &Settler, account: &AccountId, mark: &str, booked: Timestamp) -> Result<(), TableError> {
    let Some(instance) = mark.strip_prefix(meter::BULK).and_then(|id| id.parse().ok()) else {
        return Ok(());
    };
    if settler.books.messages.has_bulk(&instance).await? {
        return Ok(());
    }
    let change = Change::new().remove(mark).when_equal(mark, booked);
    settler.books.accounts.change_meter(account, &change).await?;
    tracing::info!(instance_id = %instance, "lane.express");
    Ok(())
}
