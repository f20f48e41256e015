//! Listeners: an account's events, live, for the console and the command line.

pub mod create;
pub mod delete;
pub mod events;
