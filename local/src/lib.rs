//! The laptop's stack: the same functions, queues, tables and event sources as on AWS, on one machine.
//!
//! `stack` puts it together; `template` says what there is; `lambda`, `sqs`, `dynamodb`, `gateway` and `sources` stand
//! for AWS's services, and `simulator` for WhatsApp.

pub mod clients;
pub mod clock;
pub mod command_line;
pub mod connection;
pub mod demo;
pub mod dynamodb;
mod functions;
pub mod gateway;
pub mod lambda;
mod launch;
pub mod listeners;
mod lone_simulator;
pub mod openapi;
mod restore;
pub mod secrets;
pub mod seed;
mod servers;
pub mod simulator;
pub mod sources;
pub mod sqs;
pub mod stack;
pub mod start_error;
pub mod state_file;
mod stream_index;
pub mod template;
mod wiring;
