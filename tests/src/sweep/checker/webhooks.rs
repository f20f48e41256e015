//! Promises 6 and 9: each transition is published to each webhook of its account and to no other, under one event id.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use shared::message::{Message, MessageEvent};

use crate::sweep::evidence::{Evidence, TenantEvidence, WebhookEvidence};
use crate::webhook_receiver::Call;

/// WhatsApp's ids of messages that a customer made up begin with this: they may be too strange to be published.
pub const FORGED: &str = "wamid.FORGED";

/// Each transition was published, signed, under one event id, or is a dead letter; and nothing else was published.
pub fn each_transition_is_published(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for tenant in &evidence.tenants {
        for (number, webhook) in tenant.webhooks.iter().enumerate() {
            let whose = format!("webhook {number} of {}", tenant.account);
            broken.extend(webhook.calls.iter().filter(|(_, verified)| !verified).map(|(call, _)| {
                format!("{whose} got {} of {} with an invalid signature", call.event(), call.message_id())
            }));
            broken.extend(compare(evidence, tenant, webhook).into_iter().map(|seen| format!("{whose}: {seen}")));
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
        let calls = tenant.webhooks.iter().flat_map(|webhook| &webhook.calls).map(|(call, _)| call);
        let strange = calls.filter(|call| call.event().starts_with("message.") && !is_of(tenant, call));
        broken.extend(strange.map(|call| {
            format!("{} got {} of {}, which is not its own", tenant.account, call.event(), call.message_id())
        }));
    }
    broken.extend(evidence.trespasses.iter().cloned());
    broken
}

fn compare(evidence: &Evidence, tenant: &TenantEvidence, webhook: &WebhookEvidence) -> Vec<String> {
    let own = evidence.records.iter().filter(|record| record.account_id.as_str() == tenant.account);
    let own = own.filter(|record| record.instance_id.as_str() == webhook.instance);
    let happened: BTreeSet<(String, &'static str)> = own.flat_map(|record| transitions(evidence, record)).collect();
    let mut ids: BTreeMap<(String, &str), BTreeSet<&str>> = BTreeMap::new();
    for (call, _) in webhook.calls.iter().filter(|(call, _)| call.event().starts_with("message.")) {
        ids.entry((call.message_id().to_owned(), call.event())).or_default().insert(call.header("webhook-id"));
    }
    let letters = evidence.dead_letters.iter().filter(|letter| letter.webhook_id.as_str() == webhook.id);
    let buried: BTreeSet<(&str, &str)> =
        letters.map(|letter| (letter.subject.as_str(), letter.event.as_str())).collect();
    let due = happened.iter().filter(|event| is_due(evidence, webhook, event));
    let missing = due.filter(|(message, event)| !buried.contains(&(message.as_str(), *event)));
    let answered = webhook.calls.iter().filter(|(call, _)| call.answered.is_some_and(|status| status.is_success()));
    let received: BTreeSet<(&str, &str)> = answered.map(|(call, _)| (call.message_id(), call.event())).collect();
    let missing = missing.filter(|(message, event)| !received.contains(&(message.as_str(), *event)));
    let missing = missing.map(|(message, event)| format!("never got {event} of {message}"));
    let wrong = ids.keys().filter(|event| !happened.contains(*event));
    let wrong = wrong.map(|(message, event)| format!("got {event} of {message}, which never happened"));
    let many = ids.iter().filter(|(_, ids)| ids.len() > 1);
    let many = many.map(|((message, event), ids)| format!("got {event} of {message} under the ids {ids:?}"));
    missing.chain(wrong).chain(many).collect()
}

/// Whether an event that happened must be published: what an erased message had to tell may be lost with it, and a webhook
/// that is disabled gets nothing.
fn is_due(evidence: &Evidence, webhook: &WebhookEvidence, event: &(String, &'static str)) -> bool {
    let is_forged = |record: &Message| record.provider_id.as_ref().is_some_and(|id| id.starts_with(FORGED));
    let place = evidence.first_written.get(event);
    let was_disabled = place.is_some_and(|place| webhook.disabled.iter().any(|range| range.contains(place)));
    let record = evidence.records.iter().find(|record| record.id.as_str() == event.0);
    !was_disabled && !evidence.erased.contains(&event.0) && !record.is_some_and(is_forged)
}

/// The transitions of a message, by its images: those whose time is set in any of them.
fn transitions(evidence: &Evidence, record: &Message) -> Vec<(String, &'static str)> {
    let id = record.id.to_string();
    let images = evidence.images.get(&id).map(Vec::as_slice).unwrap_or_default();
    let happened = |event: &MessageEvent| {
        let attribute = event.time_attribute();
        images.iter().any(|image| !image[attribute].is_null()) || record.time_of(*event).is_some()
    };
    MessageEvent::ALL.into_iter().filter(happened).map(|event| (id.clone(), event.name())).collect()
}
