//! The simulator on the wire: a client posts, a sink takes the callbacks, and the test moves the clock.

mod answers;
mod catalogue;
mod limits;
mod reports;
mod sink;

use std::time::Duration;

use reqwest::{Client, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use self::sink::Sink;
use super::{Callbacks, Simulator};
use crate::clock::Clock;

/// A number that Meta has not upgraded.
const NUMBER: &str = "1065";

/// A simulator, its client, and where its callbacks go.
struct Bench {
    simulator: Simulator,
    clock: Clock,
    sink: Sink,
    client: Client,
    url: String,
}

impl Bench {
    async fn start() -> Self {
        let (clock, sink) = (Clock::new(), Sink::start().await);
        let callbacks = Callbacks::new(sink.url.clone(), &SecretString::from(sink::SECRET));
        let simulator = Simulator::new(callbacks, clock.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        simulator.serve(listener);
        let client = Client::builder().no_proxy().retry(reqwest::retry::never()).build().expect("a client");
        Self { simulator, clock, sink, client, url }
    }

    /// Posts to a path of the Cloud API and returns the whole answer, or what became of it.
    async fn post(&self, path: &str, body: &Value) -> reqwest::Result<(StatusCode, String)> {
        let response = self.request(path, body).send().await?;
        Ok((response.status(), response.text().await?))
    }

    fn request(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.client.post(format!("{}/v23.0/{path}", self.url)).bearer_auth("EAAG-good").body(body.to_string())
    }

    /// The same with an answer that is JSON.
    async fn ask(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let (status, text) = self.post(path, body).await.expect("an answer");
        (status, serde_json::from_str(&text).expect("JSON"))
    }

    async fn send(&self, recipient: &str) -> (StatusCode, Value) {
        self.ask(&format!("{NUMBER}/messages"), &text_to(recipient)).await
    }

    /// Posts a message whose answer is of no interest, or never comes.
    fn send_in_vain(&self, recipient: &str) {
        tokio::spawn(self.request(&format!("{NUMBER}/messages"), &text_to(recipient)).send());
    }

    /// Lets hours pass, and whatever is due within them.
    fn pass(&self, time: Duration) {
        self.clock.advance(time).expect("a clock without a file");
    }

    fn taken_by(&self, recipient: &str) -> usize {
        self.simulator.ledger().taken_by(recipient).len()
    }
}

fn text_to(recipient: &str) -> Value {
    json!({ "messaging_product": "whatsapp", "to": format!("+{recipient}"), "biz_opaque_callback_data": "our tag",
        "type": "text", "text": { "body": "hello" } })
}
