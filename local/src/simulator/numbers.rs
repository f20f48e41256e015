//! The businesses' numbers that the simulator has heard of, so that a phone can begin a conversation with one.

use std::collections::BTreeSet;
use std::sync::Mutex;

use shared::mutex::lock;
use shared::provider_ids::is_graph_id;

/// The most numbers that are kept.
const MAX_NUMBERS: usize = 1_000;

/// The ids of numbers that were connected or that sent something.
#[derive(Debug, Default)]
pub struct Numbers(Mutex<BTreeSet<String>>);

impl Numbers {
    /// Notes a number.
    pub fn note(&self, id: &str) {
        let mut numbers = lock(&self.0);
        if is_graph_id(id) && numbers.len() < MAX_NUMBERS && !numbers.contains(id) {
            numbers.insert(id.to_owned());
        }
    }

    /// The ids of all of them.
    pub fn all(&self) -> Vec<String> {
        lock(&self.0).iter().cloned().collect()
    }
}
