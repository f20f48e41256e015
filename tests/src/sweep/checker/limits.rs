//! Promise 4: no window admits more than burst + rate x time.

use crate::sweep::evidence::Evidence;

/// Checks every window between two admitted requests of a customer with a limit.
pub fn hold(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for (number, tenant) in evidence.tenants.iter().enumerate() {
        let Some(per_minute) = tenant.per_minute else { continue };
        let made = |id: &str| evidence.records.iter().find(|record| record.id.as_str() == id);
        let own = evidence.requests.iter().filter(|request| request.tenant == number);
        let mut times: Vec<i64> =
            own.filter_map(|request| Some(made(request.accepted()?)?.created_at.millis())).collect();
        times.sort_unstable();
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
