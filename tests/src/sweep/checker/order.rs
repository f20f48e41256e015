//! Promise 7: messages from one instance to one recipient leave in the order in which they were accepted.

use crate::sweep::evidence::Evidence;

/// Of two requests to one recipient that were both accepted, one after the other, the first is in the ledger first.
pub fn of_each_conversation(evidence: &Evidence) -> Vec<String> {
    let place = |id: &str| evidence.taken.iter().position(|(taken, _)| taken == id);
    let mut broken = Vec::new();
    for (number, first) in evidence.requests.iter().enumerate() {
        for second in &evidence.requests[number + 1..] {
            let (Some(a), Some(b)) = (first.accepted(), second.accepted()) else { continue };
            let same = first.tenant == second.tenant && first.to == second.to && a != b;
            if same
                && let (Some(a_place), Some(b_place)) = (place(a), place(b))
                && a_place > b_place
            {
                broken.push(format!("{b} left before {a}, which was accepted before it"));
            }
        }
    }
    broken
}
