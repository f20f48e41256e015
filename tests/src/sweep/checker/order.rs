//! Promise 7: messages of a conversation are sent in the order in which they were accepted.

use std::collections::{HashMap, HashSet};

use crate::sweep::evidence::Evidence;

/// Of two requests to one recipient that were accepted one after the other, WhatsApp got the first one first.
pub fn of_each_conversation(evidence: &Evidence) -> Vec<String> {
    let places: HashMap<&str, usize> =
        evidence.taken.iter().enumerate().map(|(place, (id, _))| (id.as_str(), place)).collect();
    let mut latest: HashMap<(usize, &str), (usize, &str)> = HashMap::new();
    let (mut seen, mut broken) = (HashSet::new(), Vec::new());
    for request in &evidence.requests {
        let Some(id) = request.accepted() else { continue };
        let Some(place) = places.get(id) else { continue };
        // A repeat of an earlier request names an earlier message, and says nothing of the order.
        if !seen.insert(id) {
            continue;
        }
        if let Some((before, other)) = latest.insert((request.tenant, &request.to), (*place, id))
            && *place < before
        {
            broken.push(format!("{id} left before {other}, which was accepted before it"));
        }
    }
    broken
}
