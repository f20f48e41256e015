//! The timeline of the demo's messages: when each was queued, sent, delivered and read, and which webhooks arrived.

use std::fmt;

use serde_json::Value;
use shared::clock::Timestamp;

use super::receiver::ReceivedWebhook;

/// The events that each message must cause.
const EVENTS: [&str; 3] = ["message.sent", "message.delivered", "message.read"];

/// A message of the demo.
#[derive(Debug)]
pub struct Line {
    pub example: &'static str,
    pub message_id: String,
    /// The message's final status, as the API returns it.
    pub status: Value,
    queued_at: Option<Timestamp>,
    events: Vec<String>,
}

impl Line {
    /// A message that was accepted at `queued_at`, in RFC 3339.
    pub fn new(example: &'static str, message_id: &str, queued_at: &str) -> Self {
        let (message_id, queued_at) = (message_id.to_owned(), queued_at.parse().ok());
        Self { example, message_id, status: Value::Null, queued_at, events: Vec::new() }
    }

    /// Whether it was read, according to the API, and all of its webhooks arrived.
    pub fn is_complete(&self) -> bool {
        self.has_all_events() && self.status["status"] == "read"
    }

    fn has_all_events(&self) -> bool {
        EVENTS.iter().all(|event| self.events.iter().any(|received| received == event))
    }

    /// Milliseconds from the acceptance to a time in the status.
    fn after(&self, field: &str) -> Option<i64> {
        let at: Timestamp = self.status[field].as_str()?.parse().ok()?;
        Some(at.millis() - self.queued_at?.millis())
    }
}

/// The timeline of all messages.
#[derive(Debug, Default)]
pub struct Timeline(pub Vec<Line>);

impl Timeline {
    /// Records a webhook, if its signatures are valid.
    pub fn record(&mut self, webhook: &ReceivedWebhook) {
        let line = self.0.iter_mut().find(|line| line.message_id == webhook.message_id);
        if let Some(line) = line.filter(|_| webhook.verified) {
            line.events.push(webhook.event.clone());
        }
    }

    /// Whether all webhooks of every message arrived.
    pub fn has_all_events(&self) -> bool {
        self.0.iter().all(Line::has_all_events)
    }

    /// Describes a webhook in one line.
    pub fn describe(&self, webhook: &ReceivedWebhook) -> String {
        let signature = if webhook.verified { "signature verified" } else { "INVALID SIGNATURE" };
        let line = self.0.iter().find(|line| line.message_id == webhook.message_id);
        let name = if webhook.event == "message.received" { "phone" } else { webhook.message_id.as_str() };
        let message = line.map_or(name, |line| line.example);
        let since = line.and_then(|line| Some(webhook.at.millis() - line.queued_at?.millis()));
        let after = since.map(|millis| format!("+{millis} ms")).unwrap_or_default();
        let error = webhook.error.as_ref().map(|code| format!(", because of {code}")).unwrap_or_default();
        format!("{message:<9} {:<18} {after:>9}  {signature}{error}", webhook.event)
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {:<9} {:>8} {:>10} {:>10} {:>10}", "", "queued", "sent", "delivered", "read")?;
        for line in &self.0 {
            write!(f, "  {:<9} {:>8}", line.example, "0 ms")?;
            for field in ["sentAt", "deliveredAt", "readAt"] {
                let after = line.after(field).map_or("-".to_owned(), |millis| format!("{millis} ms"));
                write!(f, " {after:>10}")?;
            }
            writeln!(f, "  {}", if line.is_complete() { "read, all webhooks received" } else { "INCOMPLETE" })?;
        }
        Ok(())
    }
}
