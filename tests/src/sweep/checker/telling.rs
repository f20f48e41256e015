//! Promises 6 and 9: each transition is told to each webhook of its account and to no other, under one id.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use shared::message::Message;
use shared::state::Transition;

use crate::receiver::Call;
use crate::sweep::evidence::{Evidence, TenantEvidence};

/// Every time that a record was given was told, signed, with one id, or stands in the dead letters; and nothing else was.
pub fn each_transition_is_told(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for tenant in &evidence.tenants {
        let own = evidence.records.iter().filter(|record| record.account_id.as_str() == tenant.account);
        let due: BTreeSet<(String, &str)> = own.flat_map(|record| transitions(evidence, record)).collect();
        for (number, told) in tenant.told.iter().enumerate() {
            let whose = format!("webhook {number} of {}", tenant.account);
            broken.extend(told.iter().filter(|(_, verified)| !verified).map(|(call, _)| {
                format!("{whose} was told {} of {} with a wrong signature", call.event(), call.message_id())
            }));
            broken.extend(compare(evidence, &due, told).into_iter().map(|seen| format!("{whose}: {seen}")));
        }
    }
    broken
}

/// No webhook is told of another account's messages.
pub fn nobody_elses(evidence: &Evidence) -> Vec<String> {
    let owners: HashMap<&str, &str> =
        evidence.records.iter().map(|record| (record.id.as_str(), record.account_id.as_str())).collect();
    let is_of = |tenant: &TenantEvidence, call: &Call| owners.get(call.message_id()) == Some(&tenant.account.as_str());
    let mut broken = Vec::new();
    for tenant in &evidence.tenants {
        let strange = tenant.told.iter().flatten().filter(|(call, _)| call.event().starts_with("message."));
        let strange = strange.filter(|(call, _)| !is_of(tenant, call));
        broken.extend(strange.map(|(call, _)| {
            format!("{} was told {} of {}, which is not its own", tenant.account, call.event(), call.message_id())
        }));
    }
    broken
}

fn compare(evidence: &Evidence, due: &BTreeSet<(String, &str)>, told: &[(Call, bool)]) -> Vec<String> {
    let mut ids: BTreeMap<(String, &str), BTreeSet<&str>> = BTreeMap::new();
    for (call, _) in told.iter().filter(|(call, _)| call.event().starts_with("message.")) {
        ids.entry((call.message_id().to_owned(), call.event())).or_default().insert(call.header("webhook-id"));
    }
    let buried = |(message, event): &(String, &str)| {
        evidence.dead_letters.iter().any(|letter| letter.subject == *message && letter.event == *event)
    };
    let untold = due.iter().filter(|event| !ids.contains_key(*event) && !buried(event));
    let untold = untold.map(|(message, event)| format!("was never told {event} of {message}"));
    let untrue = ids.keys().filter(|event| !due.contains(*event));
    let untrue = untrue.map(|(message, event)| format!("was told {event} of {message}, which never happened"));
    let many = ids.iter().filter(|(_, ids)| ids.len() > 1);
    let many = many.map(|((message, event), ids)| format!("was told {event} of {message} under the ids {ids:?}"));
    untold.chain(untrue).chain(many).collect()
}

/// What happened to a message, by the stream: the times that an image has and the one before it lacks.
fn transitions<'a>(evidence: &Evidence, record: &Message) -> Vec<(String, &'a str)> {
    let id = record.id.to_string();
    let images = evidence.images.get(&id).map(Vec::as_slice).unwrap_or_default();
    let happened = |transition: &Transition| {
        let attribute = transition.attribute();
        images.iter().any(|image| !image[attribute].is_null()) || record.time_of(*transition).is_some()
    };
    Transition::ALL.into_iter().filter(happened).map(|transition| (id.clone(), transition.event())).collect()
}
