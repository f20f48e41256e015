//! The requests of the customers, and their answers.

use std::time::Duration;

use local::dev_stack::seed::RECIPIENT;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::fixture::Fixture;
use super::tenant::Tenant;
use crate::media_host::{Answer as Media, MediaHost};
use crate::wait::in_time;

/// Longer than a request can be in progress: from then on a retry with its key completes it.
const UNTIL_ENDED: Duration = Duration::from_secs(16);
/// How often a request with a key is retried at most.
const REPEATS: usize = 12;
/// A word in all private data, which no log may contain.
pub const PRIVATE: &str = "PRIVATE";
/// The phone number of the inbound message.
pub const WRITER: &str = "5511988887777";

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Request {
    /// A unique reference in the message's metadata.
    pub reference: String,
    /// The customer: 0 is the main one, 1 the second.
    pub tenant: usize,
    /// The recipient.
    pub to: String,
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

/// Runs the scenario: texts and a file, with keys and without, a reply, temporary and permanent refusals, unknown
/// outcomes, two messages to one recipient, an inbound message; and a second customer that meets its rate limit and
/// whose token is revoked.
pub async fn run_scenario(fixture: &Fixture) -> Vec<Request> {
    let host =
        MediaHost::start(|_, _| Media::Headers("200 OK\ncontent-type: image/jpeg\ncontent-length: 10".to_owned()));
    let host = host.await;
    let player =
        Player { fixture, http: Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client") };
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
    let reply = json!({ "to": RECIPIENT, "message": "PRIVATE-REPLY", "quotedMessageId": "msg_original123" });
    requests.push(player.send(0, None, reply).await);
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
    fixture: &'a Fixture,
    /// Uses a connection per request, so that a fault affects one request only.
    http: Client,
}

impl<'a> Player<'a> {
    /// A player of this fixture.
    ///
    /// # Panics
    /// When this machine has no client for it.
    pub fn on(fixture: &'a Fixture) -> Self {
        let http = Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client");
        Self { fixture, http }
    }

    /// Sends a message; with a key, retries until the answer is final.
    pub async fn send(&self, tenant: usize, key: Option<&str>, mut body: Value) -> Request {
        let from = self.fixture.tenants()[tenant];
        let reference = key.map_or_else(|| format!("r-{}", hex::encode(shared::ids::random::<6>())), str::to_owned);
        body["instanceId"] = from.instance.to_string().into();
        body["metadata"] = json!({ "reference": reference, "note": "PRIVATE-METADATA" });
        let to = body["to"].as_str().unwrap_or_default().to_owned();
        let mut answer = self.post(from, key, &body).await;
        for _ in 0..REPEATS {
            let is_final = answer.as_ref().is_some_and(|(status, _)| *status < 500 && *status != 409);
            let is_of_the_instance =
                answer.as_ref().is_some_and(|(_, body)| body["error"]["code"] == "instance_disconnected");
            if key.is_none() || is_final || is_of_the_instance {
                break;
            }
            self.fixture.stack.pass(UNTIL_ENDED);
            answer = self.post(from, key, &body).await;
        }
        Request { reference, tenant, to, answer }
    }

    async fn post(&self, from: &Tenant, key: Option<&str>, body: &Value) -> Option<(u16, Value)> {
        let url = format!("{}/v1/messages/send", self.fixture.api.url);
        let mut request = self.http.post(url).bearer_auth(&from.key).body(body.to_string());
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.answer(request, "send").await
    }

    /// Cancels an accepted message, and retries until the answer is final.
    async fn cancel(&self, request: &Request) {
        let Some(id) = request.accepted() else { return };
        let from = self.fixture.tenants()[request.tenant];
        for _ in 0..REPEATS {
            let cancel = self.http.delete(format!("{}/v1/messages/{id}", self.fixture.api.url)).bearer_auth(&from.key);
            if self.answer(cancel, "manage").await.is_some_and(|(status, _)| status < 500) {
                return;
            }
        }
    }

    /// The status and body of an answer; none when there was none.
    async fn answer(&self, request: RequestBuilder, function: &str) -> Option<(u16, Value)> {
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

    /// Posts the callback of an inbound message until it is acknowledged, as Meta does.
    async fn receive_inbound(&self) {
        let number = self.fixture.stack.instance().await.number.expect("a number").id;
        let at = self.fixture.stack.now().secs().to_string();
        let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{
            "field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": { "display_phone_number": "551140000000", "phone_number_id": number },
                "contacts": [{ "wa_id": WRITER, "profile": { "name": "PRIVATE-NAME" } }],
                "messages": [{ "from": WRITER, "id": "wamid.IN1", "timestamp": at, "type": "text",
                    "text": { "body": "PRIVATE-QUESTION" } }],
            } }] }] });
        let body = body.to_string();
        for _ in 0..REPEATS {
            let posted = self.fixture.stack.post_callback(&body, None);
            let status = tokio::select! {
                status = in_time("an answer to a callback", posted) => status,
                never = self.resume_if_frozen("receive") => never,
            };
            if status == 200 {
                return;
            }
        }
    }
}
