//! The largest file that WhatsApp takes, up and down: how long it takes, and the memory of `media`, which streams it.

use std::time::Instant;

use bytes::Bytes;
use reqwest::redirect::Policy;
use secrecy::ExposeSecret;
use serde_json::json;
use tests::process::peak_memory;
use tests::sweep::scenario::inbound_message;
use tests::test_stack::TestStack;
use tests::wait::eventually;

/// WhatsApp's largest file, in bytes (whatsapp-cloud-api-2026, section 5).
const LARGEST: usize = 100 * 1024 * 1024;
/// How long WhatsApp keeps it, in milliseconds: longer than this takes.
const KEPT: i64 = 60 * 60 * 1_000;

/// Moves a file both ways and prints the figures.
///
/// # Panics
/// When it is not moved.
pub async fn measure(program: &str) {
    let stack = TestStack::start(program).await;
    let file = Bytes::from(vec![0x25; LARGEST]);
    let media = stack.create_media_of("text/plain", LARGEST).await;
    let began = Instant::now();
    assert_eq!(stack.put(&media, file.clone()).await, 200);
    let put = began.elapsed();
    stack.wait_for_media(&media, "ready").await;
    report(
        &stack,
        "up",
        &format!("put in {:.1} s, ready after {:.1} s", put.as_secs_f64(), began.elapsed().as_secs_f64()),
    );

    let (number, now) = (stack.instance().await.number.expect("a number").id, stack.now());
    let id = stack.whatsapp().files().add("text/plain", &file, now.millis(), KEPT).expect("room for it");
    let object = json!({ "id": id, "mime_type": "text/plain", "filename": "a.txt" });
    let body = inbound_message(&number, "5511999990001", "wamid.LARGE", ("document", object), &now.secs().to_string());
    assert_eq!(stack.post_callback(&body, None).await, 200);
    let message = stack.history("").await.remove(0)["messageId"].as_str().expect("an id").to_owned();
    let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
    let url = format!("{}/v1/messages/{message}/media", stack.stack.addresses.api);
    let began = Instant::now();
    eventually("the file", || async {
        let answer = http.get(&url).bearer_auth(stack.customer.api_key.expose_secret()).send().await;
        (answer.expect("an answer").status().as_u16() == 302).then_some(())
    })
    .await;
    report(&stack, "down", &format!("there after {:.1} s", began.elapsed().as_secs_f64()));
}

/// Prints how a way took, and the most memory that `media` had until then.
fn report(stack: &TestStack, way: &str, took: &str) {
    let memory = peak_memory(stack.pid("media")) as f64 / 1024.0;
    println!("{} MB {way}: {took}; media has used at most {memory:.1} MiB", LARGEST >> 20);
}
