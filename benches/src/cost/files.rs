//! What a message with a file costs: one whose file the customer uploads, and one that was received and whose file is fetched.

use std::fmt::Write as _;
use std::iter::zip;

use bytes::Bytes;
use reqwest::Method;
use serde_json::{Value, json};
use tests::sweep::scenario::inbound_message;

use crate::cost::assumptions::{BYTES_BELOW_HTTP, BYTES_OF_AN_ITEM, DAYS_OF_A_MONTH};
use crate::cost::bill::{self, Line};
use crate::cost::counters::{Counters, Stored};
use crate::cost::metered_stack::MeteredStack;
use crate::cost::prices;
use crate::cost::rows;
use crate::cost::template::Deployed;
use crate::progress::wait;

/// Bytes of a file: a picture of a label.
const FILE: usize = 183_000;
const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];
/// How long WhatsApp keeps a file, in milliseconds: longer than this takes.
const KEPT: i64 = 60 * 60 * 1_000;
/// Files of each way that are moved before those that count.
const WARM_UP: usize = 3;
/// Days that the bucket keeps an upload (`Media` in template.yaml).
const DAYS_OF_AN_UPLOAD: f64 = 29.0;
/// Requests to SQS for an `ObjectCreated` of S3: S3's own, and Lambda's receive and delete.
const REQUESTS_OF_A_NOTIFICATION: f64 = 3.0;

/// A way of a file.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// From the customer to WhatsApp, and then in a message.
    Up,
    /// In a message that came in, and then to the customer.
    Down,
}

/// The usage of one message with a file.
pub struct Run {
    way: Way,
    files: usize,
    used: Counters,
    stored: Stored,
    /// Bytes of the file's own record.
    record: f64,
}

/// Moves files one after the other, both ways.
pub async fn measure(program: &str, files: usize) -> [Run; 2] {
    let up = run(&MeteredStack::start(program).await, Way::Up, files).await;
    let down = run(&MeteredStack::start(program).await, Way::Down, files).await;
    [up, down]
}

async fn run(stack: &MeteredStack, way: Way, files: usize) -> Run {
    let file = Bytes::from([JPEG.as_slice(), &[0x25; FILE - JPEG.len()]].concat());
    let move_file = async |number: usize| match way {
        Way::Up => send(stack, &file, number).await,
        Way::Down => receive(stack, &file, number).await,
    };
    for number in 0..WARM_UP {
        move_file(number).await;
    }
    let before = (stack.read(), stack.bytes_of_accounts().await);
    for number in WARM_UP..WARM_UP + files {
        move_file(number).await;
        eprint!("\rfiles: {} of {files}", number + 1 - WARM_UP);
    }
    eprintln!();
    let used = stack.read().per_message(&before.0, files);
    let record = (stack.bytes_of_accounts().await - before.1) / files as f64;
    Run { way, files, used, stored: stack.stored().await, record }
}

/// Uploads a file, and sends it in a message when WhatsApp has it.
async fn send(stack: &MeteredStack, file: &Bytes, number: usize) {
    let tests = &stack.between.stack;
    let instance = &tests.customer.instance_id;
    let body = json!({ "instanceId": instance, "filename": "label.jpg", "mimeType": "image/jpeg", "size": FILE });
    let media = stack.ask(Method::POST, "/v1/media", None, &body).await["data"].clone();
    assert_eq!(tests.put(&media, file.clone()).await, 200);
    wait("files at WhatsApp", number + 1, || async { tests.whatsapp().files().ids().len() }).await;
    stack.wait_until_idle().await;
    let caption = "Your label is in the picture, keep it until it has arrived.";
    let body = json!({ "instanceId": instance, "to": "5511900000001", "mediaId": media["id"], "mediaType": "image", "caption": caption });
    stack.ask(Method::POST, "/v1/messages/send", None, &body).await;
    stack.wait_for_rest(number + 1).await;
}

/// Has a message with a file come in, and fetches and downloads the file.
async fn receive(stack: &MeteredStack, file: &Bytes, number: usize) {
    let (tests, now) = (&stack.between.stack, stack.between.stack.now());
    let id = tests.whatsapp().files().add("image/jpeg", file, now.millis(), KEPT).expect("room for it");
    let object = json!({ "id": id, "mime_type": "image/jpeg" });
    let wamid = format!("wamid.HBgNNTUxMTk5OTk5OTk5ORUCABEYEjQ5QjA4RTk4NkM2RDYzRT{number:06}AA==");
    let (customer, at) = (&tests.customer.number_id, now.secs().to_string());
    let body = inbound_message(customer, "5511900000001", &wamid, ("image", object), &at);
    assert_eq!(tests.post_callback(&body, None).await, 200);
    let calls = tests.webhook.wait_for_calls(number + 1).await;
    stack.wait_until_idle().await;
    let message = calls[number].message_id().to_owned();
    let path = format!("/v1/messages/{message}/media?redirect=false");
    stack.ask(Method::GET, &path, None, &Value::Null).await;
    wait("files in the bucket", number + 1, || async { stack.objects_put() }).await;
    stack.wait_until_idle().await;
    let url = stack.ask(Method::GET, &path, None, &Value::Null).await["data"]["url"].clone();
    let got = tests.http.get(url.as_str().expect("a signed URL")).send().await.expect("the bucket answers");
    assert_eq!(got.bytes().await.expect("the file").len(), FILE);
}

/// The section of the document.
pub fn section(runs: &[Run; 2], deployed: &Deployed) -> String {
    let mut text = format!(
        "## A message with a file\n\n\
         Measured over {} pictures of {} KB each way, one after the other. *Sent*: the customer uploads the file, `media` gives it to WhatsApp, and it \
         is sent in a message with three statuses and three webhooks. *Received*: the message comes in with its webhook, and the customer has the file \
         fetched and downloads it. Units are per message, dollars per million messages.\n\n\
         | | units | sent | dollars | received | dollars |\n|---|---|--:|--:|--:|--:|\n",
        runs[0].files,
        FILE / 1000,
    );
    let bills = runs.each_ref().map(|run| run.bill(deployed));
    for (sent, received) in zip(&bills[0], &bills[1]) {
        let _ = writeln!(text, "{}", rows::row([sent, received]));
    }
    let [sent, received] = bills.map(|lines| rows::per_million(&lines));
    let _ = writeln!(text, "| **all** | | | **{sent:.2}** | | **{received:.2}** |\n");
    text
}

impl Run {
    fn bill(&self, deployed: &Deployed) -> Vec<Line> {
        let (days, notifications, downloads) = match self.way {
            Way::Up => (DAYS_OF_AN_UPLOAD, 1.0, 0.0),
            Way::Down => (deployed.retention_days(), 0.0, 1.0),
        };
        let months = days / DAYS_OF_A_MONTH;
        let objects = |puts: bool| -> f64 {
            let of = self.used.objects.iter().filter(|(operation, _)| is_put(operation) == puts);
            of.map(|(_, requests)| requests).sum()
        };
        let mut lines = bill::of_sending(&self.used, deployed);
        lines.extend(bill::of_keeping(&self.used, self.stored, deployed));
        let queued = REQUESTS_OF_A_NOTIFICATION * notifications;
        let egress = downloads * (FILE as f64 + BYTES_BELOW_HTTP);
        let record = (self.record + BYTES_OF_AN_ITEM) * months;
        lines.extend([
            Line::new("SQS: S3's notifications", "requests", queued, prices::FAIR_REQUEST),
            Line::new("S3: writes", "requests", objects(true), prices::OBJECT_WRITE),
            Line::new("S3: reads", "requests", objects(false), prices::OBJECT_READ),
            Line::new("S3: storage", "byte-months", FILE as f64 * months, prices::OBJECT_STORAGE),
            Line::new("DynamoDB: storage of the file's record", "byte-months", record, prices::TABLE_STORAGE),
            Line::new("Egress: the file to the customer", "bytes", egress, prices::EGRESS),
        ]);
        lines
    }
}

/// Whether S3 bills a request as a write; what is not is a read (Amazon S3 pricing, "Requests & data retrievals").
fn is_put(operation: &str) -> bool {
    !operation.starts_with("Get") && !operation.starts_with("Head")
}
