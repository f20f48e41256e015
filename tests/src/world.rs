//! A search for a world that breaks a promise: customers, numbers, keys, webhooks and people, and a few hundred
//! operations at random, many of them side by side. When the stack is at rest, the checks of the sweep are made. A world
//! that fails is shrunk to the operations that it needs.

mod clients;
mod forgeries;
pub mod generator;
mod inhabitants;
mod interpreter;
mod known;
mod neighbours;
mod numbers;
mod operations;
mod orders;
pub mod plan;
pub mod run;
mod setup;
pub mod shrink;
mod webhooks;

pub use operations::{Content, Kind, Manner, Operation};
