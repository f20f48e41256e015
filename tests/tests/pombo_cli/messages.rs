//! `send` and `messages`.

use serde_json::json;
use tests::wait::eventually;

use crate::user::{User, text};

#[tokio::test]
async fn a_message_is_sent_listed_and_shown_until_it_is_read() {
    let user = User::new().await;
    let sent = user.json(&["send", "5511900000001", "Olá 🕊", "--reference", "order-1"]);
    let id = text(&sent["messageId"]).to_owned();
    let read = || async { (user.json(&["messages", "get", &id])["status"] == "read").then_some(()) };
    eventually("the message is read", read).await;
    let shown = user.prints(&["messages", "get", &id]);
    assert!(shown.contains("Olá 🕊") && shown.contains("order-1") && shown.contains("read"), "{shown}");
    for filter in [["--reference", "order-1"], ["--phone", "5511900000001"], ["--status", "read"]] {
        let listed = user.json(&[&["messages", "list"][..], &filter].concat());
        assert_eq!((listed["data"].as_array().map(Vec::len), &listed["data"][0]["messageId"]), (Some(1), &json!(id)));
    }
    let table = user.prints(&["messages", "list"]);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("messageId") && lines[1].starts_with(&id) && lines[1].ends_with("Olá 🕊"), "{table}");
    assert!(user.fails(&["messages", "cancel", &id]).contains("(not_cancelable, "));
}

#[tokio::test]
async fn each_kind_of_content_is_sent_and_a_key_makes_one_message() {
    let user = User::new().await;
    let file = user.folder.path().join("body.json");
    std::fs::write(&file, r#"{"location":{"latitude":-23.5,"longitude":-46.6},"metadata":{"order":1}}"#)
        .expect("a file");
    let contents: [&[&str]; 4] = [
        &["--template", "hello_world", "--language", "en_US"],
        &[
            "--media-url",
            "https://example.com/a.pdf",
            "--media-type",
            "document",
            "--filename",
            "a.pdf",
            "--caption",
            "A",
        ],
        &["--body", file.to_str().expect("a path")],
        &["a text", "--expires-in", "60"],
    ];
    let mut kinds = Vec::new();
    for content in contents {
        let sent = user.json(&[&["send", "5511900000002"], content].concat());
        kinds.push(user.json(&["messages", "get", text(&sent["messageId"])])["type"].clone());
    }
    assert_eq!(kinds, ["template", "document", "location", "text"]);
    let once = ["send", "5511900000002", "Once", "--idempotency-key", "order-2"];
    assert_eq!(user.json(&once)["messageId"], user.json(&once)["messageId"]);
    assert!(
        user.fails(&["send", "5511900000002", "Twice", "--idempotency-key", "order-2"])
            .contains("idempotency_key_reused")
    );
}
