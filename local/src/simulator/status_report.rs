//! Status callbacks in WhatsApp's format (whatsapp-cloud-api, Callbacks).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::graph_error::GraphError;
use super::ledger::AcceptedMessage;
use super::magic_ids::BUSINESS_ID;

/// A status of a message, as a callback carries it.
#[derive(Clone, Debug)]
pub struct StatusReport {
    number_id: String,
    status: Value,
}

impl StatusReport {
    /// A status that happened at `at`, in milliseconds since the epoch.
    pub fn new(message: &AcceptedMessage, status: &str, at: i64) -> Self {
        let mut report = Self::without_details(message, status, at);
        report.status["pricing"] =
            json!({ "billable": true, "pricing_model": "PMP", "type": "regular", "category": "service" });
        if message.has_conversation {
            let id = message.wamid.trim_start_matches("wamid.");
            report.status["conversation"] = json!({ "id": id, "origin": { "type": "service" } });
        }
        report
    }

    /// A `failed` status with an error code.
    pub fn failed(message: &AcceptedMessage, code: i64, at: i64) -> Self {
        let mut report = Self::without_details(message, "failed", at);
        report.status["errors"] = json!([GraphError::new(code, "failed on request").to_callback_json()]);
        report
    }

    fn without_details(message: &AcceptedMessage, status: &str, at: i64) -> Self {
        let status = json!({
            "id": message.wamid,
            "status": status,
            "timestamp": (at / 1000).to_string(),
            "recipient_id": message.recipient(),
            "biz_opaque_callback_data": message.message["biz_opaque_callback_data"],
        });
        Self { number_id: message.number_id.clone(), status }
    }

    /// The message's id at WhatsApp.
    pub(super) fn wamid(&self) -> &str {
        self.status["id"].as_str().unwrap_or_default()
    }
}

/// The body of a callback, with the statuses of each number together and in order.
pub(super) fn callback_body<'a>(reports: impl IntoIterator<Item = &'a StatusReport>) -> Value {
    let mut numbers: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for report in reports {
        numbers.entry(&report.number_id).or_default().push(&report.status);
    }
    let changes = numbers.into_iter().map(|(number, statuses)| {
        json!({
            "field": "messages",
            "value": {
                "messaging_product": "whatsapp",
                "metadata": { "display_phone_number": "551140000000", "phone_number_id": number },
                "statuses": statuses,
            },
        })
    });
    let changes: Vec<Value> = changes.collect();
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": BUSINESS_ID, "changes": changes }] })
}
