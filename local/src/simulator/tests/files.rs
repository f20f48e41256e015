//! The files that people send, as Meta describes and serves them.

use std::time::Duration;

use reqwest::{Client, StatusCode, header};
use serde_json::{Value, json};

use super::{NUMBER, TestSimulator};

/// SHA-256 of `hi`, in hexadecimal digits and in Base64.
const SHA256: (&str, &str) = (
    "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
    "j0NDRmSPa5bfid2pAcUXaxCm2Dlh3TwayItZstwyeqQ=",
);

/// A person sends a file; its object in the callback.
async fn send_file(test: &TestSimulator, kind: &str, mut object: Value) -> Value {
    object["data"] = json!("aGk=");
    test.write("5511911110001", &json!({ "to": NUMBER, "type": kind, kind: object })).await;
    let callback = test.receiver.callbacks().pop().expect("a callback");
    callback["entry"][0]["changes"][0]["value"]["messages"][0][kind].clone()
}

async fn get(url: &str, token: Option<&str>, agent: Option<&str>) -> (StatusCode, Vec<u8>) {
    let mut request = Client::builder().no_proxy().build().expect("a client").get(url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(agent) = agent {
        request = request.header(header::USER_AGENT, agent);
    }
    let response = request.send().await.expect("an answer");
    (response.status(), response.bytes().await.expect("a body").to_vec())
}

#[tokio::test]
async fn a_file_is_described_in_the_callback_and_served_to_who_has_the_token() {
    let test = TestSimulator::start().await;
    let image = send_file(&test, "image", json!({ "mime_type": "image/png", "caption": "Look" })).await;
    let (id, url) = (image["id"].as_str().expect("an id"), image["url"].as_str().expect("a URL"));
    let expected = json!({ "id": id, "url": url, "mime_type": "image/png", "sha256": SHA256.1, "caption": "Look" });
    assert_eq!(image, expected);
    let served = (StatusCode::OK, b"hi".to_vec());
    assert_eq!(get(url, Some("EAAG-good"), Some("Pombo")).await, served);
    assert_eq!(get(url, None, Some("Pombo")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(get(url, Some("EAAG-good"), None).await.0, StatusCode::FORBIDDEN);

    test.advance(Duration::from_secs(5 * 60));
    assert_eq!(get(url, Some("EAAG-good"), Some("Pombo")).await.0, StatusCode::NOT_FOUND, "a URL lives five minutes");
    let description_url = format!("{}/v25.0/{id}", test.url);
    let (status, description) = get(&description_url, Some("EAAG-good"), None).await;
    let description: Value = serde_json::from_slice(&description).expect("JSON");
    assert_eq!(
        (status, &description["sha256"], &description["file_size"]),
        (StatusCode::OK, &json!(SHA256.0), &json!(2))
    );
    assert_eq!(get(description["url"].as_str().expect("a URL"), Some("EAAG-good"), Some("Pombo")).await, served);

    test.advance(Duration::from_secs(7 * 24 * 60 * 60));
    let (_, number) = get(&description_url, Some("EAAG-good"), None).await;
    let number: Value = serde_json::from_slice(&number).expect("JSON");
    assert!(number.get("url").is_none(), "an id lives seven days: {number}");
}

#[tokio::test]
async fn each_kind_of_file_has_its_own_fields() {
    let test = TestSimulator::start().await;
    for (kind, given, name, value) in [
        ("audio", json!({ "mime_type": "audio/ogg" }), "voice", json!(false)),
        ("audio", json!({ "mime_type": "audio/ogg", "voice": true }), "voice", json!(true)),
        ("sticker", json!({ "mime_type": "image/webp" }), "animated", json!(false)),
        ("document", json!({ "mime_type": "text/plain", "filename": "a.txt" }), "filename", json!("a.txt")),
    ] {
        assert_eq!(send_file(&test, kind, given).await[name], value, "{kind}");
    }
}
