//! The two lanes to WhatsApp, and the marks of instances in the bulk lane.
//!
//! An instance whose slots are booked far ahead goes into the bulk lane and stays there, since its messages would overtake
//! each other otherwise. Only [`Ledger::leave_bulk_lane`] brings it back.

use std::time::Duration;

use crate::aws::{ItemKey, SLOTS, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId};
use crate::ledger::credits::Ledger;
use crate::ledger::ledger_item::{LedgerItem, bulk_attribute, marked_instance};

/// How long after its last booking an instance is looked at: more than clocks differ, so that no later booking has the same
/// time.
pub const MIN_MARK_AGE: Duration = Duration::from_secs(2);

/// The delivery queue that a message goes through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lane {
    /// The message leaves within seconds.
    Express,
    /// The slots of its number are booked further ahead.
    Bulk,
}

/// An instance in the bulk lane.
#[derive(Debug)]
pub struct BulkMark {
    /// The instance.
    pub instance: InstanceId,
    /// When a slot was last booked.
    pub booked: Timestamp,
    /// The item that holds the mark.
    item: ItemKey,
}

impl Ledger {
    /// The marks of an account's instances in the bulk lane.
    pub async fn bulk_marks(&self, account: &AccountId, ledger: &LedgerItem) -> Result<Vec<BulkMark>, TableError> {
        let mut items = vec![(ItemKey::ledger(account), ledger.clone())];
        if ledger.has_slot_items {
            let slots = self.accounts.query_items(account.as_str(), SLOTS).await?;
            items.extend(slots.iter().map(|item| (ItemKey::from_item(item), LedgerItem::from_item(item))));
        }
        let marks = items.into_iter().flat_map(|(item, ledger)| {
            let mark = move |(mark, booked): (String, Timestamp)| {
                Some(BulkMark { instance: marked_instance(&mark)?, booked, item: item.clone() })
            };
            ledger.bulk_marks.into_iter().filter_map(mark)
        });
        Ok(marks.collect())
    }

    /// Brings an instance whose bulk messages have all left back to the express lane, unless a slot was booked since the
    /// mark was read: a message in the express queue could overtake one of its conversation in the bulk queue.
    pub async fn leave_bulk_lane(&self, mark: &BulkMark) -> Result<(), TableError> {
        let attribute = bulk_attribute(&mark.instance);
        let leave = UpdateBuilder::new().remove(&attribute).when_equal(&attribute, mark.booked);
        self.accounts.update(mark.item.clone(), &leave).await.map(drop)
    }
}
