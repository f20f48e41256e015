//! Promise 3: credits spent are messages accepted minus refunds.

use std::collections::BTreeSet;

use shared::message::{Direction, Message};

use crate::sweep::evidence::Evidence;

/// WhatsApp accepts messages to these recipients and does not say that they arrived (docs/simulator.md).
const MAY_FAIL: [&str; 5] = ["15550100002", "15550100013", "15550100016", "1559131049", "1559131026"];

/// When the stack is quiescent, remaining and spent credits add up to the granted ones, and nothing is reserved.
pub fn is_exact(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    let arrived = arrived_and_forged(evidence);
    for tenant in &evidence.tenants {
        let own = evidence.records.iter().filter(|record| record.account_id.as_str() == tenant.account);
        let outbound = own.filter(|record| record.direction == Direction::Outbound);
        let is_free =
            |record: &&Message| record.status.public_status() == "failed" && !arrived.contains(record.id.as_str());
        let (failed, kept): (Vec<_>, Vec<_>) = outbound.partition(is_free);
        let spent = i64::try_from(kept.len()).unwrap_or(i64::MAX);
        if tenant.credits + spent != tenant.granted {
            broken.push(format!(
                "{} was granted {}, has {} left, and {spent} messages that did not fail",
                tenant.account, tenant.granted, tenant.credits
            ));
        }
        if tenant.reservations > 0 {
            broken.push(format!("{} has {} reservations at rest", tenant.account, tenant.reservations));
        }
        let unpaid = failed.iter().filter(|record| !record.refunded);
        broken.extend(unpaid.map(|record| format!("{} failed and is not marked as given back", record.id)));
    }
    broken
}

/// The messages that reached their phones, and whose customers reported them as failed: they cost their credit.
fn arrived_and_forged(evidence: &Evidence) -> BTreeSet<&str> {
    let arrived =
        evidence.taken.iter().filter(|(id, to)| evidence.forged.contains(id) && !MAY_FAIL.contains(&to.as_str()));
    arrived.map(|(id, _)| id.as_str()).collect()
}
