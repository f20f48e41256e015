//! What was erased stays erased: an erasure that says that nothing is left leaves nothing of what came before it.

use std::collections::BTreeSet;

use shared::message::Message;

use crate::sweep::evidence::{ErasureEvidence, Evidence};

/// No record is left of what was exchanged under an alias before its erasure began, if the answer said so.
pub fn is_complete(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for erasure in evidence.erasures.iter().filter(|erasure| erasure.is_complete) {
        let own = evidence.records.iter().filter(|record| record.account_id.as_str() == erasure.account);
        let present = own.filter(|record| !evidence.erased.contains(record.id.as_str()));
        let before = before(evidence, erasure);
        let left = present.filter(|record| before.contains(id(record)));
        broken.extend(left.map(|record| format!("{} is left, and {} was erased after it", record.id, erasure.alias)));
    }
    broken
}

/// The messages that were accepted or acknowledged under the alias before: our ids of outbound ones, WhatsApp's of inbound ones.
fn before<'a>(evidence: &'a Evidence, erasure: &ErasureEvidence) -> BTreeSet<&'a str> {
    let sent = evidence.requests.iter().filter(|request| request.tenant == erasure.tenant);
    let sent = sent.filter(|request| request.to == erasure.alias && request.ended < erasure.began);
    let received = evidence.inbound.iter().filter(|inbound| inbound.acknowledged < erasure.began);
    let received = received.filter(|inbound| inbound.named.contains(&erasure.alias) && !inbound.owners.is_empty());
    let received = received.filter(|inbound| inbound.owners.iter().all(|(account, _)| *account == erasure.account));
    sent.filter_map(|request| request.accepted()).chain(received.map(|inbound| inbound.wamid.as_str())).collect()
}

fn id(record: &Message) -> &str {
    use shared::message::Direction;
    match record.direction {
        Direction::Inbound => record.provider_id.as_deref().unwrap_or_default(),
        Direction::Outbound => record.id.as_str(),
    }
}
