//! Instances: the WhatsApp numbers that accounts send from, and which instance a number belongs to (the items `inst_…`,
//! `connects` and `number#…`).
//!
//! A number belongs to one instance of the deployment; connecting, disconnecting and pausing are written here alone. Only
//! the instance that a number belongs to frees it, and every write of a connection requires the connection that was read.

pub mod cache;
pub mod circuit_breaker;
pub mod events;
pub mod record;
pub mod repository;

pub use cache::InstanceCache;
pub use record::{ConnectionStatus, FreedNumber, Instance, Number, NumberOwner, PAUSE_SEEN};
pub use repository::{Connect, InstanceChanges};
