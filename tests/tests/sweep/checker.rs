//! Tests of the checker: the evidence of a good run, falsified in one place at a time.

use serde_json::json;
use shared::batch::BatchState;
use shared::media::inbound::InboundStatus;
use shared::message::{Direction, Failure, FailureCode, Message, State};
use tests::sweep::checker::check;
use tests::sweep::evidence::{ErasureEvidence, Evidence, InboundEvidence};
use tests::sweep::run::{Scenario, run_without_faults};
use tokio::time::Instant;

use crate::PROGRAM;

type Falsify = fn(&mut Evidence);

/// A falsification of a good run, and the promise that the checker must report.
const LIES: [(&str, &str, Falsify); 36] = [
    ("a message stays queued", "accepted is durable", |run| read(run).status = State::Queued),
    ("a record is gone", "accepted is durable", |run| {
        let id = read(run).id.clone();
        run.records.retain(|record| record.id != id);
    }),
    ("a request has two records", "accepted is durable", |run| {
        let copy = Message { id: "msg_copy".parse().expect("an id"), ..read(run).clone() };
        run.records.push(copy);
    }),
    ("what was refused has a record", "accepted is durable", |run| {
        let request =
            run.requests.iter_mut().find(|request| request.reference == "k2").expect("one that is not repeated");
        request.answer = Some((503, json!({ "error": { "code": "service_unavailable" } })));
    }),
    ("a phone shows it twice", "never twice", |run| run.taken.push(run.taken[0].clone())),
    ("a phone shows what was not sent", "recorded as sent is what was sent", |run| read(run).sent_at = None),
    ("no phone shows what was sent", "recorded as sent is what was sent", |run| {
        run.taken.remove(0);
    }),
    ("a credit is lost", "exact money", |run| run.tenants[0].credits -= 1),
    ("a credit is given back twice", "exact money", |run| run.tenants[1].credits += 1),
    ("a reservation is left", "exact money", |run| run.tenants[1].reservations = 1),
    ("a failure is not marked as given back", "exact money", |run| {
        run.records.iter_mut().find(|record| record.status.public_status() == "failed").expect("one").refunded = false;
    }),
    ("a limit is passed", "exact limits", |run| run.tenants[1].per_minute = Some(1)),
    ("a status falls", "status only moves forward", |run| {
        let id = read(run).id.to_string();
        let images = run.images.get_mut(&id).expect("its images");
        let last = images.len() - 1;
        images.swap(last, last - 1);
    }),
    ("a time is set again", "status only moves forward", |run| {
        let id = read(run).id.to_string();
        run.images.get_mut(&id).expect("its images").last_mut().expect("one")["sentAt"] = json!(1);
    }),
    ("an event is not published", "every transition is published", |run| {
        run.tenants[0].webhooks[1].calls.retain(|(call, _)| call.event() != "message.delivered");
    }),
    ("a signature is wrong", "every transition is published", |run| run.tenants[0].webhooks[0].calls[0].1 = false),
    ("a conversation is turned round", "in order", |run| run.taken.reverse()),
    ("what was acknowledged is not stored", "nothing from WhatsApp is dropped", |run| {
        let owner = (run.tenants[0].account.clone(), run.tenants[0].webhooks[0].instance.clone());
        let (wamid, owners) = ("wamid.LOST".to_owned(), vec![owner]);
        run.inbound.push(inbound(wamid, owners));
    }),
    ("an instance has an inbound message twice", "nothing from WhatsApp is dropped", |run| {
        let received = run.records.iter().find(|record| record.direction == Direction::Inbound).expect("one");
        let copy = Message { id: "msg_copy".parse().expect("an id"), ..received.clone() };
        run.records.push(copy);
    }),
    ("an erased message is left", "nothing of an erased person is left", |run| {
        let to = run.requests[0].to.clone();
        run.erasures.push(erasure(run, &to));
    }),
    ("an erased inbound message is left", "nothing of an erased person is left", |run| {
        let received = run.records.iter().find(|record| record.direction == Direction::Inbound).expect("one").clone();
        let owner = (received.account_id.to_string(), received.instance_id.to_string());
        run.inbound.push(inbound(received.provider_id.clone().expect("an id"), vec![owner]));
        run.erasures.push(erasure(run, "5511988887777"));
    }),
    ("a message expired that had a day", "accepted is durable", |run| fail(run, FailureCode::Expired)),
    ("a message was given up", "accepted is durable", |run| fail(run, FailureCode::ProviderError)),
    ("a received file is fetched for ever", "each received file is fetched", |run| {
        run.received_files[0].status = InboundStatus::Fetching;
    }),
    ("a customer cancels another's", "own account only", |run| run.trespasses.push("DELETE".to_owned())),
    ("an ambiguous template is accepted", "recorded as sent is what was sent", |run| {
        run.ambiguous.push("msg_1".to_owned())
    }),
    ("a message that arrived costs nothing", "exact money", |run| {
        let message = read(run);
        (message.status, message.refunded) = (State::Failed, true);
        let id = message.id.to_string();
        run.tenants[0].credits += 1;
        run.forged.insert(id);
    }),
    ("a message of a batch is lost", "a batch is what its answer says", |run| {
        let id = row(run).id.clone();
        run.records.retain(|record| record.id != id);
    }),
    ("a repeat of a batch is answered otherwise", "a batch is what its answer says", |run| {
        run.batch_requests[1].answer.as_mut().expect("an answer").1["accepted"] = json!(3);
    }),
    ("a batch that was refused has records", "a batch is what its answer says", |run| {
        for request in &mut run.batch_requests {
            request.answer = Some((402, json!({ "error": { "code": "insufficient_credits" } })));
        }
    }),
    ("a batch stays unaccepted", "a batch is what its answer says", |run| {
        run.batches[0].state = BatchState::Recording;
    }),
    ("a batch stays open", "each batch ends, with its event", |run| run.batches[0].completed_at = None),
    ("the end of a batch is not published", "each batch ends, with its event", |run| {
        run.tenants[0].webhooks[1].calls.retain(|(call, _)| call.event() != "batch.completed");
    }),
    ("the end of a batch is published twice", "each batch ends, with its event", |run| {
        let calls = &mut run.tenants[0].webhooks[1].calls;
        let end = calls.iter().find(|(call, _)| call.event() == "batch.completed");
        let (mut call, verified) = end.expect("an event").clone();
        call.headers.insert("webhook-id", "another".parse().expect("a header"));
        calls.push((call, verified));
    }),
    ("a function panics", "no function panics", |run| run.logs.push_str("thread 'main' panicked at src/main.rs:1:1")),
    ("a log names a phone number", "nothing private in logs", |run| run.logs.push_str("to 15562131000")),
];

/// An inbound message that was acknowledged.
fn inbound(wamid: String, owners: Vec<(String, String)>) -> InboundEvidence {
    let named = vec!["5511988887777".to_owned()];
    InboundEvidence { wamid, owners, is_certain: true, named, acknowledged: Instant::now() }
}

/// An erasure of the main customer's that said that nothing is left.
fn erasure(run: &Evidence, alias: &str) -> ErasureEvidence {
    let (account, began) = (run.tenants[0].account.clone(), Instant::now());
    ErasureEvidence { account, tenant: 0, alias: alias.to_owned(), began, is_complete: true }
}

/// Fails a message that was read, at once.
fn fail(run: &mut Evidence, code: FailureCode) {
    let message = read(run);
    message.error = Some(Failure::new(code, "It could not be sent."));
    message.failed_at = Some(message.created_at);
}

/// A message of a batch.
fn row(run: &Evidence) -> &Message {
    run.records.iter().find(|record| record.batch_row.is_some()).expect("a message of a batch")
}

/// A message that was read.
fn read(run: &mut Evidence) -> &mut Message {
    run.records.iter_mut().find(|record| record.status == State::Read).expect("a message was read")
}

#[tokio::test]
async fn each_check_finds_its_violation_and_none_in_a_good_run() {
    let (good, _) = run_without_faults(PROGRAM, Scenario::Whole).await;
    assert_eq!(check(&good), []);
    for (lie, promise, falsify) in LIES {
        let mut falsified = good.clone();
        falsify(&mut falsified);
        let broken = check(&falsified);
        assert!(broken.iter().any(|violation| violation.promise == promise), "{lie}: {broken:?}");
    }
    let mut swapped = good.clone();
    let event = swapped.tenants[1].webhooks[0].calls[0].clone();
    swapped.tenants[0].webhooks[0].calls.push(event);
    assert!(check(&swapped).iter().any(|violation| violation.promise == "own account only"));
    let mut renamed = good;
    let (mut call, verified) = renamed.tenants[0].webhooks[0].calls[0].clone();
    call.headers.insert("webhook-id", "another".parse().expect("a header"));
    renamed.tenants[0].webhooks[0].calls.push((call, verified));
    assert!(check(&renamed).iter().any(|violation| violation.seen.contains("under the ids")));
}
