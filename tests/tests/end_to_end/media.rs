//! Media files: a file that WhatsApp would certainly refuse is refused at once, and private addresses are never called.

use std::time::Duration;

use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::account::{Account, Plan, Scope};
use tests::media_host::{Answer, MediaHost};
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

const SEND: &str = "/v1/messages/send";

fn image(url: &str) -> Value {
    json!({ "instanceId": "inst_abc123", "to": "5511999999999", "mediaUrl": url, "mediaType": "image" })
}

/// Status, code and field of a refusal.
async fn refusal(stack: &TestStack, url: &str) -> (u16, Value, Value) {
    let (status, answer) = stack.post(SEND, &image(url).to_string()).await;
    (status.as_u16(), answer["error"]["code"].clone(), answer["error"]["field"].clone())
}

async fn credits(stack: &TestStack) -> i64 {
    stack.ledger(&stack.customer.account_id).await.credits
}

/// A host with a file for each case.
async fn host() -> MediaHost {
    MediaHost::start(|method, path| {
        let headers = match (method, path) {
            ("HEAD", "/presigned" | "/presigned.gif-inside" | "/gone" | "/gone-and-hanging") => "403 Forbidden",
            ("HEAD", "/no-head") => "501 Not Implemented",
            ("GET", "/gone-and-hanging") | (_, "/hanging") => return Answer::Hang,
            (_, "/dripping") => return Answer::Drip,
            (_, "/page") => "200 OK\ncontent-type: text/html; charset=utf-8\ncontent-length: 100",
            (_, "/gif") => "200 OK\ncontent-type: Image/GIF",
            (_, "/large") => "200 OK\ncontent-type: image/jpeg\ncontent-length: 5242881",
            ("GET", "/presigned") => {
                "206 Partial Content\ncontent-type: image/png\ncontent-length: 1\ncontent-range: bytes 0-0/5242881"
            }
            ("GET", "/presigned.gif-inside") => "206 Partial Content\ncontent-type: image/gif\ncontent-length: 1",
            ("HEAD", "/head-is-a-page") => "200 OK\ncontent-type: text/html\ncontent-length: 100",
            ("HEAD", "/head-is-json") => "200 OK\ncontent-type: application/json",
            ("HEAD", "/head-is-large") => "200 OK\ncontent-type: image/png\ncontent-length: 5242881",
            ("GET", "/head-is-a-page" | "/head-is-json") => "200 OK\ncontent-type: image/png\ncontent-length: 100",
            ("GET", "/head-is-large") => {
                "206 Partial Content\ncontent-type: image/png\ncontent-length: 1\ncontent-range: bytes 0-0/100"
            }
            ("GET", "/no-head") => "200 OK\ncontent-type: image/png\ncontent-length: 9999999",
            (_, "/fine") => "200 OK\ncontent-type: image/jpeg\ncontent-length: 5242880",
            (_, "/opaque") => "200 OK\ncontent-type: application/octet-stream\ncontent-length: 100",
            (_, "/silent") => "200 OK",
            (_, "/broken") => "500 Internal Server Error\ncontent-type: text/html",
            _ => "404 Not Found\ncontent-type: text/html\ncontent-length: 99999999",
        };
        Answer::Headers(headers.to_owned())
    })
    .await
}

#[tokio::test]
async fn a_file_that_whatsapp_would_refuse_is_refused_at_once() {
    let (stack, host) = (TestStack::start(PROGRAM).await, host().await);
    let before = credits(&stack).await;
    for (path, code, field) in [
        ("/page", "unsupported_media_type", "mediaUrl"),
        ("/gif", "unsupported_media_type", "mediaUrl"),
        ("/presigned.gif-inside", "unsupported_media_type", "mediaUrl"),
        ("/large", "media_too_large", "mediaUrl"),
        ("/presigned", "media_too_large", "mediaUrl"),
        ("/no-head", "media_too_large", "mediaUrl"),
    ] {
        assert_eq!(refusal(&stack, &host.url(path)).await, (400, json!(code), json!(field)), "{path}");
    }
    let requests = host.requests();
    for path in ["/presigned", "/large"] {
        assert!(requests.contains(&format!("GET {path} bytes=0-0")), "{path}: {requests:?}");
    }
    for (path, field) in [("/clip.mp4", "mediaType"), ("/dance.gif", "mediaUrl")] {
        let expected = (400, json!("unsupported_media_type"), json!(field));
        assert_eq!(refusal(&stack, &host.url(path)).await, expected, "{path}");
    }
    assert_eq!(host.requests(), requests, "a name that decides needs no call");
    assert_eq!(credits(&stack).await, before);
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
}

#[tokio::test]
async fn a_file_whose_format_is_uncertain_is_left_to_whatsapp() {
    let (stack, host) = (TestStack::start(PROGRAM).await, host().await);
    let contradicted = ["/head-is-a-page", "/head-is-json", "/head-is-large"];
    for path in ["/fine", "/opaque", "/silent", "/broken", "/gone"].into_iter().chain(contradicted) {
        stack.send(image(&host.url(path))).await;
    }
    assert!(host.requests().contains(&"GET /gone bytes=0-0".to_owned()), "{:?}", host.requests());
    for nobody in ["http://127.0.0.1:1/a.jpg", "https://files.invalid/a.jpg"] {
        stack.send(image(nobody)).await;
    }
    stack.wait_for_taken(10).await;
}

#[tokio::test]
async fn a_slow_media_host_does_not_block_a_request() {
    let (stack, host) = (TestStack::start(PROGRAM).await, host().await);
    // The preflight gives up after two seconds. Without a limit of its own, send's timeout would end each request with
    // an error.
    let sent = ["/hanging", "/gone-and-hanging", "/dripping"].map(|path| stack.send(image(&host.url(path))));
    join_all(sent).await;
    stack.wait_for_taken(3).await;
}

#[tokio::test]
async fn a_redirect_of_a_media_host_is_not_followed() {
    let stack = TestStack::start(PROGRAM).await;
    let elsewhere = host().await;
    let target = elsewhere.url("/page");
    let host = MediaHost::start(move |_, path| {
        Answer::Headers(format!("{}\nlocation: {target}\ncontent-length: 0", path.trim_start_matches('/')))
    })
    .await;
    for status in ["301", "302", "303", "307", "308"] {
        stack.send(image(&host.url(&format!("/{status}")))).await;
    }
    assert_eq!((host.requests().len(), elsewhere.connections()), (5, 0));
}

#[tokio::test]
async fn a_replayed_or_rate_limited_request_calls_no_media_host() {
    let (stack, host) = (TestStack::start(PROGRAM).await, host().await);
    let account = stack.open_account(Plan::Enterprise, 10).await;
    let limited = Account {
        requests_per_minute: Some(1),
        ..Account::new(account.clone(), "One a minute".to_owned(), Plan::Enterprise, shared::clock::now())
    };
    stack.accounts.put_account(&limited).await.expect("an account");
    stack.copy_instance_to(&account, "inst_theirs").await;
    let key = stack.key(&account, Scope::ALL, None).await;
    let send = |idempotency_key: &'static str| {
        let body = image(&host.url("/fine")).to_string().replace("inst_abc123", "inst_theirs");
        let request = stack.http.post(format!("{}{SEND}", stack.stack.addresses.api)).bearer_auth(&key);
        let request = request.header("Idempotency-Key", idempotency_key).body(body);
        async { request.send().await.expect("an answer").status() }
    };
    assert_eq!(send("one").await, StatusCode::ACCEPTED);
    assert_eq!(send("two").await, StatusCode::TOO_MANY_REQUESTS);
    stack.wait_for_taken(1).await;
    assert_eq!(send("one").await, StatusCode::TOO_MANY_REQUESTS, "a replay counts as well");
    stack.pass(Duration::from_secs(61));
    assert_eq!(send("one").await, StatusCode::ACCEPTED);
    assert_eq!(host.requests(), ["HEAD /fine"]);
}

#[tokio::test]
async fn requests_of_an_account_without_credits_call_no_media_host() {
    let (stack, host) = (TestStack::start(PROGRAM).await, host().await);
    let account = stack.open_account(Plan::Pro, 0).await;
    stack.copy_instance_to(&account, "inst_theirs").await;
    let key = stack.key(&account, Scope::ALL, None).await;
    let mut body = image(&host.url("/hanging"));
    body["instanceId"] = json!("inst_theirs");
    let answers = join_all((0..8).map(|_| stack.call_as(&key, "POST /v1/messages/send", body.clone()))).await;
    assert!(answers.iter().all(|(status, _)| *status == 402), "{answers:?}");
    assert_eq!(host.connections(), 0);
}

#[tokio::test]
async fn an_account_whose_media_host_hangs_is_not_waited_for_again_for_a_while() {
    let (stack, host) = (TestStack::start(PROGRAM).await, host().await);
    let neighbour = stack.neighbour().await;
    for _ in 0..3 {
        stack.send(image(&host.url("/hanging"))).await;
    }
    assert_eq!(host.requests(), ["HEAD /hanging"]);
    let mut body = image(&host.url("/page"));
    body["instanceId"] = json!("inst_theirs");
    let (status, answer) = stack.call_as(&neighbour, "POST /v1/messages/send", body).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("unsupported_media_type")), "{answer}");
    stack.pass(Duration::from_secs(20));
    assert_eq!(refusal(&stack, &host.url("/page")).await.0, 400, "its files are checked again");
}

#[tokio::test]
async fn a_file_at_a_private_address_is_refused_and_never_called() {
    let stack = TestStack::start_with(PROGRAM, |options| options.loopback_endpoints = false).await;
    let host = host().await;
    let port = host.address.rsplit(':').next().expect("a port");
    let before = credits(&stack).await;
    for own in ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{own}:{port}/fine");
            assert_eq!(refusal(&stack, &url).await, (400, json!("invalid_request"), json!("mediaUrl")), "{url}");
        }
    }
    for url in ["http://10.0.0.1/a.jpg", "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/"] {
        assert_eq!(refusal(&stack, url).await, (400, json!("invalid_request"), json!("mediaUrl")), "{url}");
    }
    assert_eq!((host.connections(), credits(&stack).await), (0, before));
}

#[tokio::test]
async fn a_webhook_at_a_private_address_is_never_called() {
    let stack = TestStack::start_with(PROGRAM, |options| options.loopback_endpoints = false).await;
    let host = host().await;
    let port = host.address.rsplit(':').next().expect("a port");
    for url in [host.url("/"), format!("https://127.0.0.1:{port}/"), format!("https://localhost:{port}/")] {
        let mut receiver = WebhookReceiver::start().await;
        receiver.url = url;
        stack.register(&receiver).await;
    }
    let id = stack.send_text("1555131047", "only message.failed").await;
    stack.wait_for_status(&id, "failed").await;
    stack.wait_for_delayed("WebhookQueue", 4).await;
    assert_eq!((host.connections(), stack.webhook.calls().len()), (0, 0));
    stack.pass(Duration::from_secs(34));
    eventually("the second attempts", || async { (stack.logs().matches("\"attempts\":2").count() == 4).then_some(()) })
        .await;
    assert_eq!((host.connections(), stack.webhook.calls().len()), (0, 0));
    assert_eq!(stack.logs().matches("must lead to public addresses only").count(), 4);
}
