//! Files of received messages: fetched once, kept with their message, and erased with it.

use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::StatusCode;
use reqwest::redirect::Policy;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::ids::MessageId;
use shared::media::ReceivedBounds;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{FaultAt, Proxy};
use tests::test_stack::TestStack;
use tests::uploads::PNG;
use tests::wait::eventually;

use crate::PROGRAM;
use crate::deliver_interleavings::start_with_whatsapp_proxy;

pub const PERSON: &str = "5511999990001";
/// Longer than any wait of a job, and than the queue's visibility timeout.
const LATER: Duration = Duration::from_secs(160);

/// An answer: its status, its headers of interest, its body.
struct Answer {
    status: StatusCode,
    location: Option<String>,
    retry_after: Option<String>,
    body: Value,
}

/// Asks for the file of a message, and follows no redirect.
async fn ask(stack: &TestStack, key: &str, message: &str, query: &str) -> Answer {
    let http =
        reqwest::Client::builder().no_proxy().tls_certs_only([]).redirect(Policy::none()).build().expect("a client");
    let url = format!("{}/v1/messages/{message}/media{query}", stack.stack.addresses.api);
    let response = http.get(url).bearer_auth(key).send().await.expect("an answer");
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (status, location, retry_after) = (response.status(), header("location"), header("retry-after"));
    let body = serde_json::from_str(&response.text().await.expect("a body")).unwrap_or_default();
    Answer { status, location, retry_after, body }
}

async fn asked(stack: &TestStack, message: &str) -> Answer {
    ask(stack, stack.customer.api_key.expose_secret(), message, "").await
}

/// Asks until the file is there, and returns its URL.
pub async fn url(stack: &TestStack, message: &str) -> String {
    eventually("the file", || async { asked(stack, message).await.location }).await
}

/// Has a person send a file, and returns the id of the received message.
pub async fn receive(stack: &TestStack, kind: &str, mut object: Value) -> String {
    object["data"] = json!(BASE64_STANDARD.encode(PNG));
    let wamid = stack.write(PERSON, kind, object).await;
    let row = || async {
        let rows = stack.history("").await;
        rows.into_iter().find(|row| row["providerId"] == wamid.as_str())
    };
    eventually("the message", row).await["messageId"].as_str().expect("an id").to_owned()
}

/// Has a person send an image, and asks for it until it is there.
pub async fn receive_and_get(stack: &TestStack) -> String {
    let id = receive(stack, "image", json!({ "mime_type": "image/png" })).await;
    let got = stack.http.get(url(stack, &id).await).send().await.expect("an answer");
    assert_eq!(got.bytes().await.expect("bytes"), PNG);
    id
}

/// A file that is fetched, erased, and asked for while it is erased.
pub async fn fetch_and_erase(stack: &TestStack) {
    let id: MessageId = receive_and_get(stack).await.parse().expect("an id");
    stack.erase(PERSON).await;
    let (account, now) = (&stack.customer.account_id, stack.now());
    let asked = stack.accounts.request_inbound_file((account, &id), now.plus(LATER).secs(), now).await;
    assert!(asked.expect("the table takes it"));
    let job = json!({ "fetch": { "accountId": account, "messageId": id } }).to_string();
    let sent = stack.stack.clients.sqs.send_message().queue_url(stack.queue_url("MediaQueue")).message_body(job);
    sent.send().await.expect("the queue takes it");
    let forgotten =
        || async { stack.accounts.inbound_file(account, &id).await.expect("an answer").is_none().then_some(()) };
    eventually("it to be forgotten", forgotten).await;
}

fn downloads(whatsapp: &Proxy) -> usize {
    whatsapp.calls().iter().filter(|(name, _)| name.starts_with("GET ")).map(|(_, count)| count).sum()
}

#[tokio::test]
async fn a_file_is_fetched_when_it_is_first_asked_for() {
    let stack = TestStack::start(PROGRAM).await;
    let id =
        receive(&stack, "document", json!({ "mime_type": "application/pdf", "filename": "Conta \"março\".pdf" })).await;
    let received = stack.webhook.wait_for_calls(1).await[0].json.clone();
    let row = stack.get(&format!("/v1/messages/{id}")).await.1;
    let digest = digest::digest(&digest::SHA256, PNG);
    for shown in [&received["data"], &row["data"]] {
        assert_eq!(shown["filename"], "Conta \"março\".pdf", "{shown}");
        let file = &shown["media"];
        assert_eq!((&file["mimeType"], &file["id"]), (&json!("application/pdf"), &shown["details"]["id"]), "{shown}");
        assert_eq!(file["sha256"], BASE64_STANDARD.encode(digest.as_ref()), "{shown}");
        let then: Timestamp = shown["timestamp"].as_str().expect("a time").parse().expect("a time");
        assert_eq!(file["expiresAt"], then.plus(Duration::from_secs(7 * 24 * 60 * 60)).to_string(), "{shown}");
    }
    let first = asked(&stack, &id).await;
    assert_eq!((first.status.as_u16(), first.retry_after.as_deref()), (202, Some("2")), "{}", first.body);
    let got = stack.http.get(url(&stack, &id).await).send().await.expect("an answer");
    let header = |name: &str| got.headers()[name].to_str().expect("a text").to_owned();
    assert_eq!(
        (header("content-type"), header("content-disposition")),
        ("application/pdf".to_owned(), "attachment; filename*=UTF-8''Conta%20%22mar%C3%A7o%22.pdf".to_owned())
    );
    assert_eq!(got.bytes().await.expect("bytes"), PNG);
    let key = stack.customer.api_key.expose_secret();
    let shown = ask(&stack, key, &id, "?redirect=false").await;
    assert_eq!(shown.status.as_u16(), 200);
    assert!(shown.body["data"]["expiresAt"].is_string() && shown.location.is_none(), "{}", shown.body);
    let got = stack.http.get(shown.body["data"]["url"].as_str().expect("a URL")).send().await.expect("an answer");
    assert_eq!(got.status().as_u16(), 200);
    stack.pass(Duration::from_secs(8 * 24 * 60 * 60));
    assert_eq!(asked(&stack, &id).await.status.as_u16(), 302, "kept as long as the message");
}

#[tokio::test]
async fn requests_at_once_fetch_once() {
    let (proxied, whatsapp) = start_with_whatsapp_proxy().await;
    let stack = &proxied.stack;
    let id = receive(stack, "image", json!({ "mime_type": "image/png" })).await;
    let answers = futures::future::join_all((0..6).map(|_| asked(stack, &id))).await;
    assert!(answers.iter().all(|answer| [202, 302].contains(&answer.status.as_u16())));
    url(stack, &id).await;
    stack.wait_until_empty("MediaQueue").await;
    stack.wait_until_idle("media").await;
    assert_eq!(downloads(&whatsapp), 1, "{:?}", whatsapp.calls());
}

#[tokio::test]
async fn jobs_at_once_fetch_once() {
    let (proxied, whatsapp) = start_with_whatsapp_proxy().await;
    let stack = &proxied.stack;
    let id = receive(stack, "image", json!({ "mime_type": "image/png" })).await;
    proxied.s3.inject([FaultAt("media", "PutObject", 1, &[Fault::FreezeBefore])]);
    assert_eq!(asked(stack, &id).await.status.as_u16(), 202);
    proxied.s3.wait_until_frozen().await;
    stack.pass(Duration::from_secs(61)); // another request enqueues another job
    let media = &stack.stack.functions["media"];
    let before = media.invocations();
    assert_eq!(asked(stack, &id).await.status.as_u16(), 202);
    let found_a_lease = || async { (media.invocations() > before && media.concurrent_executions() == 1).then_some(()) };
    eventually("the second process to find a lease", found_a_lease).await;
    proxied.s3.resume();
    url(stack, &id).await;
    assert_eq!(downloads(&whatsapp), 1, "{:?}", whatsapp.calls());
}

#[tokio::test]
async fn a_url_of_whatsapps_that_leads_to_a_private_address_is_never_called() {
    let stack = TestStack::start_with(PROGRAM, |options| options.loopback_endpoints = false).await;
    let id = receive(&stack, "image", json!({ "mime_type": "image/png" })).await;
    assert_eq!(asked(&stack, &id).await.status.as_u16(), 202);
    let refused = || async { stack.logs().contains("WhatsApp's URL must begin with https").then_some(()) };
    eventually("the URL to be refused", refused).await;
    assert_eq!(asked(&stack, &id).await.status.as_u16(), 202);
}

#[tokio::test]
async fn a_fetch_with_a_dead_token_stops_the_instance_and_goes_on_after_a_connect() {
    let stack = TestStack::start(PROGRAM).await;
    let id = receive(&stack, "image", json!({ "mime_type": "image/png" })).await;
    stack.expire_token().await;
    assert_eq!(asked(&stack, &id).await.status.as_u16(), 202);
    let is_stopped = || async {
        let (_, shown) = stack.call("GET /v1/instances/inst_abc123/status", Value::Null).await;
        (shown["data"]["status"] == "disconnected").then_some(())
    };
    eventually("the instance to be disconnected", is_stopped).await;
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "106540352242922", "accessToken": "EAAG-new" });
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/connect", connect).await.0, 200);
    stack.wait_for_delayed("MediaQueue", 1).await;
    stack.pass(LATER);
    url(&stack, &id).await;
}

#[tokio::test]
async fn the_job_of_an_earlier_request_for_a_file_ends() {
    let stack = TestStack::start(PROGRAM).await;
    let id = receive(&stack, "image", json!({ "mime_type": "image/png" })).await;
    stack.expire_token().await; // so that the job comes again, after ever longer waits
    assert_eq!(asked(&stack, &id).await.status.as_u16(), 202);
    let media = &stack.stack.functions["media"];
    let runs_again = async |runs: usize| {
        let has_run = || async {
            let is_idle = stack.visible("MediaQueue").await == 0 && media.concurrent_executions() == 0;
            (is_idle && media.invocations() > runs).then_some(())
        };
        eventually("media to run", has_run).await;
    };
    stack.wait_for_delayed("MediaQueue", 1).await;
    for _ in 0..5 {
        let runs = media.invocations();
        stack.pass(LATER);
        runs_again(runs).await;
    }
    let (runs, account) = (media.invocations(), &stack.customer.account_id);
    let job = json!({ "fetch": { "accountId": account, "messageId": id, "requestedAt": 1_000_000_000_000_i64 } });
    let sent = stack.stack.clients.sqs.send_message().queue_url(stack.queue_url("MediaQueue"));
    sent.message_body(job.to_string()).send().await.expect("the queue takes it");
    runs_again(runs).await;
    stack.wait_for_delayed("MediaQueue", 1).await; // without the earlier one
}

#[tokio::test]
async fn a_file_that_whatsapp_has_no_more_is_gone() {
    let stack = TestStack::start(PROGRAM).await;
    let id = receive(&stack, "image", json!({ "mime_type": "image/png" })).await;
    stack.pass(Duration::from_secs(7 * 24 * 60 * 60 + 1));
    let gone = || async { Some(asked(&stack, &id).await).filter(|answer| answer.status.as_u16() == 410) };
    let answer = eventually("the file to be gone", gone).await;
    assert_eq!(answer.body["error"]["code"], "media_expired", "{}", answer.body);
}

#[tokio::test]
async fn bytes_of_received_files_are_bounded() {
    let stack = TestStack::start_with(PROGRAM, |options| {
        drop(options.parameters.insert("MaxReceivedMegabytes", "100".to_owned()))
    })
    .await;
    let (account, now) = (&stack.customer.account_id, stack.now());
    let (bounds, all) = (ReceivedBounds { bytes: 100 << 20, days: 90 }, 100 << 20);
    assert!(stack.accounts.reserve_received(account, all, bounds, now).await.expect("the table answers"));
    let id = receive(&stack, "image", json!({ "mime_type": "image/png" })).await;
    let refused = || async { Some(asked(&stack, &id).await).filter(|answer| answer.status.as_u16() == 409) };
    let answer = eventually("the file to be refused", refused).await;
    assert_eq!(answer.body["error"]["code"], "limit_reached", "{}", answer.body);
    assert_eq!(walk(&stack.stack.objects().join("media/inbound")), 0);
    stack.accounts.release_received(account, all, now).await.expect("the table answers");
    stack.pass(Duration::from_secs(61)); // it may be asked for again
    assert_eq!(asked(&stack, &id).await.status.as_u16(), 202);
    url(&stack, &id).await;
}

#[tokio::test]
async fn only_received_messages_of_the_account_have_files() {
    let stack = TestStack::start(PROGRAM).await;
    let neighbour = stack.neighbour().await;
    let id = receive_and_get(&stack).await;
    let theirs = ask(&stack, &neighbour, &id, "").await;
    assert_eq!((theirs.status.as_u16(), &theirs.body["error"]["code"]), (404, &json!("message_not_found")));
    let sent = stack.send_text("5511999999999", "hello").await;
    let location = json!({ "latitude": -23.5, "longitude": -46.6 });
    let wamid = stack.write(PERSON, "location", location).await;
    let rows = stack.history("").await;
    let received = rows.iter().find(|row| row["providerId"] == wamid.as_str()).expect("a row")["messageId"].clone();
    for without in [sent.as_str(), received.as_str().expect("an id")] {
        let answer = asked(&stack, without).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["error"]["code"]),
            (404, &json!("media_not_found")),
            "{without}"
        );
    }
    let answer = ask(&stack, stack.customer.api_key.expose_secret(), &id, "?redirect=maybe").await;
    assert_eq!((answer.status.as_u16(), &answer.body["error"]["field"]), (400, &json!("redirect")));
}

#[tokio::test]
async fn a_fetch_that_breaks_off_is_made_again() {
    const CASES: [&[Fault]; 4] =
        [&[Fault::KillBefore], &[Fault::KillAfter], &[Fault::Unavailable], &[Fault::DropBefore]];
    for faults in CASES {
        let (proxied, _whatsapp) = start_with_whatsapp_proxy().await;
        let stack = &proxied.stack;
        proxied.s3.inject([FaultAt("media", "PutObject", 1, faults)]);
        let id = receive(stack, "image", json!({ "mime_type": "image/png" })).await;
        assert_eq!(asked(stack, &id).await.status.as_u16(), 202);
        let tried = || async { proxied.s3.calls().contains_key("PutObject").then_some(()) };
        eventually("an attempt", tried).await;
        stack.wait_until_idle("media").await;
        stack.pass(LATER);
        let got = stack.http.get(url(stack, &id).await).send().await.expect("an answer");
        assert_eq!(got.bytes().await.expect("bytes"), PNG, "{faults:?}");
    }
}

/// Whether the bucket has the file of a message.
async fn has_object(proxied: &ProxiedStack, url: &str) -> bool {
    proxied.stack.http.get(url).send().await.expect("an answer").status().is_success()
}

#[tokio::test]
async fn an_erasure_deletes_the_file() {
    let (proxied, _whatsapp) = start_with_whatsapp_proxy().await;
    let stack = &proxied.stack;
    let id = receive(stack, "image", json!({ "mime_type": "image/png" })).await;
    let url = url(stack, &id).await;
    assert!(has_object(&proxied, &url).await);
    stack.erase(PERSON).await;
    assert!(!has_object(&proxied, &url).await, "a URL that was given before leads to nothing");
    assert_eq!(asked(stack, &id).await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_file_that_is_fetched_during_an_erasure_does_not_stay() {
    let (proxied, _whatsapp) = start_with_whatsapp_proxy().await;
    let stack = &proxied.stack;
    let id = receive(stack, "image", json!({ "mime_type": "image/png" })).await;
    proxied.s3.inject([FaultAt("media", "PutObject", 1, &[Fault::FreezeBefore])]);
    assert_eq!(asked(stack, &id).await.status.as_u16(), 202);
    proxied.s3.wait_until_frozen().await;
    stack.erase(PERSON).await;
    proxied.s3.resume();
    let deletions = || async { (proxied.s3.calls().get("DeleteObject") >= Some(&2)).then_some(()) };
    eventually("the one who fetched to delete it", deletions).await;
    stack.wait_until_idle("media").await;
    let objects = walk(&stack.stack.objects().join("media/inbound"));
    assert_eq!(objects, 0);
}

/// How many files are below a folder.
fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { walk(&entry.path()) } else { 1 }).sum()
}

#[tokio::test]
async fn files_are_fetched_when_they_come_if_the_operator_keeps_them() {
    let stack =
        TestStack::start_with(PROGRAM, |options| drop(options.parameters.insert("InboundMedia", "keep".to_owned())))
            .await;
    let id = receive(&stack, "image", json!({ "mime_type": "image/png" })).await;
    let stored = || async { stack.logs().contains("media.fetched").then_some(()) };
    eventually("the file to be fetched", stored).await;
    stack.wait_until_idle("media").await;
    stack.pass(Duration::from_secs(8 * 24 * 60 * 60)); // WhatsApp has it no more
    assert_eq!(asked(&stack, &id).await.status.as_u16(), 302);
}
