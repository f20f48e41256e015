//! The requests of the customers, and their answers.

use std::time::Duration;

use bytes::Bytes;
use local::dev_stack::seed::RECIPIENT;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::batches;
use super::fixture::{Fixture, WRITER};
use crate::media_host::{Answer as Media, MediaHost};
use crate::uploads::PNG;
use crate::wait::in_time;

/// Longer than a request can be in progress: from then on a retry with its key completes it.
pub(super) const UNTIL_ENDED: Duration = Duration::from_secs(16);
/// How long WhatsApp keeps a received file, in milliseconds: longer than a run.
pub const KEPT: i64 = 7 * 24 * 60 * 60 * 1_000;
/// How often a request with a key is retried at most.
pub(super) const REPEATS: usize = 12;
/// The most requests at a time: twice what a function of the stack runs at a time. So how long the stack takes for a campaign
/// does not count as the time that it takes for a request.
const MAX_REQUESTS: usize = 16;
/// A word in all private data, which no log may contain.
pub const PRIVATE: &str = "PRIVATE";

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Request {
    /// A unique reference in the message's metadata.
    pub reference: String,
    /// The customer: 0 is the main one, 1 the second.
    pub tenant: usize,
    /// Which of its instances.
    pub instance: usize,
    /// Which of its keys.
    pub key: usize,
    /// The recipient.
    pub to: String,
    /// When it was first made.
    pub began: Instant,
    /// When it was answered last.
    pub ended: Instant,
    /// The status and body of the last answer, if there was one.
    pub answer: Option<(u16, Value)>,
}

impl Request {
    /// The id of the message that was accepted.
    pub fn accepted(&self) -> Option<&str> {
        let (_, body) = self.answer.as_ref().filter(|(status, _)| *status == 202)?;
        body["messageId"].as_str()
    }
}

/// Sends the scenario's single messages: texts, a file by its URL and one that is uploaded, with keys and without, a reply, temporary and permanent refusals, unknown
/// outcomes, two messages to one recipient, an inbound text and an image; and a second customer that meets its rate limit and
/// whose token is revoked.
pub async fn run_singles(player: &Player<'_>) -> Vec<Request> {
    let host =
        MediaHost::start(|_, _| Media::Headers("200 OK\ncontent-type: image/jpeg\ncontent-length: 10".to_owned()));
    let host = host.await;
    let text = |to: &str| json!({ "to": to, "message": "PRIVATE-TEXT" });
    let mut requests =
        vec![player.send(0, Some("k1"), text(RECIPIENT)).await, player.send(0, None, text("5511955550002")).await];
    let file = host.url("/a.jpg?signature=PRIVATE-URL");
    let image = json!({ "to": "5511955550003", "mediaType": "image", "mediaUrl": file, "caption": "PRIVATE-CAPTION" });
    requests.push(player.send(0, Some("k2"), image).await);
    requests.push(player.send(0, Some("k1"), text(RECIPIENT)).await); // a repeat
    requests.push(player.send(0, Some("k3"), text("15562131000")).await); // refused twice
    requests.push(player.send(0, None, text("15562131000")).await); // behind it
    player.receive_inbound().await;
    if let Some(media) = player.upload_file().await {
        let image =
            json!({ "to": "5511955550007", "mediaType": "image", "mediaId": media, "caption": "PRIVATE-CAPTION" });
        requests.push(player.send(0, Some("k9"), image).await);
    }
    let reply = json!({ "to": RECIPIENT, "message": "PRIVATE-REPLY", "quotedMessageId": "msg_original123" });
    requests.push(player.send(0, None, reply).await);
    let template = json!({ "to": "5511955550011", "template": { "name": "hello_world", "language": "en_US" } });
    requests.push(player.send(0, Some("k9"), template).await);
    requests.push(player.send(0, Some("k4"), text("1555131047")).await); // refused permanently
    requests.push(player.send(0, Some("k5"), text("15550100004")).await); // reset, and reported
    requests.push(player.send(0, Some("k6"), text("15550100007")).await); // an HTML page, and never reported
    requests.push(player.send(0, Some("k7"), text("15550100018")).await); // reported an hour late
    let unwanted = player.send(0, Some("k8"), text("5511955550008")).await;
    player.cancel(&unwanted).await; // sent meanwhile, or not any more
    requests.push(unwanted);
    requests.push(player.send(1, Some("n1"), text("5511955550004")).await);
    requests.push(player.send(1, Some("n2"), text("1555000190")).await); // the token is invalid
    requests.push(player.send(1, None, text("5511955550005")).await);
    requests.push(player.send(1, None, text("5511955550006")).await); // over the limit
    requests
}

/// Makes the requests.
pub struct Player<'a> {
    pub(super) fixture: &'a Fixture,
    /// Uses a connection per request, so that a fault affects one request only.
    pub(super) http: Client,
    /// The requests that may be made at a time.
    requests: Semaphore,
}

impl<'a> Player<'a> {
    /// A player of this fixture.
    ///
    /// # Panics
    /// When this machine has no client for it.
    pub fn on(fixture: &'a Fixture) -> Self {
        let http = Client::builder().no_proxy().tls_certs_only([]).pool_max_idle_per_host(0).build().expect("a client");
        Self { fixture, http, requests: Semaphore::new(MAX_REQUESTS) }
    }

    /// Sends a message; with a key, retries until the answer is final.
    pub async fn send(&self, tenant: usize, key: Option<&str>, mut body: Value) -> Request {
        let (from, began) = (&self.fixture.tenants[tenant], Instant::now());
        let reference = key.map_or_else(|| format!("r-{}", hex::encode(shared::ids::random::<6>())), str::to_owned);
        body["instanceId"] = from.instances[0].to_string().into();
        body["metadata"] = json!({ "reference": reference, "note": "PRIVATE-METADATA" });
        let to = body["to"].as_str().unwrap_or_default().to_owned();
        let answer = self.post_until_final(tenant, "POST /v1/messages/send", key, &body).await;
        Request { reference, tenant, instance: 0, key: 0, to, began, ended: Instant::now(), answer }
    }

    /// Makes a request; with a key, retries until the answer is final.
    pub(super) async fn post_until_final(
        &self,
        tenant: usize,
        method_and_path: &str,
        key: Option<&str>,
        body: &Value,
    ) -> Option<(u16, Value)> {
        let api_key = &self.fixture.tenants[tenant].keys[0];
        let mut answer = self.call(api_key, method_and_path, key, body).await;
        for _ in 0..REPEATS {
            let is_final = answer.as_ref().is_some_and(|(status, _)| *status < 500 && *status != 409);
            let is_of_the_instance =
                answer.as_ref().is_some_and(|(_, body)| body["error"]["code"] == "instance_disconnected");
            if key.is_none() || is_final || is_of_the_instance {
                break;
            }
            self.fixture.stack.pass(UNTIL_ENDED);
            let repeated = self.call(api_key, method_and_path, key, body).await;
            if !is_over_limit(repeated.as_ref()) {
                answer = repeated;
            }
        }
        answer
    }

    /// Calls the API, as in `call(key, "DELETE /v1/messages/msg_1", None, &Value::Null)`; a null body is none, and an
    /// empty key too. Returns the status and body of the answer; none when there was none.
    ///
    /// # Panics
    /// When the path has no method before it.
    pub async fn call(
        &self,
        key: &str,
        method_and_path: &str,
        idempotency_key: Option<&str>,
        body: &Value,
    ) -> Option<(u16, Value)> {
        let body = (!body.is_null()).then(|| body.to_string());
        self.call_with_text(key, method_and_path, idempotency_key, body).await
    }

    /// The same with a body that may be no JSON.
    ///
    /// # Panics
    /// When the path has no method before it.
    pub async fn call_with_text(
        &self,
        key: &str,
        method_and_path: &str,
        idempotency_key: Option<&str>,
        body: Option<String>,
    ) -> Option<(u16, Value)> {
        let (method, path) = method_and_path.split_once(' ').expect("a method and a path");
        let url = format!("{}{path}", self.fixture.api.url);
        let mut request = self.http.request(method.parse().expect("a method"), url);
        if !key.is_empty() {
            request = request.bearer_auth(key);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        if let Some(key) = idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let is_of_send = ["/v1/messages/send", batches::PATH].contains(&path) || path.starts_with("/webhook/");
        self.answer(request, if is_of_send { "send" } else { "manage" }).await
    }

    /// Posts a callback and returns the status of the answer.
    pub async fn post_callback(&self, body: &str, signature: Option<&str>) -> u16 {
        let posted = self.fixture.stack.post_callback(body, signature);
        tokio::select! {
            status = in_time("an answer to a callback", posted) => status,
            never = self.resume_if_frozen("receive") => never,
        }
    }

    /// Cancels an accepted message, and retries until the answer is final.
    async fn cancel(&self, request: &Request) {
        let Some(id) = request.accepted() else { return };
        self.delete_until_final(request.tenant, &format!("DELETE /v1/messages/{id}")).await;
    }

    /// Makes a request that deletes something, and retries until the answer is final.
    pub(super) async fn delete_until_final(&self, tenant: usize, method_and_path: &str) {
        for _ in 0..REPEATS {
            let key = &self.fixture.tenants[tenant].keys[0];
            let canceled = self.call(key, method_and_path, None, &Value::Null).await;
            if canceled.is_some_and(|(status, _)| status < 500) {
                return;
            }
        }
    }

    /// The status and body of an answer; none when there was none.
    async fn answer(&self, request: RequestBuilder, function: &str) -> Option<(u16, Value)> {
        let _permit = self.requests.acquire().await;
        let answered = async {
            let response = request.send().await.ok()?;
            let status = response.status().as_u16();
            let body = response.bytes().await.ok()?;
            Some((status, serde_json::from_slice(&body).unwrap_or_default()))
        };
        tokio::select! {
            answer = in_time("an answer of the API", answered) => answer,
            never = self.resume_if_frozen(function) => never,
        }
    }

    /// Resumes a frozen process whose client waits for it, as Lambda would end it later.
    async fn resume_if_frozen<T>(&self, function: &str) -> T {
        let mut ticks = tokio::time::interval(Duration::from_millis(10));
        loop {
            ticks.tick().await;
            if self.fixture.is_frozen(function) {
                self.fixture.stack.pass(Duration::from_secs(4));
                self.fixture.resume();
            }
        }
    }

    /// Posts the callbacks of two inbound messages until they are acknowledged, as Meta does.
    async fn receive_inbound(&self) {
        let stack = &self.fixture.stack;
        let (number, now) = (stack.instance().await.number.expect("a number").id, stack.now());
        let at = now.secs().to_string();
        let files = stack.whatsapp().files();
        let file = files.add("image/png", &Bytes::from_static(PNG), now.millis(), KEPT).expect("room for it");
        let image = json!({ "id": file, "mime_type": "image/png", "caption": "PRIVATE-QUESTION" });
        for body in [
            inbound_text(&number, WRITER, "wamid.IN1", "PRIVATE-QUESTION", &at),
            inbound_message(&number, WRITER, "wamid.IN2", ("image", image), &at),
        ] {
            for _ in 0..REPEATS {
                if self.post_callback(&body, None).await == 200 {
                    break;
                }
            }
        }
    }
}

/// Whether an answer says that the key is over its limit: for a repeated request, that says nothing about the first one.
pub fn is_over_limit(answer: Option<&(u16, Value)>) -> bool {
    answer.is_some_and(|(status, _)| *status == 429)
}

/// The callback of a text that a person writes to a number, as Meta posts it.
pub fn inbound_text(number: &str, from: &str, wamid: &str, text: &str, at: &str) -> String {
    inbound_message(number, from, wamid, ("text", json!({ "body": text })), at)
}

/// The callback of a message of any type.
pub fn inbound_message(number: &str, from: &str, wamid: &str, (kind, object): (&str, Value), at: &str) -> String {
    let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{
        "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "551140000000", "phone_number_id": number },
            "contacts": [{ "wa_id": from, "profile": { "name": "PRIVATE-NAME" } }],
            "messages": [{ "from": from, "id": wamid, "timestamp": at, "type": kind, kind: object }],
        } }] }] });
    body.to_string()
}
