//! Instances: the WhatsApp numbers that accounts send from, and which instance a number belongs to (the items `inst_…`
//! and `number#…`).
//!
//! A number belongs to one instance of the deployment; connecting, disconnecting and pausing are written here alone.

pub mod cache;
pub mod events;
pub mod record;
pub mod repository;

pub use cache::InstanceCache;
pub use record::{ConnectionStatus, Instance, Number, NumberOwner};
pub use repository::{Connect, InstanceChanges};
