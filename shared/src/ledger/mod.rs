//! Credits, reservations, rate limits and send slots: the item `meter` of an account and the items `limit#…` of its keys.
//!
//! Keeps promises 3 (exact money) and 4 (exact limits). Every write to these items is one named function here; no other
//! module builds one, and what closes an account (`settle`'s `closing`) deletes them. The credit of a message that fails is refunded in one transaction with its record, which
//! `message::transitions` writes with [`credits::Ledger::refund`].

pub mod active_ledgers;
pub mod bulk_lane;
pub mod charge;
pub mod credits;
pub mod key_limit;
pub mod late_slots;
pub mod ledger_item;
pub mod rate_limit;
pub mod reservation;
mod seen_slots;
pub mod slot_booking;
pub mod slot_items;
pub mod slot_shares;
pub mod waiting_slots;
mod wanted_slots;

pub use active_ledgers::ACTIVITY_SHARDS;
pub use bulk_lane::{BulkMark, Lane, MIN_MARK_AGE};
pub use charge::{Charge, Charger, Purchase};
pub use credits::{Grant, Ledger};
pub use key_limit::{EndpointClass, KeyLimiter, LimitedKey};
pub use late_slots::LateSlots;
pub use ledger_item::{CREDITS, LedgerItem};
pub use rate_limit::{ArrivalTime, Decision, RateLimit};
pub use reservation::{REQUEST_ENDED, Reservation};
pub use slot_shares::{EXPRESS_WITHIN, MAX_SLOT_WAIT, SLOT_VALID_FOR, SendSlots, TABLE_WAIT, WAITED_SLOT_VALID_FOR};
pub use waiting_slots::WaitingSlots;
pub use wanted_slots::{BookedSlots, WaitingMessages, WantedSlots};
