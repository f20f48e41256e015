//! Promise 4: no window admits more than burst + rate x time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::sweep::evidence::Evidence;

/// Checks every window between two admitted requests of a key with a limit.
pub fn hold(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for ((tenant, _), times) in admitted(evidence) {
        let Some(per_minute) = evidence.tenants[tenant].per_minute else { continue };
        for (first, began) in times.iter().enumerate() {
            for (last, ended) in times.iter().enumerate().skip(first) {
                let most = f64::from(per_minute) * (1.0 + (ended - began) as f64 / 60_000.0);
                if (last - first + 1) as f64 > most + 0.01 {
                    broken.push(format!("{} messages in {} ms of {most:.2}", last - first + 1, ended - began));
                }
            }
        }
    }
    broken
}

/// When the messages of each customer's keys were accepted, in milliseconds, in order.
fn admitted(evidence: &Evidence) -> BTreeMap<(usize, usize), Vec<i64>> {
    let accepted_at: HashMap<&str, i64> =
        evidence.records.iter().map(|record| (record.id.as_str(), record.created_at.millis())).collect();
    let mut counted = BTreeSet::new();
    let mut times: BTreeMap<_, Vec<i64>> = BTreeMap::new();
    for request in &evidence.requests {
        let Some(id) = request.accepted().filter(|id| counted.insert(*id)) else { continue }; // a repeat names it again
        if let Some(at) = accepted_at.get(id) {
            times.entry((request.tenant, request.key)).or_default().push(*at);
        }
    }
    let begun: HashMap<&str, i64> =
        evidence.batches.iter().map(|batch| (batch.id.as_str(), batch.created_at.millis())).collect();
    for request in &evidence.batch_requests {
        let Some(id) = request.batch_id().filter(|id| counted.insert(*id)) else { continue };
        if let Some(at) = begun.get(id) {
            times.entry((request.tenant, request.key)).or_default().push(*at);
        }
    }
    times.values_mut().for_each(|times| times.sort_unstable());
    times
}
