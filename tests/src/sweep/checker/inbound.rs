//! Promise 11: what a callback brings is stored, for the owner of its number.

use shared::message::Direction;

use crate::sweep::evidence::Evidence;

/// Each inbound message whose callback was acknowledged has a record of its number's owner.
pub fn each_is_stored(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for inbound in evidence.inbound.iter().filter(|inbound| !inbound.owners.is_empty()) {
        let records = evidence.records.iter().filter(|record| record.direction == Direction::Inbound);
        let records = records.filter(|record| record.provider_id.as_deref() == Some(inbound.wamid.as_str()));
        let receivers: Vec<(String, String)> =
            records.map(|record| (record.account_id.to_string(), record.instance_id.to_string())).collect();
        let is_right = |receiver| !inbound.is_certain || inbound.owners.contains(receiver);
        if !receivers.iter().any(is_right) {
            let (wamid, owners) = (&inbound.wamid, &inbound.owners);
            broken.push(format!("{wamid} was acknowledged for {owners:?} and is stored for {receivers:?}"));
        }
    }
    broken
}
