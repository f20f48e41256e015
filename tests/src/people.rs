//! The people of the simulator: what they do on their phones.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::test_stack::TestStack;

/// The number of the demo customer.
pub const NUMBER: &str = "106540352242922";

impl TestStack {
    /// A call of the simulator's own, such as `phone("PUT people/BR.1", body)`; the answer.
    ///
    /// # Panics
    /// When it is refused, or the callback about it is not acknowledged at once.
    pub async fn phone(&self, method_and_path: &str, body: Value) -> Value {
        let (method, path) = method_and_path.split_once(' ').expect("a method and a path");
        let url = format!("{}/{path}", self.stack.addresses.whatsapp);
        let request = self.http.request(method.parse().expect("a method"), url);
        let response = request.body(body.to_string()).send().await.expect("the simulator answers");
        let status = response.status();
        let answer: Value = serde_json::from_str(&response.text().await.expect("a body")).expect("JSON");
        let is_acknowledged = answer.get("callback").is_none_or(|callback| *callback == 200);
        assert!(status == StatusCode::OK && is_acknowledged, "{status} {answer}");
        answer
    }

    /// A person writes to the demo customer's number: WhatsApp's id of the message.
    pub async fn write(&self, person: &str, kind: &str, content: Value) -> String {
        self.write_with(person, kind, content, json!({})).await
    }

    /// The same with more of WhatsApp's fields, such as `context`.
    ///
    /// # Panics
    /// When the simulator refuses it.
    pub async fn write_with(&self, person: &str, kind: &str, content: Value, more: Value) -> String {
        let mut message = json!({ "to": NUMBER, "type": kind, kind: content });
        message.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let answer = self.phone(&format!("POST people/{person}/messages"), message).await;
        answer["messages"][0]["id"].as_str().expect("an id").to_owned()
    }

    /// A person calls the demo customer's number, and nobody takes the call.
    pub async fn call_number(&self, person: &str) {
        self.phone(&format!("POST people/{person}/calls"), json!({ "to": NUMBER })).await;
    }

    /// A message that a person wrote, as the callback had it.
    ///
    /// # Panics
    /// When the person did not write it.
    pub async fn written(&self, person: &str, wamid: &str) -> Value {
        let shown = self.phone(&format!("GET people/{person}/messages"), Value::Null).await;
        let mut messages = shown["messages"].as_array().expect("messages").iter();
        messages.find(|message| message["id"] == wamid).expect("the message")["message"].clone()
    }

    /// The messages of the demo customer's instance that a query such as `&phone=55…` selects, newest first.
    ///
    /// # Panics
    /// When the API refuses it.
    pub async fn history(&self, query: &str) -> Vec<Value> {
        let (status, page) = self.call(&format!("GET /v1/messages?instanceId=inst_abc123{query}"), Value::Null).await;
        assert_eq!(status, 200, "{page}");
        page["data"].as_array().expect("rows").clone()
    }
}
