//! Listeners: somebody who watches an account's events live, and polls for them (the items `wh-lst_…` and `listen#…`).
//!
//! A listener's key sorts right before those of webhooks, so `notify` reads it in the same query: nothing is read or written
//! for an event while nobody listens. What a listener lacks is lost: webhooks are the reliable way (docs/adr/0055).

pub mod kept_event;
pub mod record;
mod repository;

pub use kept_event::KeptEvent;
pub use record::{LONG_POLL_WAIT, Listener};
pub use repository::Subscribers;
