//! The demo: sends the four examples of the API reference as a customer does, and shows the webhooks and statuses.

mod examples;
mod receiver;
mod timeline;

use std::time::Duration;

use futures::TryFutureExt;
use reqwest::{Client, Response};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::clock;
use shared::ids::WebhookId;
use shared::message::MessageEvent;
use shared::webhook::Webhook;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::seed::{self, Customer};
use super::stack::Stack;
use examples::EXAMPLES;
use receiver::{ReceivedWebhook, Receiver};
use timeline::{Line, Timeline};

/// How long the demo waits until the four messages are read and all webhooks have arrived.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The webhook's id. It is the same at every start, so that tables on disk have one demo webhook.
const WEBHOOK: &str = "wh_demo";

/// The demo.
pub struct Demo<'a> {
    stack: &'a Stack,
    customer: &'a Customer,
    http: Client,
    receiver: Receiver,
    received: mpsc::UnboundedReceiver<ReceivedWebhook>,
}

impl<'a> Demo<'a> {
    /// Creates a webhook with an endpoint on this machine.
    pub async fn set_up(stack: &'a Stack, customer: &'a Customer) -> Result<Self, String> {
        let failed = |problem: &dyn std::fmt::Display| format!("the demo's webhook could not be created: {problem}");
        let (receiver, received) = Receiver::start().await.map_err(|error| failed(&error))?;
        let id: WebhookId = WEBHOOK.parse().expect("the constant is an id");
        let cipher = seed::secret_cipher(stack).map_err(|error| failed(&error))?;
        let aad = Webhook::secret_aad(&customer.account_id, &id);
        let (account, secret) = (customer.account_id.clone(), cipher.encrypt(&receiver.secret, &aad));
        let webhook = Webhook {
            instance_id: Some(customer.instance_id.clone()),
            name: Some("Demo".to_owned()),
            events: MessageEvent::ALL.map(|event| event.name().to_owned()).to_vec(),
            ..Webhook::new(account, id, receiver.url.clone(), secret, clock::now())
        };
        stack.accounts().put_webhook(&webhook).await.map_err(|error| failed(&error))?;
        let http = Client::builder().no_proxy().build().map_err(|error| failed(&error))?;
        Ok(Self { stack, customer, http, receiver, received })
    }

    /// Lets the simulated phone write, sends the four examples to it, and prints the webhooks and the timeline. Returns
    /// whether all messages were read and all webhooks arrived.
    pub async fn run(&mut self) -> Result<bool, String> {
        if self.stack.simulator.is_some() {
            self.receive().await?;
        }
        println!("\nSending the four examples of the API reference:\n");
        let mut timeline = Timeline::default();
        for (name, body) in EXAMPLES {
            let line = self.send(name, body).await?;
            println!("  {:<9} {}  queued", line.example, line.message_id);
            timeline.0.push(line);
        }
        println!("\nWebhooks in order of arrival:\n");
        let until = Instant::now() + TIMEOUT;
        while !timeline.has_all_events() {
            let Ok(Some(webhook)) = timeout_at(until, self.received.recv()).await else {
                break;
            };
            timeline.record(&webhook);
            println!("  {}", timeline.describe(&webhook));
        }
        for line in &mut timeline.0 {
            line.status = self.status(&line.message_id).await;
        }
        println!("\n{timeline}");
        Ok(timeline.0.iter().all(Line::is_complete))
    }

    /// Prints further webhooks until it is dropped.
    pub async fn watch(&mut self) {
        while let Some(webhook) = self.received.recv().await {
            println!("  {}", Timeline::default().describe(&webhook));
        }
    }

    /// Removes the webhook, so that a later start with the same tables does not call a closed port.
    pub async fn tear_down(&self) {
        let id: WebhookId = WEBHOOK.parse().expect("the constant is an id");
        if let Err(error) =
            self.stack.accounts().delete_webhook(&self.customer.account_id, &id, shared::clock::now()).await
        {
            eprintln!("the demo's webhook could not be removed: {error}");
        }
        self.receiver.server.abort();
    }

    /// Has the simulated phone write, as people do before a business may answer freely, and prints the webhook.
    async fn receive(&mut self) -> Result<(), String> {
        let phone = seed::RECIPIENT;
        println!("\nThe simulated phone {phone} writes. For 24 hours from now it can be sent more than templates.\n");
        let url = format!("{}/people/{phone}/messages", self.stack.addresses.whatsapp);
        let message = json!({ "to": self.customer.number_id, "type": "text", "text": { "body": "Hello!" } });
        let posted = self.http.post(url).body(message.to_string()).send().await.and_then(Response::error_for_status);
        posted.map_err(|error| format!("the simulated phone could not write: {error}"))?;
        let until = Instant::now() + TIMEOUT;
        let webhook = timeout_at(until, self.received.recv()).await.ok().flatten();
        let webhook = webhook.ok_or("the webhook of the phone's message did not arrive")?;
        println!("  {}", Timeline::default().describe(&webhook));
        Ok(())
    }

    async fn send(&self, example: &'static str, body: &'static str) -> Result<Line, String> {
        let url = format!("{}/v1/messages/send", self.stack.addresses.api);
        let request = self.http.post(url).bearer_auth(self.customer.api_key.expose_secret());
        let request = request.header("content-type", "application/json").body(body);
        let failed = |problem: String| format!("{example} was not accepted: {problem}");
        let text = request.send().and_then(Response::text).await.map_err(|error| failed(error.to_string()))?;
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        match (answer["messageId"].as_str(), answer["timestamp"].as_str()) {
            (Some(id), Some(queued_at)) => Ok(Line::new(example, id, queued_at)),
            _ => Err(failed(text)),
        }
    }

    async fn status(&self, message_id: &str) -> Value {
        let url = format!("{}/v1/messages/{message_id}/status", self.stack.addresses.api);
        let request = self.http.get(url).bearer_auth(self.customer.api_key.expose_secret());
        let text = request.send().and_then(Response::text).await.unwrap_or_default();
        serde_json::from_str::<Value>(&text).map(|answer| answer["data"].clone()).unwrap_or_default()
    }
}
