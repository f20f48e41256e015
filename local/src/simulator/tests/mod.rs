//! Tests of the simulator over HTTP: a client posts, a receiver records the callbacks, and the test moves the clock.

mod callback_receiver;
mod files;
mod people;
mod phone_page;
mod phone_use;
mod responses;
mod service_window;
mod status_callbacks;
mod templates_and_media;
mod throughput_and_batching;

use std::time::Duration;

use reqwest::{Client, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use self::callback_receiver::CallbackReceiver;
use super::{CallbackSender, ServiceWindow, Simulator};
use crate::clock::Clock;

/// A number that Meta has not upgraded.
const NUMBER: &str = "1065";

/// A simulator with a client and a receiver of its callbacks.
struct TestSimulator {
    simulator: Simulator,
    clock: Clock,
    receiver: CallbackReceiver,
    client: Client,
    url: String,
}

impl TestSimulator {
    async fn start() -> Self {
        Self::start_with(ServiceWindow::Off).await
    }

    async fn start_with(window: ServiceWindow) -> Self {
        let (clock, receiver) = (Clock::new(), CallbackReceiver::start().await);
        let callbacks = CallbackSender::new(receiver.url.clone(), &SecretString::from(callback_receiver::SECRET));
        let simulator = Simulator::new(callbacks, clock.clone(), window);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        simulator.serve(listener);
        let client = Client::builder().no_proxy().retry(reqwest::retry::never()).build().expect("a client");
        Self { simulator, clock, receiver, client, url }
    }

    /// A POST to a path of the Cloud API.
    fn request(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.request_of("v25.0", path, body)
    }

    /// A POST to a path of a version of the Cloud API.
    fn request_of(&self, version: &str, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.client.post(format!("{}/{version}/{path}", self.url)).bearer_auth("EAAG-good").body(body.to_string())
    }

    /// A POST of a message.
    fn message(&self, recipient: &str) -> reqwest::RequestBuilder {
        self.request(&format!("{NUMBER}/messages"), &text_to(recipient))
    }

    async fn call(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        answer(self.request(path, body)).await
    }

    async fn send(&self, recipient: &str) -> (StatusCode, Value) {
        answer(self.message(recipient)).await
    }

    /// A call that only the simulator has, such as `PUT people/BR.1`.
    async fn control(&self, method_and_path: &str, body: &Value) -> (u16, Value) {
        let (method, path) = method_and_path.split_once(' ').expect("a method and a path");
        let request = self.client.request(method.parse().expect("a method"), format!("{}/{path}", self.url));
        let (status, json) = answer(request.body(body.to_string())).await;
        (status.as_u16(), json)
    }

    /// A person writes; the answer's first message.
    async fn write(&self, person: &str, message: &Value) -> Value {
        let (status, answer) = self.control(&format!("POST people/{person}/messages"), message).await;
        assert_eq!((status, &answer["callback"]), (200, &json!(200)), "{answer}");
        answer["messages"][0].clone()
    }

    fn send_without_waiting(&self, recipient: &str) {
        tokio::spawn(self.message(recipient).send());
    }

    fn advance(&self, time: Duration) {
        self.clock.advance(time).expect("a clock without a file");
    }

    fn taken_by(&self, recipient: &str) -> usize {
        self.simulator.ledger().taken_by(recipient).len()
    }
}

/// Sends a request and returns the response's status and JSON.
async fn answer(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.expect("an answer");
    (response.status(), serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON"))
}

/// A text that a person writes to a number.
fn text_from_person(number: &str, body: &str) -> Value {
    json!({ "to": number, "type": "text", "text": { "body": body } })
}

fn text_to(recipient: &str) -> Value {
    json!({ "messaging_product": "whatsapp", "to": format!("+{recipient}"), "biz_opaque_callback_data": "our tag",
        "type": "text", "text": { "body": "hello" } })
}
