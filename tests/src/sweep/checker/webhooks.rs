//! Promises 6 and 9: each transition is published to each webhook of its account and to no other, under one event id.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use shared::message::{Message, MessageEvent};

use crate::sweep::evidence::{Evidence, TenantEvidence};
use crate::webhook_receiver::Call;

/// Each transition was published, signed, under one event id, or is a dead letter; and nothing else was published.
pub fn each_transition_is_published(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for tenant in &evidence.tenants {
        let own = evidence.records.iter().filter(|record| record.account_id.as_str() == tenant.account);
        let due: BTreeSet<(String, &str)> = own.flat_map(|record| transitions(evidence, record)).collect();
        for (number, calls) in tenant.webhook_calls.iter().enumerate() {
            let whose = format!("webhook {number} of {}", tenant.account);
            broken.extend(calls.iter().filter(|(_, verified)| !verified).map(|(call, _)| {
                format!("{whose} got {} of {} with an invalid signature", call.event(), call.message_id())
            }));
            broken.extend(compare(evidence, &due, calls).into_iter().map(|seen| format!("{whose}: {seen}")));
        }
    }
    broken
}

/// No webhook gets events of another account's messages.
pub fn only_to_its_own_account(evidence: &Evidence) -> Vec<String> {
    let owners: HashMap<&str, &str> =
        evidence.records.iter().map(|record| (record.id.as_str(), record.account_id.as_str())).collect();
    let is_of = |tenant: &TenantEvidence, call: &Call| owners.get(call.message_id()) == Some(&tenant.account.as_str());
    let mut broken = Vec::new();
    for tenant in &evidence.tenants {
        let strange = tenant.webhook_calls.iter().flatten().filter(|(call, _)| call.event().starts_with("message."));
        let strange = strange.filter(|(call, _)| !is_of(tenant, call));
        broken.extend(strange.map(|(call, _)| {
            format!("{} got {} of {}, which is not its own", tenant.account, call.event(), call.message_id())
        }));
    }
    broken
}

fn compare(evidence: &Evidence, due: &BTreeSet<(String, &str)>, calls: &[(Call, bool)]) -> Vec<String> {
    let mut ids: BTreeMap<(String, &str), BTreeSet<&str>> = BTreeMap::new();
    for (call, _) in calls.iter().filter(|(call, _)| call.event().starts_with("message.")) {
        ids.entry((call.message_id().to_owned(), call.event())).or_default().insert(call.header("webhook-id"));
    }
    let buried = |(message, event): &(String, &str)| {
        evidence.dead_letters.iter().any(|letter| letter.subject == *message && letter.event == *event)
    };
    let missing = due.iter().filter(|event| !ids.contains_key(*event) && !buried(event));
    let missing = missing.map(|(message, event)| format!("never got {event} of {message}"));
    let wrong = ids.keys().filter(|event| !due.contains(*event));
    let wrong = wrong.map(|(message, event)| format!("got {event} of {message}, which never happened"));
    let many = ids.iter().filter(|(_, ids)| ids.len() > 1);
    let many = many.map(|((message, event), ids)| format!("got {event} of {message} under the ids {ids:?}"));
    missing.chain(wrong).chain(many).collect()
}

/// The transitions of a message, by its images: those whose time is set in any of them.
fn transitions<'a>(evidence: &Evidence, record: &Message) -> Vec<(String, &'a str)> {
    let id = record.id.to_string();
    let images = evidence.images.get(&id).map(Vec::as_slice).unwrap_or_default();
    let happened = |event: &MessageEvent| {
        let attribute = event.time_attribute();
        images.iter().any(|image| !image[attribute].is_null()) || record.time_of(*event).is_some()
    };
    MessageEvent::ALL.into_iter().filter(happened).map(|event| (id.clone(), event.name())).collect()
}
