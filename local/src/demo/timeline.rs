//! The timeline of the demo's messages: when each was queued, sent, delivered and read, and what the webhook was told.

use std::fmt;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::receiver::Told;

/// The events that each message must bring.
const EVENTS: [&str; 3] = ["message.sent", "message.delivered", "message.read"];

/// One message.
#[derive(Debug)]
pub struct Line {
    /// The example that it is.
    pub example: &'static str,
    /// Its id.
    pub message_id: String,
    /// What the API says of it in the end.
    pub status: Value,
    queued_at: Option<OffsetDateTime>,
    told: Vec<String>,
}

impl Line {
    /// A message that was accepted at a time of the contract's form.
    pub fn new(example: &'static str, message_id: &str, queued_at: &str) -> Self {
        let (message_id, queued_at) = (message_id.to_owned(), parse(queued_at));
        Self { example, message_id, status: Value::Null, queued_at, told: Vec::new() }
    }

    fn is_told(&self) -> bool {
        EVENTS.iter().all(|event| self.told.iter().any(|told| told == event))
    }

    /// Milliseconds from its acceptance to a time that the API gives.
    fn after(&self, field: &str) -> Option<i128> {
        let at = parse(self.status[field].as_str()?)?;
        Some((at - self.queued_at?).whole_milliseconds())
    }
}

/// All messages of the demo.
#[derive(Debug, Default)]
pub struct Timeline(Vec<Line>);

impl Timeline {
    /// Adds a message.
    pub fn add(&mut self, line: Line) {
        self.0.push(line);
    }

    /// The messages.
    pub fn lines_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        self.0.iter_mut()
    }

    /// Counts a webhook whose signature was right.
    pub fn tell(&mut self, told: &Told) {
        let line = self.0.iter_mut().find(|line| line.message_id == told.message_id);
        if let Some(line) = line.filter(|_| told.verified) {
            line.told.push(told.event.clone());
        }
    }

    /// Whether every message's events have been told.
    pub fn is_told(&self) -> bool {
        self.0.iter().all(Line::is_told)
    }

    /// Whether the API says of every message that it was read.
    pub fn is_read(&self) -> bool {
        self.0.iter().all(|line| line.status["status"] == "read")
    }

    /// A webhook in a line.
    pub fn describe(&self, told: &Told) -> String {
        let signature = if told.verified { "signature verified" } else { "SIGNATURE WRONG" };
        let line = self.0.iter().find(|line| line.message_id == told.message_id);
        let whose = line.map_or(told.message_id.as_str(), |line| line.example);
        let since = line.and_then(|line| Some(told.at.millis() - millis(line.queued_at?)));
        let after = since.map(|millis| format!("+{millis} ms")).unwrap_or_default();
        format!("{whose:<9} {:<18} {after:>9}  {signature}", told.event)
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
            let whole = line.is_told() && line.status["status"] == "read";
            writeln!(f, "  {}", if whole { "read and told" } else { "NOT ALL OF IT" })?;
        }
        Ok(())
    }
}

fn parse(time: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(time, &Rfc3339).ok()
}

fn millis(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}
