//! The WhatsApp simulator: Meta's Cloud API on this machine. It validates and accepts messages as Meta does, sends signed
//! status callbacks as Meta does, and misbehaves towards magic recipients (docs/simulator.md).
//!
//! This folder owns everything that simulates WhatsApp. It follows Meta's documentation rather than the product's code,
//! so that a mistake in the product shows; it imports no other folder and calls the functions over HTTP only.

mod behaviour;
mod browser_guard;
mod callback_sender;
mod cloud_api;
pub mod content_check;
pub mod content_rules;
mod file_store;
mod graph_error;
mod ledger;
mod magic_ids;
mod media;
mod message_id;
mod message_templates;
mod numbers;
mod people;
mod person;
mod phone;
mod read_receipts;
mod reception;
mod send_message;
mod server;
mod service_window;
mod state;
mod status_plan;
mod status_report;
mod status_sequence;
pub mod template_check;
#[cfg(test)]
mod tests;
mod throughput;

pub use callback_sender::CallbackSender;
pub use file_store::FileStore;
pub use ledger::{AcceptedMessage, Ledger};
pub use person::Person;
pub use service_window::ServiceWindow;
pub use state::Simulator;
