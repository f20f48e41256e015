//! The demo: the page's four examples, sent as a customer would send them, and what the customer sees of each.

mod examples;
mod receiver;
mod timeline;

use std::time::Duration;

use reqwest::Client;
use secrecy::ExposeSecret;
use serde_json::Value;
use shared::clock;
use shared::ids::WebhookId;
use shared::state::Transition;
use shared::webhook::Webhook;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::seed::{self, Customer};
use crate::stack::Stack;
use examples::EXAMPLES;
use receiver::{Receiver, Told};
use timeline::{Line, Timeline};

/// How long the four messages may take to be read and told.
const PATIENCE: Duration = Duration::from_secs(30);
/// The demo's webhook, the same at every start so that kept tables have one.
const WEBHOOK: &str = "wh_demo";

/// The demo's customer at work.
pub struct Demo<'a> {
    stack: &'a Stack,
    customer: &'a Customer,
    http: Client,
    receiver: Receiver,
    told: mpsc::UnboundedReceiver<Told>,
}

/// Why the demo could not be run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The API did not take an example.
    #[error("{example} was not accepted: {problem}")]
    NotAccepted {
        /// Which.
        example: &'static str,
        /// The API's answer, or why there was none.
        problem: String,
    },
    /// The demo's webhook could not be set up.
    #[error("the demo's webhook could not be set up: {0}")]
    Webhook(String),
}

impl<'a> Demo<'a> {
    /// Sets up a webhook that listens on this machine.
    pub async fn set_up(stack: &'a Stack, customer: &'a Customer) -> Result<Self, DemoError> {
        let failed = |problem: &dyn std::fmt::Display| DemoError::Webhook(problem.to_string());
        let (receiver, told) = Receiver::start().await.map_err(|error| failed(&error))?;
        let id: WebhookId = WEBHOOK.parse().expect("an id of the demo's own");
        let sealer = seed::sealer(stack).map_err(|error| failed(&error))?;
        let place = Webhook::secret_place(&customer.account_id, &id);
        let (account, secret) = (customer.account_id.clone(), sealer.seal(receiver.secret(), &place));
        let webhook = Webhook {
            instance_id: Some(customer.instance_id.clone()),
            name: Some("Demo".to_owned()),
            events: Transition::ALL.map(|transition| transition.event().to_owned()).to_vec(),
            ..Webhook::new(account, id, receiver.url().to_owned(), secret, clock::now())
        };
        stack.accounts().put_webhook(&webhook).await.map_err(|error| failed(&error))?;
        let http = Client::builder().no_proxy().build().map_err(|error| failed(&error))?;
        Ok(Self { stack, customer, http, receiver, told })
    }

    /// Sends the four examples and shows what comes of them; true when all were read and told.
    pub async fn run(&mut self) -> Result<bool, DemoError> {
        println!("\nSending the four examples of the page:\n");
        let mut timeline = Timeline::default();
        for example in EXAMPLES {
            let line = self.send(example.name, example.body).await?;
            println!("  {:<9} {}  queued", line.example, line.message_id);
            timeline.add(line);
        }
        println!("\nWebhooks as they arrive:\n");
        let until = Instant::now() + PATIENCE;
        while !timeline.is_told() {
            let Ok(Some(told)) = timeout_at(until, self.told.recv()).await else {
                break;
            };
            timeline.tell(&told);
            println!("  {}", timeline.describe(&told));
        }
        for line in timeline.lines_mut() {
            line.status = self.status(&line.message_id).await;
        }
        println!("\n{timeline}");
        Ok(timeline.is_told() && timeline.is_read())
    }

    /// Shows every further webhook until it is dropped.
    pub async fn watch(&mut self) {
        while let Some(told) = self.told.recv().await {
            println!("  {}", Timeline::default().describe(&told));
        }
    }

    /// Removes the demo's webhook, so that kept tables don't call a port that nobody listens on.
    pub async fn tear_down(&self) {
        let id: WebhookId = WEBHOOK.parse().expect("an id of the demo's own");
        if let Err(error) = self.stack.accounts().delete_webhook(&self.customer.account_id, &id).await {
            eprintln!("the demo's webhook could not be removed: {error}");
        }
        self.receiver.stop();
    }

    async fn send(&self, example: &'static str, body: &'static str) -> Result<Line, DemoError> {
        let url = format!("{}/v1/messages/send", self.stack.addresses.api);
        let request = self.http.post(url).bearer_auth(self.customer.api_key.expose_secret());
        let request = request.header("content-type", "application/json").body(body);
        let failed = |problem: String| DemoError::NotAccepted { example, problem };
        let response = request.send().await.map_err(|error| failed(error.to_string()))?;
        let text = response.text().await.map_err(|error| failed(error.to_string()))?;
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        match (answer["messageId"].as_str(), answer["timestamp"].as_str()) {
            (Some(id), Some(queued_at)) => Ok(Line::new(example, id, queued_at)),
            _ => Err(failed(text)),
        }
    }

    async fn status(&self, message_id: &str) -> Value {
        let url = format!("{}/v1/messages/{message_id}/status", self.stack.addresses.api);
        let request = self.http.get(url).bearer_auth(self.customer.api_key.expose_secret());
        let Ok(response) = request.send().await else {
            return Value::Null;
        };
        let text = response.text().await.unwrap_or_default();
        serde_json::from_str::<Value>(&text).map(|answer| answer["data"].clone()).unwrap_or_default()
    }
}
