//! Promise 3: credits spent are messages accepted minus refunds.

use shared::message::Direction;

use crate::sweep::evidence::Evidence;

/// When the stack is quiescent, remaining and spent credits add up to the granted ones, and nothing is reserved.
pub fn is_exact(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for tenant in &evidence.tenants {
        let own = evidence.records.iter().filter(|record| record.account_id.as_str() == tenant.account);
        let outbound = own.filter(|record| record.direction == Direction::Outbound);
        let (failed, kept): (Vec<_>, Vec<_>) = outbound.partition(|record| record.status.public_status() == "failed");
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
