//! Endpoints that cannot be called: the customer learns which of the reasons it is, and nothing about the deployment. A name
//! that is not found is tested where the resolver can be replaced (`shared::outbound`).

use serde_json::{Value, json};
use tests::bad_endpoints::BadEndpoints;
use tests::test_stack::TestStack;
use tests::tls_endpoints::TlsEndpoints;
use tests::wait::eventually;

use crate::PROGRAM;

/// WhatsApp refuses this recipient's messages: the only event is `message.failed`.
const FAILS: &str = "1555131047";
const REFUSED: &str = "The endpoint refused the connection: nothing listens at its port.";

async fn webhook(stack: &TestStack, url: &str) -> String {
    let body = json!({ "url": url, "instanceId": "inst_abc123", "events": ["message.failed"] });
    let (status, answer) = stack.call("POST /v1/webhooks", body).await;
    assert_eq!(status, 201, "{answer}");
    format!("/v1/webhooks/{}", answer["data"]["id"].as_str().expect("an id"))
}

fn tls(reason: &str) -> String {
    format!("No secure connection (TLS) to the endpoint was possible: {reason}.")
}

/// An address at which nothing listens.
fn unused(scheme: &str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("{scheme}://{}/", listener.local_addr().expect("an address"))
}

#[tokio::test]
async fn a_test_of_an_endpoint_that_cannot_be_called_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = folder.path().join("authority.pem");
    let good = TlsEndpoints::start(&authority).await;
    let stack = TestStack::start_with(PROGRAM, |options| {
        let manage = options.function_overrides.entry("manage".to_owned()).or_default();
        manage.variables.insert("SSL_CERT_FILE".to_owned(), authority.display().to_string());
    })
    .await;
    let bad = BadEndpoints::start("http://127.0.0.1:9/").await;
    let unknown =
        "its certificate is self-signed, of an unknown authority, or sent without its intermediate certificates";
    for (url, error) in [
        (good.good.clone(), None),
        (good.other_name.clone(), Some(tls("its certificate is for another name"))),
        (good.expired.clone(), Some(tls("its certificate has expired"))),
        (good.untrusted.clone(), Some(tls(unknown))),
        (bad.tls_url.clone() + "/", Some(tls(unknown))),
        (stack.webhook.url.replacen("http", "https", 1), Some(tls("its port does not speak TLS"))),
        (unused("https"), Some(REFUSED.to_owned())),
        (bad.url.clone() + "/close", Some("The endpoint closed the connection without an answer.".to_owned())),
        (bad.url.clone() + "/redirect", Some("The endpoint answered 302 Found.".to_owned())),
    ] {
        let path = webhook(&stack, &url).await;
        let (status, answer) = stack.call(&format!("POST {path}/test"), json!({})).await;
        let shown = answer["data"]["error"].as_str().map(str::to_owned);
        assert_eq!((status, &shown), (200, &error), "{url}: {answer}");
        let (_, logs) = stack.call(&format!("GET {path}/logs"), Value::Null).await;
        assert_eq!(logs["data"][0]["error"].as_str().map(str::to_owned), error, "{logs}");
        assert_eq!(stack.call(&format!("DELETE {path}"), Value::Null).await.0, 204);
    }
}

#[tokio::test]
async fn a_webhook_shows_why_its_endpoint_fails_for_as_long_as_it_does() {
    let stack = TestStack::start(PROGRAM).await;
    let path = webhook(&stack, &unused("http")).await;
    let shown = async || stack.call(&format!("GET {path}"), Value::Null).await.1["data"].clone();
    assert_eq!((shown().await.get("lastError"), shown().await.get("failingSince")), (None, None));
    let id = stack.send_text(FAILS, "fails").await;
    let failing =
        eventually("the webhook to fail", || async { Some(shown().await).filter(|it| it["lastError"].is_string()) });
    let failing = failing.await;
    assert_eq!((&failing["lastError"], failing["failingSince"].is_string()), (&json!(REFUSED), true), "{failing}");
    let (_, logs) = stack.call(&format!("GET {path}/logs"), Value::Null).await;
    assert_eq!((&logs["data"][0]["error"], &logs["data"][0]["messageId"]), (&json!(REFUSED), &json!(id)));
    let (status, changed) =
        stack.call(&format!("PUT {path}"), json!({ "url": stack.webhook.url, "status": "active" })).await;
    assert_eq!((status, changed["data"].get("lastError"), changed["data"].get("failingSince")), (200, None, None));
}
