//! The local event sources keep AWS's rules: batches, visibility, partial failures, redrive, checkpoints, schedules.

mod queues;
mod schedules;
mod streams;

/// The function that does what the test says.
const RELAY: &str = env!("CARGO_BIN_EXE_relay");
