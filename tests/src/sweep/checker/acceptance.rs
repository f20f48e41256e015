//! Promises 1 and 2: each accepted message has one record in a final state, and WhatsApp got it at most once.

use std::collections::{BTreeMap, BTreeSet};

use shared::message::Direction;

use crate::sweep::evidence::Evidence;

/// A request answered with 202 has exactly the record that the answer names; one that was refused has none.
pub fn each_202_has_one_record(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    let by_reference = evidence.by_reference();
    for request in &evidence.requests {
        let records = by_reference.get(&request.reference).map(Vec::as_slice).unwrap_or_default();
        let answer = request.answer.as_ref().map(|(status, body)| (*status, body["error"]["code"].as_str()));
        let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
        let right = match answer {
            Some((202, _)) => ids.len() == 1 && Some(ids[0]) == request.accepted(),
            Some((400..=499, _) | (_, Some("service_unavailable"))) => ids.is_empty(),
            _ => ids.len() <= 1,
        };
        if !right {
            broken.push(format!("{} was answered {:?} and has the records {ids:?}", request.reference, request.answer));
        }
        let open = records.iter().filter(|record| record.status.public_status() == "queued");
        broken.extend(open.map(|record| format!("{} is {:?} at rest", record.id, record.status)));
    }
    broken
}

/// WhatsApp accepted no message twice.
pub fn nothing_is_posted_twice(evidence: &Evidence) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, _) in &evidence.taken {
        *counts.entry(id).or_default() += 1;
    }
    let twice = counts.into_iter().filter(|(_, count)| *count > 1);
    twice.map(|(id, count)| format!("the phone shows {id} {count} times")).collect()
}

/// WhatsApp accepted exactly the messages that are recorded as sent.
pub fn only_recorded_messages_were_sent(evidence: &Evidence) -> Vec<String> {
    let shown: BTreeSet<&str> = evidence.taken.iter().map(|(id, _)| id.as_str()).collect();
    let sent = evidence.records.iter().filter(|record| record.direction == Direction::Outbound);
    let sent: BTreeSet<&str> =
        sent.filter(|record| record.sent_at.is_some()).map(|record| record.id.as_str()).collect();
    let unsent = shown.difference(&sent).map(|id| format!("the phone shows {id}, which is not recorded as sent"));
    let unseen = sent.difference(&shown).map(|id| format!("{id} is recorded as sent, and no phone shows it"));
    unsent.chain(unseen).collect()
}
