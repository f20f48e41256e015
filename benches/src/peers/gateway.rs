//! A gateway under measurement as its customer and WhatsApp see it: Pombo's stack, with whoever's functions, or the server.

use std::sync::Arc;

use local::simulator::Simulator;
use reqwest::{Client, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

/// The gateway.
pub struct Gateway {
    /// The URL of its API.
    pub api: String,
    /// A key of its customer.
    pub api_key: SecretString,
    /// The customer's instance.
    pub instance_id: String,
    /// The customer's webhook.
    pub webhook: Arc<WebhookReceiver>,
    /// What it sends to.
    pub whatsapp: Simulator,
    /// An HTTP client.
    pub http: Client,
}

impl Gateway {
    /// A stack's.
    pub fn of_stack(stack: &TestStack) -> Self {
        Self {
            api: stack.stack.addresses.api.clone(),
            api_key: stack.customer.api_key.clone(),
            instance_id: stack.customer.instance_id.to_string(),
            webhook: stack.webhook.clone(),
            whatsapp: stack.whatsapp().clone(),
            http: stack.http.clone(),
        }
    }

    /// A request to send.
    pub fn request(&self, body: &str) -> RequestBuilder {
        let request =
            self.http.post(format!("{}/v1/messages/send", self.api)).bearer_auth(self.api_key.expose_secret());
        request.header("content-type", "application/json").body(body.to_owned())
    }

    /// Sends a text, and returns the message's id.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn send_text(&self, to: &str, text: &str) -> String {
        let body = json!({ "instanceId": self.instance_id, "to": to, "message": text });
        let (status, answer) = answer(self.request(&body.to_string())).await;
        assert_eq!(status, 202, "{answer}");
        message_id(&answer)
    }

    /// Waits until the API shows a message with this status.
    pub async fn wait_for_status(&self, id: &str, shown: &str) -> Value {
        let ask = || async {
            let request = self.http.get(format!("{}/v1/messages/{id}/status", self.api));
            let (_, answer) = answer(request.bearer_auth(self.api_key.expose_secret())).await;
            Some(answer["data"].clone()).filter(|data| data["status"] == shown)
        };
        eventually(&format!("{id} to be {shown}"), ask).await
    }
}

/// The status and the body of an answer.
///
/// # Panics
/// When there is none, or it is no JSON.
pub async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("the API answers");
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.expect("a body")).expect("JSON"))
}

/// The id of an accepted message.
///
/// # Panics
/// When the answer has none.
pub fn message_id(answer: &Value) -> String {
    answer["messageId"].as_str().expect("an id").to_owned()
}
