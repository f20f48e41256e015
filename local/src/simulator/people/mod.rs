//! The people whom the simulated phones belong to: they write to numbers, call them, change their own numbers, block, and opt out.
//!
//! This folder owns what tests and people ask of the simulator itself, `/people/…` and `/callbacks`; nothing of it is in
//! Meta's API. What a person has received is in the ledger; what a person has written, and to whom, is here
//! (docs/simulator.md).

mod call;
mod changes;
mod control_error;
mod conversation;
mod inbound_callback;
mod inbound_file;
mod inbound_message;
mod inbound_shapes;
mod inbound_types;
mod inbox;
mod missed;
mod phone_use;
mod profile;
pub(super) mod registry;
pub(super) mod routes;
mod write;

pub(super) use control_error::ControlError;
pub(super) use inbox::RemainingStatuses;
pub(super) use missed::Missed;
pub(super) use registry::PersonPlace;
