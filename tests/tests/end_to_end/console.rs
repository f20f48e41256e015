//! The console, which needs no key to be loaded: `GET /console` with its files, and the keys that it gets on a laptop.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST};
use serde_json::Value;
use tests::test_stack::TestStack;

use crate::PROGRAM;

#[tokio::test]
async fn the_console_is_loaded_without_a_key_and_may_call_this_api_and_its_bucket_alone() {
    let stack = TestStack::start(PROGRAM).await;
    let api = &stack.stack.addresses.api;
    let page = stack.http.get(format!("{api}/console")).send().await.expect("an answer");
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
    let bucket = &stack.stack.addresses.s3;
    assert!(policy.contains("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert!(policy.contains(&format!("connect-src 'self' {bucket};")), "{policy}");
    assert!(!policy.contains("unsafe") && policy.matches("http").count() == 2, "{policy}");

    let page = page.text().await.expect("a page");
    let links: BTreeSet<&str> =
        page.split('"').filter(|text| text.contains('/') && text.starts_with("console")).collect();
    let files = ["console/icon.svg", "console/main.css", "console/main.js", "console/vendor/htm-preact.js"];
    assert_eq!(links, BTreeSet::from(files));
    let mut size = page.len();
    for (link, content_type) in files.iter().chain(&["console/lib/pt.js"]).zip([
        "image/svg+xml",
        "text/css; charset=utf-8",
        "text/javascript; charset=utf-8",
        "text/javascript; charset=utf-8",
        "text/javascript; charset=utf-8",
    ]) {
        let compressed = stack.http.get(format!("{api}/{link}")).header("accept-encoding", "gzip");
        let file = compressed.send().await.expect("an answer");
        assert_eq!((file.status(), file.headers()[CONTENT_TYPE].to_str().ok()), (StatusCode::OK, Some(content_type)));
        size += file.bytes().await.expect("bytes").len();
    }
    assert!(size < 100_000, "the console is {size} bytes");
}

#[tokio::test]
async fn the_console_of_a_laptop_gets_the_demos_keys_and_no_other_page_does() {
    let stack = TestStack::start(PROGRAM).await;
    let url = format!("{}/console/local-keys", stack.stack.addresses.api);
    let ask = || stack.http.get(&url).header("sec-fetch-site", "same-origin");
    assert_eq!(ask().send().await.expect("an answer").status(), StatusCode::NOT_FOUND, "nobody has given it keys");
    stack.stack.open_console(&"pombo_demo".to_owned().into());
    let answer = ask().send().await.expect("an answer").text().await.expect("text");
    let keys: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(keys["apiKey"], "pombo_demo");
    assert_eq!(keys["adminKey"].as_str(), stack.stack.secrets.text("AdminKey").as_deref());
    for request in
        [stack.http.get(&url), ask().header(HOST, "rebound.example"), ask().header("origin", "https://example.com")]
    {
        assert_eq!(request.send().await.expect("an answer").status(), StatusCode::FORBIDDEN);
    }
}
