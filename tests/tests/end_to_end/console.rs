//! The console, which needs no key to be loaded: `GET /console` with its files, and the keys that it gets on a laptop.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use reqwest::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST};
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
    assert!(policy.contains("default-src 'none'; script-src 'self'; style-src 'self' 'sha256-"), "{policy}");
    assert!(policy.contains(&format!("connect-src 'self' {bucket};")), "{policy}");
    assert!(!policy.contains("unsafe") && policy.matches("http").count() == 2, "{policy}");

    let page = page.text().await.expect("a page");
    let files = ["console/icon.svg", "console/main.js", "console/vendor/htm-preact.js"];
    assert_eq!(links(&page, '"').into_keys().collect::<Vec<_>>(), files);
    let compressed = async |link: &str| {
        let request = stack.http.get(format!("{api}/{link}")).header("accept-encoding", "gzip");
        let file = request.send().await.expect("an answer");
        let content_type = file.headers()[CONTENT_TYPE].to_str().expect("text").to_owned();
        (file.status(), content_type, file.bytes().await.expect("bytes").len())
    };
    let mut size = compressed("console").await.2;
    for (link, wanted) in files.iter().chain(&["console/lib/pt.js"]).zip(["image/svg+xml", SCRIPT, SCRIPT, SCRIPT]) {
        let (status, content_type, length) = compressed(link).await;
        assert_eq!((status, content_type.as_str()), (StatusCode::OK, wanted));
        size += length;
    }
    assert!(size < 100_000, "the console is {size} bytes");
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The files that a text names between such quotes, with what follows `?` in their addresses.
fn links(text: &str, quote: char) -> BTreeMap<&str, Option<&str>> {
    let names = text.split(quote).filter(|text| text.starts_with("console/") || text.starts_with("./"));
    names.map(|name| name.split_once('?').map_or((name, None), |(file, version)| (file, Some(version)))).collect()
}

#[tokio::test]
async fn scripts_are_kept_for_good_under_the_pages_version_and_never_under_another() {
    let stack = TestStack::start(PROGRAM).await;
    let api = &stack.stack.addresses.api;
    let kept = async |link: &str| {
        let file = stack.http.get(format!("{api}/{link}")).send().await.expect("an answer");
        file.headers()[CACHE_CONTROL].to_str().expect("text").to_owned()
    };
    let text = async |link: &str| {
        stack.http.get(format!("{api}/{link}")).send().await.expect("an answer").text().await.expect("text")
    };
    let (page, script) = (text("console").await, text("console/main.js").await);
    let (of_page, of_script) = (links(&page, '"'), links(&script, '\''));
    let version_of = |links: &BTreeMap<&str, Option<&str>>, name: &str| links[name].expect("a version").to_owned();
    let library = version_of(&of_page, "console/vendor/htm-preact.js");
    assert_eq!(library, version_of(&of_script, "./vendor/htm-preact.js"), "one address, or it is loaded twice");
    for (file, version) in [
        ("console/main.js", version_of(&of_page, "console/main.js")),
        ("console/vendor/htm-preact.js", library),
        ("console/lib/pt.js", version_of(&of_script, "./lib/pt.js")),
    ] {
        assert_eq!(kept(&format!("{file}?{version}")).await, "public, max-age=31536000, immutable");
        assert_eq!(kept(&format!("{file}?of-another-version")).await, "no-store", "a deployment is in progress");
        assert_eq!(kept(file).await, "public, max-age=300");
    }
    assert_eq!(kept("console").await, "public, max-age=300");
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
