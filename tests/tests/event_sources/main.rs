//! The local event sources keep AWS's rules: batches, visibility, partial failures, redrive, checkpoints, schedules.

mod queues;
mod schedules;
mod stream_windows;
mod streams;

/// The program of the function whose reactions the test chooses.
const RELAY: &str = env!("CARGO_BIN_EXE_relay");
