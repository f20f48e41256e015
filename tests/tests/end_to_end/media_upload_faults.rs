//! Uploads to WhatsApp that fail, hang, crash, or are tried by two processes at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use shared::media::record::OFFERED_FOR;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{FaultAt, Proxy};
use tests::test_stack::TestStack;
use tests::uploads::PNG;
use tests::wait::eventually;

use crate::PROGRAM;
use crate::account_closing::items_with;
use crate::deliver_interleavings::start_with_whatsapp_proxy;
use crate::media_uploads::message;

/// The upload, as a proxy names it.
const UPLOAD: &str = "POST media";
/// Longer than the queue's visibility timeout and any lease.
const UNTIL_REDELIVERY: Duration = Duration::from_secs(160);

/// Has WhatsApp refuse uploads for the moment, until the flag is set.
fn refuse_uploads(whatsapp: &Proxy) -> Arc<AtomicBool> {
    let accepts = Arc::new(AtomicBool::new(false));
    let flag = accepts.clone();
    whatsapp.set_faults(move |call, _| {
        if call.operation == UPLOAD && !flag.load(Ordering::Relaxed) { Fault::Throttled } else { Fault::None }
    });
    accepts
}

/// A PNG whose bytes have arrived.
async fn put_png(proxied: &ProxiedStack) -> Value {
    let media = proxied.stack.create_media(PNG.len()).await;
    assert_eq!(proxied.stack.put(&media, Bytes::from_static(PNG)).await, 200);
    media
}

fn uploads(whatsapp: &Proxy) -> usize {
    whatsapp.calls().get(UPLOAD).copied().unwrap_or_default()
}

#[tokio::test]
async fn a_message_waits_for_a_file_that_is_on_its_way() {
    let (proxied, whatsapp) = start_with_whatsapp_proxy().await;
    let (stack, accepts) = (&proxied.stack, refuse_uploads(&whatsapp));
    let media = put_png(&proxied).await;
    stack.wait_for_media(&media, "uploading").await;
    let id = stack.send(message(&media["id"], "image")).await;
    let behind = stack.send_text("5511999999999", "behind it").await;
    stack.wait_until_returned("ExpressQueue.fifo", [&id, &behind]).await;
    let record = stack.record(&id).await;
    assert_eq!((record.attempt, stack.whatsapp().ledger().asked()), (0, 0), "waiting is no attempt");
    accepts.store(true, Ordering::Relaxed);
    stack.pass(Duration::from_secs(60));
    stack.wait_for_media(&media, "ready").await;
    stack.pass(Duration::from_secs(60));
    for id in [&id, &behind] {
        stack.wait_for_status(id, "read").await;
    }
    let types: Vec<_> = stack.whatsapp().ledger().taken().iter().map(|taken| taken.message["type"].clone()).collect();
    assert_eq!(types, ["image", "text"], "in order");
}

#[tokio::test]
async fn a_message_whose_file_does_not_come_fails_after_a_quarter_of_an_hour() {
    let (proxied, whatsapp) = start_with_whatsapp_proxy().await;
    let (stack, _refused) = (&proxied.stack, refuse_uploads(&whatsapp));
    let media = put_png(&proxied).await;
    stack.wait_for_media(&media, "uploading").await;
    let id = stack.send(message(&media["id"], "image")).await;
    stack.wait_until_returned("ExpressQueue.fifo", [&id]).await;
    stack.pass(Duration::from_secs(15 * 60));
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "provider_error", "{status}");
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
    stack.pass(OFFERED_FOR);
    let failed = stack.wait_for_media(&media, "failed").await;
    assert_eq!(failed["error"]["code"], "provider_error", "{failed}");
}

#[tokio::test]
async fn an_upload_that_two_processes_receive_at_once_is_made_once() {
    let (proxied, whatsapp) = start_with_whatsapp_proxy().await;
    let stack = &proxied.stack;
    whatsapp.inject([FaultAt("media", UPLOAD, 1, &[Fault::FreezeBefore])]);
    let media = put_png(&proxied).await;
    whatsapp.wait_until_frozen().await;
    let before = stack.stack.functions["media"].invocations();
    let job = json!({ "upload": { "accountId": stack.customer.account_id, "mediaId": media["id"] } });
    let again = stack.stack.clients.sqs.send_message().queue_url(stack.queue_url("MediaQueue"));
    again.message_body(job.to_string()).send().await.expect("the queue takes it");
    let media_function = &stack.stack.functions["media"];
    let found_a_lease = || async {
        let has_run = media_function.invocations() > before && media_function.concurrent_executions() == 1;
        has_run.then_some(())
    };
    eventually("the second process to find a lease", found_a_lease).await;
    whatsapp.resume();
    stack.wait_for_media(&media, "ready").await;
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_delayed("MediaQueue", 1).await;
    stack.wait_until_idle("media").await;
    assert_eq!((uploads(&whatsapp), stack.whatsapp().files().ids().len()), (1, 1));
}

#[tokio::test]
async fn an_upload_whose_process_crashes_is_made_again() {
    const CASES: [&[Fault]; 5] =
        [&[Fault::KillBefore], &[Fault::KillAfter], &[Fault::DropBefore], &[Fault::DropAfter], &[Fault::Unavailable]];
    for faults in CASES {
        let (proxied, whatsapp) = start_with_whatsapp_proxy().await;
        let stack = &proxied.stack;
        whatsapp.inject([FaultAt("media", UPLOAD, 1, faults)]);
        let media = put_png(&proxied).await;
        let tried = || async { (uploads(&whatsapp) > 0).then_some(()) };
        eventually("an upload", tried).await;
        stack.wait_until_idle("media").await;
        stack.pass(UNTIL_REDELIVERY);
        stack.wait_for_media(&media, "ready").await;
        assert_eq!(uploads(&whatsapp), 2, "{faults:?}");
    }
}

#[tokio::test]
async fn a_bucket_that_does_not_answer_delays_a_file() {
    let (proxied, _whatsapp) = start_with_whatsapp_proxy().await;
    let stack = &proxied.stack;
    let answers = Arc::new(AtomicBool::new(false));
    let flag = answers.clone();
    proxied.s3.set_faults(move |call, _| {
        if call.operation == "GetObject" && !flag.load(Ordering::Relaxed) { Fault::Unavailable } else { Fault::None }
    });
    let media = put_png(&proxied).await;
    let failed = || async { stack.logs().contains("media.bucket_failed").then_some(()) };
    eventually("a read of the bucket to fail", failed).await;
    assert_eq!(stack.media(&media).await["status"], "uploading");
    answers.store(true, Ordering::Relaxed);
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_media(&media, "ready").await;
}

/// Uploads a file with a token that WhatsApp refuses, until its instance is stopped.
pub async fn upload_with_a_dead_token(stack: &TestStack) {
    stack.expire_token().await;
    let media = stack.create_media(PNG.len()).await;
    assert_eq!(stack.put(&media, Bytes::from_static(PNG)).await, 200);
    let failed = stack.wait_for_media(&media, "failed").await;
    let error = &failed["error"];
    assert_eq!((&error["code"], &error["providerCode"]), (&json!("instance_disconnected"), &json!(190)), "{failed}");
    let (_, shown) = stack.call("GET /v1/instances/inst_abc123/status", Value::Null).await;
    let (status, reason) = (&shown["data"]["status"], &shown["data"]["reason"]);
    assert_eq!((status, reason), (&json!("disconnected"), &json!("Invalid OAuth access token.")));
}

#[tokio::test]
async fn an_upload_with_a_dead_token_stops_the_instance() {
    let stack = TestStack::start(PROGRAM).await;
    upload_with_a_dead_token(&stack).await;
    let message = json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "hello" });
    let (status, answer) = stack.call("POST /v1/messages/send", message).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("instance_disconnected")), "nobody has asked WhatsApp");
}

#[tokio::test]
async fn an_upload_with_the_token_from_before_a_reconnect_is_made_again() {
    let (proxied, whatsapp) = start_with_whatsapp_proxy().await;
    let stack = &proxied.stack;
    stack.expire_token().await;
    whatsapp.inject([FaultAt("media", UPLOAD, 1, &[Fault::FreezeBefore])]);
    let media = put_png(&proxied).await;
    whatsapp.wait_until_frozen().await;
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await.0, 200);
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "106540352242922", "accessToken": "EAAG-new" });
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/connect", connect).await.0, 200);
    whatsapp.resume();
    stack.wait_until_idle("media").await;
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_media(&media, "ready").await;
    assert_eq!(uploads(&whatsapp), 2);
    let (_, shown) = stack.call("GET /v1/instances/inst_abc123/status", Value::Null).await;
    assert_eq!(shown["data"]["status"], "connected", "{shown}");
}

#[tokio::test]
async fn uploads_that_a_dead_token_refuses_at_once_all_say_why() {
    let (proxied, whatsapp) = start_with_whatsapp_proxy().await;
    let stack = &proxied.stack;
    stack.expire_token().await;
    whatsapp.inject([FaultAt("media", UPLOAD, 1, &[Fault::FreezeBefore])]);
    let held = put_png(&proxied).await;
    whatsapp.wait_until_frozen().await;
    let second = put_png(&proxied).await;
    assert_eq!(stack.wait_for_media(&second, "failed").await["error"]["providerCode"], 190);
    whatsapp.resume();
    let failed = stack.wait_for_media(&held, "failed").await;
    let error = &failed["error"];
    assert_eq!((&error["code"], &error["providerCode"]), (&json!("instance_disconnected"), &json!(190)), "{failed}");
}

#[tokio::test]
async fn a_file_of_an_instance_that_whatsapp_refuses_fails() {
    let (proxied, _whatsapp) = start_with_whatsapp_proxy().await;
    let stack = &proxied.stack;
    let media = stack.create_media(PNG.len()).await;
    let (status, answer) = stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(stack.put(&media, Bytes::from_static(PNG)).await, 200);
    let failed = stack.wait_for_media(&media, "failed").await;
    assert_eq!(failed["error"]["code"], "instance_disconnected", "{failed}");
}

#[tokio::test]
async fn a_file_whose_job_is_not_enqueued_leaves_no_record_that_would_wait_for_ever() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    proxied.sqs.set_faults(|call, _| {
        if (call.caller.as_str(), call.operation.as_str()) == ("manage", "SendMessage") {
            Fault::Unavailable
        } else {
            Fault::None
        }
    });
    let body = json!({ "instanceId": "inst_abc123", "filename": "file", "mimeType": "image/png", "size": PNG.len() });
    let (status, answer) = proxied.stack.call("POST /v1/media", body).await;
    assert_eq!(status, 503, "{answer}");
    let left = items_with(&proxied.stack, &["image/png"]).await;
    assert!(left.is_empty(), "{left:?}");
}
