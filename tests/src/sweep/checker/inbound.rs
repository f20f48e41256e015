//! Promise 11: what a callback brings is stored, for the owner of its number.

use std::collections::BTreeMap;

use shared::message::Direction;

use crate::sweep::evidence::Evidence;

/// Each inbound message whose callback was acknowledged has a record of its number's owner: of the one then, when WhatsApp repeats the
/// callback after the number has moved.
pub fn each_is_stored(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for inbound in evidence.inbound.iter().filter(|inbound| !inbound.owners.is_empty()) {
        let records = evidence.records.iter().filter(|record| record.direction == Direction::Inbound);
        let records = records.filter(|record| record.provider_id.as_deref() == Some(inbound.wamid.as_str()));
        let receivers: Vec<(String, String)> =
            records.map(|record| (record.account_id.to_string(), record.instance_id.to_string())).collect();
        let so_far = || {
            evidence.inbound.iter().filter(|it| it.wamid == inbound.wamid && it.acknowledged <= inbound.acknowledged)
        };
        let is_right = |receiver| so_far().any(|it| !it.is_certain || it.owners.contains(receiver));
        if !receivers.iter().any(is_right) {
            let (wamid, owners) = (&inbound.wamid, &inbound.owners);
            broken.push(format!("{wamid} was acknowledged for {owners:?} and is stored for {receivers:?}"));
        }
    }
    broken.extend(stored_twice(evidence));
    broken
}

/// The inbound messages that an instance has more than once.
fn stored_twice(evidence: &Evidence) -> Vec<String> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for record in evidence.records.iter().filter(|record| record.direction == Direction::Inbound) {
        let wamid = record.provider_id.as_deref().unwrap_or_default();
        *counts.entry((record.instance_id.as_str(), wamid)).or_default() += 1;
    }
    let twice = counts.into_iter().filter(|(_, count)| *count > 1);
    twice.map(|((instance, wamid), count)| format!("{instance} has {wamid} {count} times")).collect()
}
