//! Messages that WhatsApp accepted and that do not arrive, since a person blocked the number, opted out, or has not written to
//! it for a day. No phone knows of them; a developer who looks at one wants to.

use serde_json::{Value, json};

use super::super::ledger::AcceptedMessage;

/// A message that does not arrive.
#[derive(Clone, Debug)]
pub struct Missed {
    number_id: String,
    at: i64,
    kind: String,
    /// WhatsApp's code of the failure; none where the number is blocked, of which WhatsApp says nothing.
    code: Option<i64>,
}

impl Missed {
    /// A message that does not arrive because of this code of WhatsApp's; without one the number is blocked.
    pub fn new(message: &AcceptedMessage, code: Option<i64>) -> Self {
        let kind = message.message["type"].as_str().unwrap_or_default().to_owned();
        Self { number_id: message.number_id.clone(), at: message.at, kind, code }
    }

    /// As `GET /people/{person}/messages` shows it.
    pub fn to_json(&self) -> Value {
        json!({ "number": self.number_id, "at": self.at, "type": self.kind, "code": self.code })
    }
}
