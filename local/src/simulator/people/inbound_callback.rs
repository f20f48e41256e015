//! The callbacks of what people do: their messages, calls and preferences, in WhatsApp's format.

use serde_json::{Value, json};

use super::super::magic_ids::BUSINESS_ID;
use super::inbound_message::DISPLAY_PHONE_NUMBER;

/// What a callback reports of a person.
#[derive(Clone, Debug)]
pub struct InboundUpdate {
    /// The id of the number that it is about.
    pub number_id: String,
    /// The person, if the update shows one.
    pub contact: Option<Value>,
    /// What the person did.
    pub event: InboundEvent,
}

/// What a person did.
#[derive(Clone, Debug)]
pub enum InboundEvent {
    /// A message.
    Message(Value),
    /// An element of `user_preferences`.
    Preference(Value),
    /// An element of `calls`.
    Call(Value),
}

impl InboundEvent {
    /// The field of the change, and the name of the list in its value.
    const fn place(&self) -> (&'static str, &'static str) {
        match self {
            Self::Message(_) => ("messages", "messages"),
            Self::Preference(_) => ("user_preferences", "user_preferences"),
            Self::Call(_) => ("calls", "calls"),
        }
    }

    fn into_json(self) -> Value {
        match self {
            Self::Message(json) | Self::Preference(json) | Self::Call(json) => json,
        }
    }
}

/// One callback with all of these: a change for each number and field, in the order of their first update, and the updates of
/// each in order.
pub fn callback_body(updates: Vec<InboundUpdate>) -> String {
    let mut changes: Vec<(String, &str, Value)> = Vec::new();
    for InboundUpdate { number_id, contact, event } in updates {
        let (field, list) = event.place();
        let place = changes.iter().position(|(number, of, _)| *number == number_id && *of == field);
        let place = place.unwrap_or_else(|| {
            let metadata = json!({ "display_phone_number": DISPLAY_PHONE_NUMBER, "phone_number_id": number_id });
            let value = json!({ "messaging_product": "whatsapp", "metadata": metadata, list: [] });
            changes.push((number_id, field, value));
            changes.len() - 1
        });
        let value = &mut changes[place].2;
        append(value, list, event.into_json());
        if let Some(contact) = contact.filter(|contact| !has(value, contact)) {
            append(value, "contacts", contact);
        }
    }
    let change = |(_, field, value): (String, &str, Value)| json!({ "field": field, "value": value });
    let changes: Vec<Value> = changes.into_iter().map(change).collect();
    let entry = json!([{ "id": BUSINESS_ID, "changes": changes }]);
    json!({ "object": "whatsapp_business_account", "entry": entry }).to_string()
}

fn has(value: &Value, contact: &Value) -> bool {
    value["contacts"].as_array().is_some_and(|contacts| contacts.contains(contact))
}

fn append(value: &mut Value, list: &str, element: Value) {
    match &mut value[list] {
        Value::Array(elements) => elements.push(element),
        absent => *absent = json!([element]),
    }
}
