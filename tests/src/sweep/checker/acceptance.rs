//! Promises 1 and 2: each accepted message has one record in a final state, and WhatsApp got it at most once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use shared::message::{Direction, Failure, FailureCode, Message, State};

use crate::sweep::evidence::Evidence;
use crate::sweep::scenario::Request;

/// How long a message may wait that does not say otherwise.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a message waits for its file.
const FILE_WAIT: Duration = Duration::from_secs(15 * 60);
/// WhatsApp accepts messages to these recipients without an answer or a report (docs/simulator.md).
const UNREPORTED: [&str; 2] = ["15550100002", "15550100016"];
/// WhatsApp answers about messages to this recipient, and reports nothing.
const NOT_REPORTED: &str = "15550100012";

/// The requests of one message that were answered with 202 all name its one record; when all were refused, there is
/// none. No record is open at rest, or gone that nobody erased.
pub fn each_202_has_one_record(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    let by_reference = evidence.by_reference();
    let mut answers: BTreeMap<&str, Vec<&Request>> = BTreeMap::new();
    for request in &evidence.requests {
        answers.entry(&request.reference).or_default().push(request);
    }
    for (reference, requests) in answers {
        let records = by_reference.get(reference).map(Vec::as_slice).unwrap_or_default();
        let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
        let accepted: BTreeSet<&str> = requests.iter().filter_map(|request| request.accepted()).collect();
        let right = if accepted.is_empty() {
            ids.len() <= usize::from(!requests.iter().all(|request| is_refused(request.answer.as_ref())))
        } else {
            ids.len() == 1 && accepted == ids.iter().copied().collect()
        };
        if !right {
            let answers: Vec<_> = requests.iter().map(|request| &request.answer).collect();
            broken.push(format!("{reference} was answered {answers:?} and has the records {ids:?}"));
        }
        let open = records.iter().filter(|record| record.status.public_status() == "queued");
        broken.extend(open.map(|record| format!("{} is {:?} at rest", record.id, record.status)));
    }
    broken.extend(vanished(evidence));
    broken.extend(worn_out(evidence));
    broken
}

/// Whether a message had waited for its file for as long as it may (contract-2, Media), while the clock was moved over that.
fn lacked_its_file(evidence: &Evidence, record: &Message, failure: &Failure) -> bool {
    let waited = record.failed_at.is_some_and(|at| record.created_at.plus(FILE_WAIT) <= at);
    evidence.leaps && waited && failure.message.contains("did not have the file")
}

/// The messages that failed because they had to wait: that expired although they had a day, or were given up before.
fn worn_out(evidence: &Evidence) -> Vec<String> {
    let outbound = evidence.records.iter().filter(|record| record.direction == Direction::Outbound);
    let failed = outbound.filter_map(|record| Some((record, record.error.as_ref()?, record.failed_at?)));
    let worn_out = failed.filter(|(record, failure, at)| match failure.code {
        FailureCode::Expired => record.created_at.plus(A_DAY) <= record.deadline,
        FailureCode::ProviderError => {
            failure.provider_code.is_none() && *at < record.deadline && !lacked_its_file(evidence, record, failure)
        }
        _ => false,
    });
    worn_out.map(|(record, failure, _)| format!("{} waited until it failed: {}", record.id, failure.message)).collect()
}

/// Whether a request was refused for good, so that nothing was accepted.
pub fn is_refused(answer: Option<&(u16, Value)>) -> bool {
    let answer = answer.map(|(status, body)| (*status, body["error"]["code"].as_str()));
    matches!(answer, Some((400..=499, _) | (_, Some("service_unavailable"))))
}

/// The records that are gone although nobody erased their person.
fn vanished(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for tenant in &evidence.tenants {
        let own = evidence.records.iter().filter(|record| record.account_id.as_str() == tenant.account);
        let gone = own.filter(|record| evidence.erased.contains(record.id.as_str()));
        let gone = gone.filter(|record| !tenant.erased_aliases.contains(record.contact.as_str()));
        broken.extend(gone.map(|record| format!("{} is gone, and nobody erased it", record.id)));
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

/// Whether nobody can know that WhatsApp accepted a message: its answer was lost, and it reports nothing.
fn is_unknowable(evidence: &Evidence, id: &str, to: &str) -> bool {
    let record = evidence.records.iter().find(|record| record.id.as_str() == id);
    to == NOT_REPORTED && record.is_some_and(|record| record.status == State::Unconfirmed)
}

/// WhatsApp accepted exactly the messages that are recorded as sent, except those that it never reported.
pub fn only_recorded_messages_were_sent(evidence: &Evidence) -> Vec<String> {
    let reported = evidence.taken.iter().filter(|(_, to)| !UNREPORTED.contains(&to.as_str()));
    let reported = reported.filter(|(id, to)| !is_unknowable(evidence, id, to));
    let reported: BTreeSet<&str> = reported.map(|(id, _)| id.as_str()).collect();
    let shown: BTreeSet<&str> = evidence.taken.iter().map(|(id, _)| id.as_str()).collect();
    let sent = evidence.records.iter().filter(|record| record.direction == Direction::Outbound);
    let sent: BTreeSet<&str> =
        sent.filter(|record| record.sent_at.is_some()).map(|record| record.id.as_str()).collect();
    let recorded =
        |id: &str| evidence.records.iter().find(|record| record.id.as_str() == id).map(|it| (it.status, &it.error));
    let unsent = reported.difference(&sent);
    let unsent = unsent.map(|id| format!("the phone shows {id}, which is not recorded as sent: {:?}", recorded(id)));
    let unseen = sent.difference(&shown).map(|id| format!("{id} is recorded as sent, and no phone shows it"));
    let ambiguous = evidence.ambiguous.iter().map(|id| format!("{id} was accepted, and parsers read it differently"));
    unsent.chain(unseen).chain(ambiguous).collect()
}
