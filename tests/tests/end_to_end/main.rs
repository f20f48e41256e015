//! The whole chain, with real processes over real protocols: from the customer's request to the customer's webhook.

mod admin;
mod api;
mod callbacks;
mod crashes;
mod errors;
mod examples;
mod history;
mod holds;
mod idempotency;
mod instances;
mod interleavings;
mod lanes;
mod media;
mod metrics;
mod misbehaviours;
mod money;
mod outcomes;
mod privacy;
mod restarts;
mod restores;
mod roles;
mod send_crashes;
mod send_interleavings;
mod settle;
mod silence;
mod template;
mod upgrades;
mod webhook_endpoints;
mod webhook_health;
mod webhook_replay;
mod webhooks;
mod webhooks_api;
mod whatsapp;

/// The program that `cargo run` runs.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pombo-under-test");
