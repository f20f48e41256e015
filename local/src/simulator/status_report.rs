//! What a callback reports, in WhatsApp's words (whatsapp-cloud-api, Callbacks).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::graph_error::GraphError;
use super::{BUSINESS, Taken};

/// A status of a message.
#[derive(Clone, Debug)]
pub struct StatusReport {
    number_id: String,
    status: Value,
}

impl StatusReport {
    /// A status of a message at a time, in milliseconds since the epoch.
    pub fn of(taken: &Taken, status: &str, at: i64) -> Self {
        let mut report = Self::bare(taken, status, at);
        report.status["pricing"] = json!({ "billable": true, "pricing_model": "PMP", "category": "service" });
        report
    }

    /// That a message failed, with a code.
    pub fn failed(taken: &Taken, code: i64, at: i64) -> Self {
        let mut report = Self::bare(taken, "failed", at);
        report.status["errors"] = json!([GraphError::new(code, "failed on request").in_callback()]);
        report
    }

    fn bare(taken: &Taken, status: &str, at: i64) -> Self {
        let status = json!({
            "id": taken.wamid,
            "status": status,
            "timestamp": (at / 1000).to_string(),
            "recipient_id": taken.recipient(),
            "biz_opaque_callback_data": taken.message["biz_opaque_callback_data"],
        });
        Self { number_id: taken.number_id.clone(), status }
    }

    /// WhatsApp's id of the message.
    pub(super) fn wamid(&self) -> &str {
        self.status["id"].as_str().unwrap_or_default()
    }
}

/// The body of a callback: the statuses of each number stand together, in their order.
pub(super) fn envelope<'a>(reports: impl IntoIterator<Item = &'a StatusReport>) -> Value {
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
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": BUSINESS, "changes": changes }] })
}
