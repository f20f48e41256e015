//! Instances: the WhatsApp numbers that accounts send from, which instance a number belongs to, and which numbers a business
//! account has (the items `inst_…`, `gone#inst_…`, `connects`, `number#…` and `business#…`), and copies of the templates of these (`template#…`).
//!
//! A number belongs to one instance of the deployment; connecting, disconnecting and pausing are written here alone. Only
//! the instance that a number belongs to frees it, and every write of a connection requires the connection that was read.

pub mod account_state;
pub mod business;
pub mod cache;
pub mod circuit_breaker;
pub mod events;
pub mod pauses;
mod probe;
pub mod record;
pub mod reports;
pub mod repository;
pub mod settings;
pub mod template_copy;
pub mod tombstone;

pub use account_state::AccountState;
pub use cache::InstanceCache;
pub use pauses::Pause;
pub use record::{ConnectionStatus, FreedNumber, Instance, Number, NumberOwner, PAUSE_SEEN};
pub use reports::{AccountReport, Consequence};
pub use repository::{Connect, InstanceChanges, RefusedConnection};
pub use settings::OutsideWindow;
pub use template_copy::{TemplateCopy, TemplateKey};
pub use tombstone::InstanceTombstone;
