//! Tests of the whole stack, with real processes over real protocols: from the customer's request to the customer's
//! webhook.

mod account_bounds;
mod admin;
mod api;
mod busy_ledgers;
mod callback_outages;
mod callbacks;
mod circuit_breaker;
mod contract_examples;
mod credits_and_limits;
mod dead_letters;
mod deliver_crashes;
mod deliver_interleavings;
mod delivery_lanes;
mod delivery_outcomes;
mod erasure;
mod erasure_of_copies;
mod error_codes;
mod expiry;
mod external_whatsapp;
mod hanging_numbers;
mod hostile_callbacks;
mod iam_roles;
mod idempotency;
mod inbound_quota;
mod inbound_urls;
mod instances;
mod log_privacy;
mod media;
mod message_history;
mod metrics;
mod misbehaving_endpoints;
mod notify_memory;
mod number_moves;
mod number_pauses;
mod odd_callbacks;
mod people;
mod request_limits;
mod restarts;
mod restore_command;
mod rolling_upgrades;
mod send_crashes;
mod send_interleavings;
mod simulator_behaviours;
mod table_outages;
mod table_wait;
mod template_changes;
mod unread_callbacks;
mod webhook_delivery;
mod webhook_fairness;
mod webhook_limits;
mod webhook_replay;
mod webhooks_api;

/// The program that `cargo run` runs.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pombo-under-test");
