//! Calls of the API, of customers and of the operator, and of WhatsApp's callback address.

use aws_lc_rs::hmac;
use reqwest::{Response, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::ids::MessageId;

use crate::test_stack::TestStack;

/// Requests of one erasure, each with ten seconds: a busy machine needs more than one.
const MAX_ERASURES: usize = 6;

impl TestStack {
    /// Sends a text and returns the message's id.
    pub async fn send_text(&self, to: &str, text: &str) -> MessageId {
        self.send(json!({ "instanceId": self.customer.instance_id, "to": to, "message": text })).await
    }

    /// Sends a message and returns its id.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn send(&self, body: Value) -> MessageId {
        let (status, answer) = self.post("/v1/messages/send", &body.to_string()).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
        assert_eq!((&answer["success"], &answer["status"]), (&json!(true), &json!("queued")), "{answer}");
        answer["messageId"].as_str().and_then(|id| id.parse().ok()).expect("a message id")
    }

    /// Posts a body with the customer's key.
    ///
    /// # Panics
    /// When there is no answer in JSON.
    pub async fn post(&self, path: &str, body: &str) -> (StatusCode, Value) {
        let request = self.http.post(format!("{}{path}", self.stack.addresses.api)).body(body.to_owned());
        self.ask(request.header("content-type", "application/json")).await
    }

    /// Gets a path with the customer's key.
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.ask(self.http.get(format!("{}{path}", self.stack.addresses.api))).await
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> (StatusCode, Value) {
        let request = request.bearer_auth(self.customer.api_key.expose_secret());
        let response = request.send().await.expect("the API answers");
        let status = response.status();
        let text = response.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} {text}")))
    }

    /// Calls the API, as in `call("PATCH /v1/instances/inst_1", body)`, with the customer's key. A null body is none,
    /// and no answer is null.
    pub async fn call(&self, method_and_path: &str, body: Value) -> (u16, Value) {
        self.call_as(self.customer.api_key.expose_secret(), method_and_path, body).await
    }

    /// The same with the deployment's admin key.
    pub async fn operate(&self, method_and_path: &str, body: Value) -> (u16, Value) {
        let key = self.stack.secrets.text("AdminKey").unwrap_or_default();
        self.call_as(&key, method_and_path, body).await
    }

    /// The same with any key.
    ///
    /// # Panics
    /// When there is no answer in JSON.
    pub async fn call_as(&self, key: &str, method_and_path: &str, body: Value) -> (u16, Value) {
        let (method, path) = method_and_path.split_once(' ').expect("a method and a path");
        let url = format!("{}{path}", self.stack.addresses.api);
        let mut request = self.http.request(method.parse().expect("a method"), url).bearer_auth(key);
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.expect("the API answers");
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        let text = if text.is_empty() { "null" } else { &text };
        (status, serde_json::from_str(text).unwrap_or_else(|_| panic!("{status} {text}")))
    }

    /// Erases the customer's messages with a person, by a phone number or a user id: how many were erased and how many remain.
    /// Asks again while there is more, as an operator does: one request may have had too little time.
    ///
    /// # Panics
    /// When the API does not do it, or always has more.
    pub async fn erase(&self, alias: &str) -> Value {
        let list = if alias.contains('.') { "users" } else { "phones" };
        let path = format!("DELETE /v1/admin/accounts/{}/{list}/{alias}", self.customer.account_id);
        let mut erased = 0;
        for _ in 0..MAX_ERASURES {
            let (status, answer) = self.operate(&path, Value::Null).await;
            assert_eq!(status, 200, "{answer}");
            erased += answer["data"]["erased"].as_u64().expect("a number");
            if answer["data"]["hasMore"] == false {
                return json!({ "erased": erased, "remaining": answer["data"]["remaining"] });
            }
        }
        panic!("{path} has more after {MAX_ERASURES} requests")
    }

    /// Posts a callback as Meta does, signed with the deployment's app secret or with what is given.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn post_callback(&self, body: &str, signature: Option<&str>) -> u16 {
        self.callback_answer(body, signature).await.status().as_u16()
    }

    /// The same, for the whole answer.
    ///
    /// # Panics
    /// When there is none.
    pub async fn callback_answer(&self, body: &str, signature: Option<&str>) -> Response {
        let app: Value =
            serde_json::from_str(&self.stack.secrets.text("WhatsAppApp").expect("a secret")).expect("JSON");
        let key = hmac::Key::new(hmac::HMAC_SHA256, app["appSecret"].as_str().expect("a text").as_bytes());
        let right = format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())));
        let request = self.http.post(&self.stack.addresses.callback).header("content-type", "application/json");
        let request = request.header("x-hub-signature-256", signature.unwrap_or(&right)).body(body.to_owned());
        request.send().await.expect("an answer")
    }

    /// A message's status in the API.
    pub async fn status(&self, id: &MessageId) -> Value {
        let (status, answer) = self.get(&format!("/v1/messages/{id}/status")).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["data"].clone()
    }
}
