//! The two lanes to WhatsApp, and the marks of instances in the bulk lane.
//!
//! An instance whose slots are booked far ahead goes into the bulk lane and stays there, since its messages would overtake
//! each other otherwise. Only [`Ledger::leave_bulk_lane`] brings it back.

use std::time::Duration;

use crate::aws::{ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId};
use crate::ledger::credits::Ledger;
use crate::ledger::ledger_item::bulk_attribute;

/// How long an instance stays in the bulk lane after a slot was last booked: longer than `send` takes from its charge to
/// its record, and than an index takes to show the record.
pub const BULK_REST: Duration = Duration::from_secs(60);

/// The delivery queue that a message goes through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lane {
    /// The message leaves within seconds.
    Express,
    /// The slots of its number are booked further ahead.
    Bulk,
}

impl Ledger {
    /// Brings an instance whose bulk messages have all left back to the express lane, unless a slot was booked since
    /// `last_booked` was read: a message in the express queue could overtake one of its conversation in the bulk queue.
    pub async fn leave_bulk_lane(
        &self,
        account: &AccountId,
        instance: &InstanceId,
        last_booked: Timestamp,
    ) -> Result<(), TableError> {
        let mark = bulk_attribute(instance);
        let leave = UpdateBuilder::new().remove(&mark).when_equal(&mark, last_booked);
        self.accounts.update(ItemKey::ledger(account), &leave).await.map(drop)
    }
}
