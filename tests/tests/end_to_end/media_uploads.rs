//! Files that customers upload and send by their id: from the signed URL through the bucket to WhatsApp.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use shared::media::record::{ARRIVES_WITHIN, KEPT_FOR};
use std::time::Duration;
use tests::test_stack::TestStack;
use tests::uploads::PNG;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

const SEND: &str = "POST /v1/messages/send";
const EVENTS: &[&str] = &["media.ready", "media.failed"];
/// The longest delay of a queue's message, after which a file is looked at again.
const LATER: Duration = Duration::from_secs(15 * 60 + 1);

pub fn message(media: &Value, media_type: &str) -> Value {
    json!({ "instanceId": "inst_abc123", "to": "5511999999999", "mediaId": media, "mediaType": media_type })
}

/// Leaves a file without its bytes until it is given up, and ends its put then.
pub async fn give_up_and_put(stack: &TestStack) {
    let media = stack.create_media(PNG.len()).await;
    stack.wait_for_any_delayed("MediaQueue").await;
    stack.pass(LATER);
    stack.wait_for_any_delayed("MediaQueue").await;
    stack.pass(ARRIVES_WITHIN - LATER + Duration::from_secs(1));
    stack.wait_for_media(&media, "failed").await;
    put_late(stack, &media).await;
}

/// Uploads a file, and sends a message that is accepted while the file is on its way.
pub async fn send_while_uploading(stack: &TestStack) {
    let media = stack.create_media(PNG.len()).await;
    let id = media["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let arrived = stack.accounts.note_media_arrival(&stack.customer.account_id, &id, stack.now()).await;
    arrived.expect("the table takes it");
    let sent = stack.send(message(&media["id"], "image")).await;
    stack.wait_until_returned("ExpressQueue.fifo", [&sent]).await;
    assert_eq!(stack.put(&media, Bytes::from_static(PNG)).await, 200);
    stack.wait_for_media(&media, "ready").await;
    stack.pass(Duration::from_secs(61));
    stack.wait_for_status(&sent, "read").await;
}

/// Status, code and field of a refusal.
fn refusal((status, answer): (u16, Value)) -> (u16, Value, Value) {
    (status, answer["error"]["code"].clone(), answer["error"]["field"].clone())
}

async fn webhook(stack: &TestStack) -> WebhookReceiver {
    let receiver = WebhookReceiver::start().await;
    stack.webhook_for(&receiver, EVENTS).await;
    receiver
}

#[tokio::test]
async fn a_file_that_was_uploaded_is_sent_by_its_id() {
    let stack = TestStack::start(PROGRAM).await;
    let webhook = webhook(&stack).await;
    let media = stack.create_media(PNG.len()).await;
    assert_eq!((&media["status"], stack.media(&media).await["status"].clone()), (&json!("waiting"), json!("waiting")));
    assert_eq!(stack.put(&media, Bytes::from_static(PNG)).await, 200);
    let event = webhook.wait_for_calls(1).await.remove(0);
    let data = &event.json["data"];
    assert_eq!(
        (event.event(), &data["mediaId"], &data["status"], &data["mimeType"], &data["size"]),
        ("media.ready", &media["id"], &json!("ready"), &json!("image/png"), &json!(PNG.len()))
    );
    let shown = stack.media(&media).await;
    assert_eq!(
        (&shown["status"], &shown["filename"], &shown["error"]),
        (&json!("ready"), &json!("file"), &Value::Null)
    );
    let mut body = message(&media["id"], "image");
    body["caption"] = json!("Look");
    let id = stack.send(body).await;
    stack.wait_for_status(&id, "read").await;
    let posted = stack.whatsapp().ledger().taken()[0].message.clone();
    assert_eq!((&posted["type"], posted["image"]["caption"].clone()), (&json!("image"), json!("Look")));
    assert_eq!(stack.whatsapp().files().ids(), [posted["image"]["id"].as_str().expect("WhatsApp's id")]);
    let (row, shown) = (&stack.history("").await[0], stack.media(&media).await);
    let file =
        json!({ "id": media["id"], "mimeType": "image/png", "size": PNG.len(), "expiresAt": shown["expiresAt"] });
    assert_eq!((&row["media"], &row["content"], &row["type"]), (&file, &json!("Look"), &json!("image")));
}

#[tokio::test]
async fn a_document_has_its_own_name_unless_the_message_names_one() {
    let stack = TestStack::start(PROGRAM).await;
    let media = stack.create_media_of("application/pdf", 9).await;
    assert_eq!(stack.put(&media, "%PDF-1.7\n").await, 200);
    stack.wait_for_media(&media, "ready").await;
    stack.send(message(&media["id"], "document")).await;
    let mut named = message(&media["id"], "document");
    named["filename"] = json!("Invoice.pdf");
    stack.wait_for_taken(1).await;
    stack.send(named).await;
    stack.wait_for_taken(2).await;
    let taken = stack.whatsapp().ledger().taken();
    let names: Vec<_> = taken.iter().map(|taken| &taken.message["document"]["filename"]).collect();
    assert_eq!(names, ["file", "Invoice.pdf"]);
}

#[tokio::test]
async fn a_web_page_may_put_a_file() {
    const HEADERS: &str = "content-type,if-none-match";
    let stack = TestStack::start(PROGRAM).await;
    let media = stack.create_media(PNG.len()).await;
    let url = media["uploadUrl"].as_str().expect("a URL");
    let preflight = stack.http.request(Method::OPTIONS, url).header("origin", "https://shop.example");
    let preflight = preflight.header("access-control-request-method", "PUT");
    let allowed = preflight.header("access-control-request-headers", HEADERS).send().await.expect("an answer");
    for (name, expected) in [("origin", "*"), ("methods", "PUT,GET"), ("headers", HEADERS)] {
        assert_eq!(allowed.headers()[format!("access-control-allow-{name}")], expected, "{name}");
    }
    let put = stack.http.put(url).header("origin", "https://shop.example").header("content-type", "image/png");
    let put = put.header("if-none-match", "*").body(PNG).send().await.expect("an answer");
    assert_eq!(
        (put.status().as_u16(), &put.headers()["access-control-allow-origin"]),
        (200, &HeaderValue::from_static("*"))
    );
}

#[tokio::test]
async fn the_url_is_for_the_declared_size_and_type_and_key_only() {
    let stack = TestStack::start(PROGRAM).await;
    let media = stack.create_media(PNG.len()).await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = media.clone();
        change(&mut changed);
        changed
    };
    let larger = with(&|media| media["uploadHeaders"]["Content-Length"] = json!((PNG.len() + 1).to_string()));
    assert_eq!(stack.put(&larger, [PNG, b"x"].concat()).await, 403);
    let other_type = with(&|media| media["uploadHeaders"]["Content-Type"] = json!("text/html"));
    assert_eq!(stack.put(&other_type, Bytes::from_static(PNG)).await, 403);
    let url = media["uploadUrl"].as_str().expect("a URL");
    for other in ["acc_other", "..", "acc_1%2F.."] {
        let account = stack.customer.account_id.as_str();
        let elsewhere = with(&|media| media["uploadUrl"] = json!(url.replace(account, other)));
        assert!(stack.put(&elsewhere, Bytes::from_static(PNG)).await >= 400, "{other}");
    }
    let read = stack.http.get(url).send().await.expect("an answer");
    assert_eq!(read.status(), 403, "a URL to put is not one to get");
    assert_eq!(stack.media(&media).await["status"], "waiting");
    let again = with(&|media| drop(media["uploadHeaders"].as_object_mut().and_then(|all| all.remove("If-None-Match"))));
    assert_eq!(stack.put(&again, Bytes::from_static(PNG)).await, 403);
    assert_eq!(stack.put(&media, Bytes::from_static(PNG)).await, 200);
    stack.wait_for_media(&media, "ready").await;
    assert_eq!(stack.put(&media, Bytes::from_static(PNG)).await, 412, "each put would be a job");
}

#[tokio::test]
async fn a_file_whose_bytes_are_of_another_type_fails() {
    let stack = TestStack::start(PROGRAM).await;
    let webhook = webhook(&stack).await;
    let program = b"MZ\x90\0\x03\0\0\0\x04\0\0\0";
    let media = stack.create_media_of("application/pdf", program.len()).await;
    assert_eq!(stack.put(&media, &program[..]).await, 200);
    let failed = stack.wait_for_media(&media, "failed").await;
    assert_eq!(failed["error"]["code"], "unsupported_media_type", "{failed}");
    let event = webhook.wait_for_calls(1).await.remove(0);
    assert_eq!((event.event(), &event.json["data"]["error"]), ("media.failed", &failed["error"]));
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let (status, answer) = stack.call(SEND, message(&media["id"], "document")).await;
    let (code, field) = (json!("unsupported_media_type"), json!("mediaId"));
    assert_eq!((status, &answer["error"]["code"], &answer["error"]["field"]), (400, &code, &field), "{answer}");
    assert!(answer["error"]["message"].as_str().expect("a text").contains("portable-executable"), "{answer}");
    assert_eq!(
        (stack.whatsapp().files().ids().len(), stack.ledger(&stack.customer.account_id).await.credits),
        (0, before)
    );
}

#[tokio::test]
async fn a_file_without_its_bytes_or_of_others_is_refused() {
    let stack = TestStack::start(PROGRAM).await;
    let neighbour = stack.neighbour().await;
    let (waiting, ready) = (stack.create_media(PNG.len()).await, stack.upload_png().await);
    let refused = refusal(stack.call(SEND, message(&waiting["id"], "image")).await);
    assert_eq!(refused, (409, json!("media_not_ready"), json!("mediaId")));
    let refused = refusal(stack.call(SEND, message(&json!(ready), "video")).await);
    assert_eq!(refused, (400, json!("unsupported_media_type"), json!("mediaType")));
    let mut theirs = message(&json!(ready), "image");
    theirs["instanceId"] = json!("inst_theirs");
    let not_found = (404, json!("media_not_found"), json!("mediaId"));
    assert_eq!(refusal(stack.call_as(&neighbour, SEND, theirs).await), not_found);
    stack.copy_instance_to(&stack.customer.account_id, "inst_other").await;
    let mut from_another = message(&json!(ready), "image");
    from_another["instanceId"] = json!("inst_other");
    assert_eq!(refusal(stack.call(SEND, from_another).await), not_found);
    for unknown in ["media_unknown", "msg_1", ""] {
        assert_eq!(refusal(stack.call(SEND, message(&json!(unknown), "image")).await), not_found, "{unknown}");
    }
    let (status, answer) = stack.call_as(&neighbour, &format!("GET /v1/media/{ready}"), Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("media_not_found")));
    stack.pass(KEPT_FOR);
    assert_eq!(refusal(stack.call(SEND, message(&json!(ready), "image")).await), not_found, "its time is over");
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
}

#[tokio::test]
async fn a_request_that_names_no_acceptable_file_is_refused() {
    let stack = TestStack::start(PROGRAM).await;
    let good = json!({ "instanceId": "inst_abc123", "mimeType": "image/png", "size": 10 });
    for (field, value, code, status) in [
        ("instanceId", json!("inst_nobody"), "instance_not_found", 404),
        ("mimeType", json!("image/gif"), "unsupported_media_type", 400),
        ("mimeType", json!("image/png\r\nX: y"), "unsupported_media_type", 400),
        ("mimeType", Value::Null, "invalid_request", 400),
        ("size", json!(0), "invalid_request", 400),
        ("size", json!(-1), "invalid_request", 400),
        ("size", json!(5 * 1024 * 1024 + 1), "media_too_large", 400),
        ("size", json!(u64::MAX), "media_too_large", 400),
        ("size", Value::Null, "invalid_request", 400),
        ("filename", json!("a\r\nSet-Cookie: b"), "invalid_request", 400),
        ("filename", json!("x".repeat(256)), "invalid_request", 400),
        ("key", json!("../x"), "invalid_request", 400),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let (found, answer) = stack.call("POST /v1/media", body).await;
        assert_eq!((found, &answer["error"]["code"]), (status, &json!(code)), "{field}: {answer}");
    }
    for size in [1, 5 * 1024 * 1024] {
        stack.create_media(size).await;
    }
}

#[tokio::test]
async fn a_file_whose_bytes_never_come_fails_and_counts_no_more() {
    let stack = TestStack::start_with(PROGRAM, |options| {
        options.parameters.insert("MaxOpenUploads", "1".to_owned());
        options.parameters.insert("MaxMediaMegabytes", "100".to_owned());
    })
    .await;
    let webhook = webhook(&stack).await;
    let megabytes =
        |count: usize| json!({ "instanceId": "inst_abc123", "mimeType": "application/pdf", "size": count << 20 });
    let (_, created) = stack.call("POST /v1/media", megabytes(90)).await;
    let refused = refusal(stack.call("POST /v1/media", megabytes(1)).await);
    assert_eq!(refused, (409, json!("limit_reached"), Value::Null));
    stack.wait_for_delayed("MediaQueue", 1).await;
    stack.pass(LATER);
    stack.wait_for_delayed("MediaQueue", 1).await; // it was looked for once
    assert_eq!(stack.media(&created["data"]).await["status"], "waiting");
    stack.pass(ARRIVES_WITHIN - LATER + Duration::from_secs(1));
    let failed = stack.wait_for_media(&created["data"], "failed").await;
    assert_eq!(failed["error"]["code"], "expired", "{failed}");
    assert_eq!(webhook.wait_for_calls(1).await[0].event(), "media.failed");
    let (status, answer) = stack.call("POST /v1/media", megabytes(90)).await;
    assert_eq!(status, 201, "the first one's bytes count no more: {answer}");
    put_late(&stack, &created["data"]).await;
}

/// Ends a put that began in time, of a file that was given up meanwhile.
async fn put_late(stack: &TestStack, media: &Value) {
    let key = format!("outbound/{}/{}", stack.customer.account_id, media["id"].as_str().expect("an id"));
    let object = stack.stack.objects().join("media").join(&key);
    std::fs::create_dir_all(object.parent().expect("a folder")).expect("a folder");
    std::fs::write(&object, "late").expect("an object");
    let notification = json!({ "Records": [{ "s3": { "object": { "key": key } } }] }).to_string();
    let sent = stack.stack.clients.sqs.send_message().queue_url(stack.queue_url("MediaQueue"));
    sent.message_body(notification).send().await.expect("the queue takes it");
    eventually("bytes that nothing counts to be deleted", || async { (!object.exists()).then_some(()) }).await;
}

#[tokio::test]
async fn bytes_of_all_files_are_bounded() {
    let stack = TestStack::start_with(PROGRAM, |options| {
        drop(options.parameters.insert("MaxMediaMegabytes", "100".to_owned()))
    })
    .await;
    let megabytes =
        |count: usize| json!({ "instanceId": "inst_abc123", "mimeType": "application/pdf", "size": count << 20 });
    let answers = futures::future::join_all((0..4).map(|_| stack.call("POST /v1/media", megabytes(30)))).await;
    let mut statuses: Vec<_> = answers.iter().map(|(status, _)| *status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 201, 409], "at the same time: {answers:?}");
    assert_eq!(stack.call("POST /v1/media", megabytes(10)).await.0, 201);
    let refused = refusal(stack.call("POST /v1/media", megabytes(1)).await);
    assert_eq!(refused, (409, json!("limit_reached"), Value::Null));
    let neighbour = stack.neighbour().await;
    let mut theirs = megabytes(90);
    theirs["instanceId"] = json!("inst_theirs");
    assert_eq!(stack.call_as(&neighbour, "POST /v1/media", theirs).await.0, 201, "each account has its own");
}

#[tokio::test]
async fn a_file_that_whatsapp_has_dropped_fails_its_message() {
    let stack = TestStack::start(PROGRAM).await;
    let ready = stack.upload_png().await;
    let id = stack.whatsapp().files().ids().remove(0);
    assert!(stack.whatsapp().files().delete(&id));
    let sent = stack.send(message(&json!(ready), "image")).await;
    let status = stack.wait_for_status(&sent, "failed").await;
    assert_eq!(
        (&status["error"]["code"], &status["error"]["providerCode"]),
        (&json!("provider_error"), &json!(100)),
        "{status}"
    );
}

#[tokio::test]
async fn a_notification_that_was_lost_delays_a_file_and_loses_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let rule = "{ S3Key: { Rules: [{ Name: prefix, Value: outbound/ }] } }";
    let copy = crate::template_changes::changed(folder.path(), rule, &rule.replace("outbound/", "nothing/"));
    let stack = TestStack::start_with(PROGRAM, |options| options.template = copy).await;
    let media = stack.create_media(PNG.len()).await;
    assert_eq!(stack.put(&media, Bytes::from_static(PNG)).await, 200);
    stack.wait_for_delayed("MediaQueue", 1).await;
    assert_eq!(stack.media(&media).await["status"], "waiting");
    stack.pass(LATER);
    stack.wait_for_media(&media, "ready").await;
}

#[tokio::test]
async fn what_s3_says_at_first_and_objects_of_others_are_ignored() {
    let stack = TestStack::start(PROGRAM).await;
    let send = async |body: &str| {
        let request =
            stack.stack.clients.sqs.send_message().queue_url(stack.queue_url("MediaQueue")).message_body(body);
        request.send().await.expect("the queue takes it");
    };
    send(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"media"}"#).await;
    for key in ["outbound/acc_none/media_none", "outbound/x", "../../etc/passwd"] {
        send(&json!({ "Records": [{ "s3": { "object": { "key": key } } }] }).to_string()).await;
    }
    stack.wait_until_empty("MediaQueue").await;
    stack.wait_until_idle("media").await;
    let media = stack.upload_png().await;
    assert!(stack.media(&json!({ "id": media })).await["error"].is_null());
    let is_empty = || async { (stack.visible("MediaDeadLetters").await == 0).then_some(()) };
    eventually("no dead letter", is_empty).await;
}
