//! Status callbacks in WhatsApp's format (whatsapp-cloud-api, Callbacks).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::graph_error::GraphError;
use super::ledger::AcceptedMessage;
use super::magic_ids::BUSINESS_ID;
use super::person::Person;

/// A status of a message, as a callback carries it.
#[derive(Clone, Debug)]
pub struct StatusReport {
    number_id: String,
    status: Value,
    /// The recipient, unless the message failed.
    contact: Option<Person>,
}

impl StatusReport {
    /// A status that happened at `at`, in milliseconds since the epoch.
    pub fn new(message: &AcceptedMessage, status: &str, at: i64) -> Self {
        let mut report = Self::without_details(message, status, at);
        let person = Person::from_recipient(&message.recipient());
        report.status["recipient_user_id"] = json!(person.user_id);
        report.contact = Some(person);
        if message.has_conversation {
            let id = message.wamid.trim_start_matches("wamid.");
            report.status["conversation"] = json!({ "id": id, "origin": { "type": "service" } });
        }
        report
    }

    /// A `failed` status with an error. It names the user id only if the message was sent to it.
    pub fn failed(message: &AcceptedMessage, error: &GraphError, at: i64) -> Self {
        let mut report = Self::without_details(message, "failed", at);
        report.status["errors"] = json!([error.to_callback_json()]);
        report
    }

    /// The same with what a message of this category costs.
    pub fn with_price(mut self, category: &str) -> Self {
        let price = json!({ "billable": true, "pricing_model": "PMP", "type": "regular", "category": category });
        self.status["pricing"] = price;
        self
    }

    fn without_details(message: &AcceptedMessage, status: &str, at: i64) -> Self {
        let mut status = json!({
            "id": message.wamid,
            "status": status,
            "timestamp": (at / 1000).to_string(),
            "biz_opaque_callback_data": message.message["biz_opaque_callback_data"],
        });
        let Person { wa_id, user_id } = Person::from_recipient(&message.recipient());
        match wa_id {
            Some(wa_id) => status["recipient_id"] = json!(wa_id),
            None => status["recipient_user_id"] = json!(user_id),
        }
        Self { number_id: message.number_id.clone(), status, contact: None }
    }

    /// The message's id at WhatsApp.
    pub(super) fn wamid(&self) -> &str {
        self.status["id"].as_str().unwrap_or_default()
    }
}

/// The updates of one number in a callback.
#[derive(Default)]
struct NumberUpdates<'a> {
    statuses: Vec<&'a Value>,
    /// Their recipients by user id, each once.
    contacts: BTreeMap<&'a str, Value>,
}

/// The body of a callback, with the statuses of each number together and in order.
pub(super) fn callback_body<'a>(reports: impl IntoIterator<Item = &'a StatusReport>) -> Value {
    let mut numbers: BTreeMap<&str, NumberUpdates<'_>> = BTreeMap::new();
    for report in reports {
        let updates = numbers.entry(&report.number_id).or_default();
        updates.statuses.push(&report.status);
        updates.contacts.extend(report.contact.iter().map(|person| (person.user_id.as_str(), person.in_callback())));
    }
    let changes = numbers.into_iter().map(|(number, NumberUpdates { statuses, contacts })| {
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "551140000000", "phone_number_id": number },
            "statuses": statuses,
        });
        if !contacts.is_empty() {
            value["contacts"] = contacts.into_values().collect();
        }
        json!({ "field": "messages", "value": value })
    });
    let changes: Vec<Value> = changes.collect();
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": BUSINESS_ID, "changes": changes }] })
}
