//! The whole chain, with real processes over real protocols: from the customer's request to the customer's webhook.

mod api;
mod callbacks;
mod crashes;
mod examples;
mod idempotency;
mod money;
mod outcomes;
mod privacy;
mod restarts;
mod send_crashes;
mod settle;
mod template;
mod webhooks;
mod whatsapp;

/// The program that `cargo run` runs.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pombo-under-test");
