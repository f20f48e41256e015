//! A search for a world that breaks a promise: customers, numbers, keys, webhooks and people, and a few hundred
//! operations at random, many of them side by side. When the stack is at rest, the checks of the sweep are made. A world
//! that fails is shrunk to the operations that it needs.

mod aliases;
mod batch_orders;
mod batches;
mod business;
mod callbacks;
mod clients;
mod credentials;
mod erasures;
mod files;
mod forgeries;
pub mod generator;
mod inhabitants;
mod interpreter;
mod key_rotation;
mod known;
mod manners;
mod neighbours;
mod numbers;
mod operations;
mod orders;
mod people;
pub mod plan;
mod quotas;
mod received_events;
mod reports;
pub mod run;
mod setup;
pub mod shrink;
mod turns;
mod urls;
mod webhooks;

pub use manners::{Condition, Content, Keys, Manner, Shown};
pub use operations::{Kind, Operation};
