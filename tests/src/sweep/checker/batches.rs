//! Promises 1, 3 and 6 of batches: each recipient has the message that the answer names or none, and `batch.completed` is
//! published once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;
use shared::batch::events::COMPLETED;
use shared::batch::{Batch, BatchState};
use shared::message::Message;

use super::acceptance::is_refused;
use crate::sweep::batches::{BatchRequest, row_reference};
use crate::sweep::evidence::{Evidence, TenantEvidence, WebhookEvidence};

/// All answers to a batch name the same messages, which are those that are recorded, each in a final state; a batch that was
/// refused has none.
pub fn are_as_answered(evidence: &Evidence) -> Vec<String> {
    let by_reference = evidence.by_reference();
    let mut requests: BTreeMap<&str, Vec<&BatchRequest>> = BTreeMap::new();
    for request in &evidence.batch_requests {
        requests.entry(&request.reference).or_default().push(request);
    }
    let mut broken = Vec::new();
    for (reference, requests) in requests {
        let rows = (0..requests[0].recipients).map(|index| by_reference.get(&row_reference(reference, index)));
        let rows: Vec<&[&Message]> = rows.map(|records| records.map_or(&[][..], Vec::as_slice)).collect();
        let seen = wrong_rows(&requests, &rows);
        broken.extend(seen.map(|seen| {
            let answers: Vec<_> = requests.iter().map(|request| &request.answer).collect();
            format!("batch {reference} {seen}: it was answered {answers:?}")
        }));
        let open = rows.iter().flat_map(|records| records.iter());
        let open = open.filter(|record| record.status.public_status() == "queued");
        broken.extend(open.map(|record| format!("{} of batch {reference} is queued at rest", record.id)));
    }
    broken.extend(never_accepted(evidence));
    broken
}

/// What is wrong with the records of a batch's rows, if anything is.
fn wrong_rows(requests: &[&BatchRequest], rows: &[&[&Message]]) -> Option<String> {
    let ids: Vec<Vec<&str>> =
        rows.iter().map(|records| records.iter().map(|record| record.id.as_str()).collect()).collect();
    let answers: Vec<&Value> = requests.iter().filter_map(|request| request.accepted()).collect();
    let Some(first) = answers.first() else {
        let is_refused = requests.iter().all(|request| is_refused_wholly(request));
        let most = usize::from(!is_refused);
        return ids.iter().any(|ids| ids.len() > most).then(|| format!("has the records {ids:?}"));
    };
    let same = |name: &str| answers.iter().all(|answer| answer[name] == first[name]);
    if !["batchId", "accepted", "rejected", "messages", "status"].into_iter().all(same) {
        return Some("has different answers".to_owned());
    }
    let mut named = vec![Vec::new(); rows.len()];
    let messages = first["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    for message in messages {
        let index = message["index"].as_u64().and_then(|index| usize::try_from(index).ok()).unwrap_or(usize::MAX);
        named.get_mut(index)?.extend(message["messageId"].as_str());
    }
    let rejected = first["rejected"].as_array().map_or(0, Vec::len);
    let counts = (first["accepted"].as_u64(), messages.len() + rejected);
    let is_right = named == ids && counts == (u64::try_from(messages.len()).ok(), rows.len());
    (!is_right).then(|| format!("has the records {ids:?}"))
}

/// Whether a request was refused so that nothing is accepted under its key, by itself or by others.
fn is_refused_wholly(request: &BatchRequest) -> bool {
    let answer = request.answer.as_ref();
    is_refused(answer) && answer.is_some_and(|(_, body)| body["error"]["code"] != "idempotency_in_progress")
}

/// The messages that are recorded of batches that are not accepted.
fn never_accepted(evidence: &Evidence) -> Vec<String> {
    let accepted = evidence.batches.iter().filter(|batch| batch.state == BatchState::Accepted);
    let accepted: BTreeSet<&str> = accepted.map(|batch| batch.id.as_str()).collect();
    let rows = evidence.records.iter().filter_map(|record| Some((&record.id, record.batch_row.as_ref()?)));
    let lost = rows.filter(|(_, row)| !accepted.contains(row.batch.as_str()));
    lost.map(|(id, row)| format!("{id} is recorded, and its batch {} is not accepted", row.batch)).collect()
}

/// Each batch that was accepted is complete, which was published to each webhook that wants to know it, under one id.
pub fn each_is_completed_once(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    let accepted = evidence.batches.iter().filter(|batch| batch.state == BatchState::Accepted);
    let (complete, open): (Vec<_>, Vec<_>) = accepted.partition(|batch| batch.completed_at.is_some());
    broken.extend(open.iter().map(|batch| format!("{} is not complete at rest", batch.id)));
    for tenant in &evidence.tenants {
        for webhook in tenant.webhooks.iter().filter(|webhook| webhook.others.iter().any(|it| it == COMPLETED)) {
            broken.extend(wrong_events(evidence, tenant, webhook, &complete));
        }
    }
    broken
}

/// What is wrong with the events of a webhook: of each batch of its instance it got one, however often, unless it was disabled.
fn wrong_events(
    evidence: &Evidence,
    tenant: &TenantEvidence,
    webhook: &WebhookEvidence,
    complete: &[&Batch],
) -> Vec<String> {
    let own = complete.iter().filter(|batch| batch.account_id.as_str() == tenant.account);
    let own: BTreeSet<&str> =
        own.filter(|batch| batch.instance_id.as_str() == webhook.instance).map(|batch| batch.id.as_str()).collect();
    let mut ids: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    let mut received: BTreeSet<&str> = BTreeSet::new();
    let mut broken = Vec::new();
    for (call, _) in webhook.calls.iter().filter(|(call, _)| call.event() == COMPLETED) {
        let data = &call.json["data"];
        let batch = data["batchId"].as_str().unwrap_or_default();
        ids.entry(batch).or_default().insert(call.header("webhook-id"));
        received.extend(call.answered.filter(|status| status.is_success()).map(|_| batch));
        if data["counts"]["queued"] != 0 || data["counts"]["scheduled"] != 0 {
            broken.push(format!("{} got {COMPLETED} of {batch} with {}", webhook.id, data["counts"]));
        }
    }
    let letters = evidence.dead_letters.iter().filter(|letter| letter.webhook_id.as_str() == webhook.id);
    received.extend(letters.filter(|letter| letter.event == COMPLETED).map(|letter| letter.subject.as_str()));
    let missing = own.iter().filter(|batch| webhook.disabled.is_empty() && !received.contains(*batch));
    broken.extend(missing.map(|batch| format!("{} never got {COMPLETED} of {batch}", webhook.id)));
    let wrong = ids.iter().filter(|(batch, ids)| !own.contains(*batch) || ids.len() > 1);
    broken.extend(wrong.map(|(batch, ids)| format!("{} got {COMPLETED} of {batch} under the ids {ids:?}", webhook.id)));
    broken
}
