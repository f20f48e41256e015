//! The dev stack: reads `template.yaml` and starts what it describes on this machine: tables, queues, buckets, secrets, functions,
//! event sources, the API and the WhatsApp simulator.
//!
//! This folder owns the composition: only here are `sqs`, `s3`, `lambda` and `simulator` started and connected, and only here is
//! the template read. It also has what works on a running stack: the demo and its customer (`seed`), the state file, and
//! `restore`, which works on a deployment's tables as well.

mod clients;
mod console_keys;
pub(crate) mod demo;
mod dynamodb;
mod event_sources;
mod functions;
mod listeners;
mod options;
pub mod restore;
mod secrets;
mod secrets_manager;
pub mod seed;
mod servers;
mod stack;
mod start_error;
pub(crate) mod state_file;
mod stream_index;
pub mod template;

pub use clients::Clients;
pub use dynamodb::DynamoDb;
pub use listeners::Addresses;
pub use options::{FunctionOverride, Options, Proxies, WhatsApp};
pub use secrets::Secrets;
pub use stack::Stack;
