//! Callbacks, read leniently: an update that cannot be read does not lose the others.

use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::phone_number::PhoneNumber;
use crate::whatsapp::graph_error::GraphError;
use crate::whatsapp::lone_surrogates;

/// The precision of WhatsApp's times, and a margin.
const NEAR: Duration = Duration::from_secs(2);

/// A status of a message, and the number that it was sent from.
#[derive(Debug)]
pub struct StatusUpdate {
    /// WhatsApp's id of the number.
    pub number_id: String,
    /// The status.
    pub status: MessageStatus,
}

/// One of a callback's `statuses`.
#[derive(Debug, Deserialize)]
pub struct MessageStatus {
    /// WhatsApp's id of the message.
    pub id: String,
    /// `sent`, `delivered`, `read`, `failed`, or a status that is not known yet.
    pub status: String,
    /// Seconds since the epoch, as text.
    pub timestamp: Option<String>,
    /// The tag that was sent with the message.
    pub biz_opaque_callback_data: Option<String>,
    /// Why it failed.
    #[serde(default)]
    pub errors: Vec<GraphError>,
}

impl MessageStatus {
    /// When it happened, according to WhatsApp.
    pub fn time(&self) -> Option<Timestamp> {
        self.timestamp.as_deref()?.parse().ok().map(Timestamp::from_secs)
    }
}

/// One of a callback's `messages`.
#[derive(Debug)]
pub struct ReceivedMessage {
    /// WhatsApp's id of the number that received it.
    pub number_id: String,
    /// WhatsApp's id of the message.
    pub provider_id: String,
    /// Its sender.
    pub from: PhoneNumber,
    /// The sender's profile name, if WhatsApp gives it.
    pub contact_name: Option<String>,
    /// WhatsApp's type of it.
    pub kind: String,
    /// WhatsApp's id of the message that it replies to.
    pub quoted: Option<String>,
    /// The whole object.
    pub json: Value,
}

impl ReceivedMessage {
    fn read(number_id: &str, message: &Value, contacts: &[Value]) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let from = message["from"].as_str()?;
        let contact = contacts.iter().find(|contact| contact["wa_id"] == from);
        Some(Self {
            number_id: number_id.to_owned(),
            provider_id: text(&message["id"])?,
            from: from.parse().ok()?,
            contact_name: contact.and_then(|contact| text(&contact["profile"]["name"])),
            kind: text(&message["type"])?,
            quoted: text(&message["context"]["id"]),
            json: message.clone(),
        })
    }

    /// When it was received, according to WhatsApp.
    pub fn time(&self) -> Option<Timestamp> {
        self.json["timestamp"].as_str()?.parse().ok().map(Timestamp::from_secs)
    }
}

/// The updates of a callback.
#[derive(Debug, Default)]
pub struct Callback {
    /// The statuses, in the callback's order.
    pub statuses: Vec<StatusUpdate>,
    /// The received messages.
    pub received: Vec<ReceivedMessage>,
    /// How many updates could not be read.
    pub unreadable: usize,
}

impl Callback {
    /// Reads `entry[].changes[].value` with its `statuses[]` and `messages[]`, each on its own.
    pub fn read(body: &[u8]) -> Self {
        let mut callback = Self::default();
        let text = String::from_utf8_lossy(body);
        let Ok(whole) = serde_json::from_str::<&RawValue>(&text) else {
            callback.unreadable = 1;
            return callback;
        };
        for change in list(whole, "entry").into_iter().flat_map(|entry| list(entry, "changes")) {
            if let Some(value) = field(change, "value") {
                callback.read_value(value);
            }
        }
        callback
    }

    /// The numbers that the updates are about.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        let of_statuses = self.statuses.iter().map(|update| update.number_id.as_str());
        of_statuses.chain(self.received.iter().map(|message| message.number_id.as_str()))
    }

    /// Drops the updates of other numbers.
    pub fn keep_only(&mut self, number_id: &str) {
        self.statuses.retain(|update| update.number_id == number_id);
        self.received.retain(|message| message.number_id == number_id);
    }

    fn read_value(&mut self, value: &RawValue) {
        let metadata = field(value, "metadata").and_then(read).unwrap_or_default();
        let number_id = metadata["phone_number_id"].as_str().unwrap_or_default();
        let contacts: Vec<Value> = list(value, "contacts").into_iter().filter_map(read).collect();
        for message in list(value, "messages") {
            match read(message).and_then(|message| ReceivedMessage::read(number_id, &message, &contacts)) {
                Some(message) => self.received.push(message),
                None => self.unreadable += 1,
            }
        }
        for status in list(value, "statuses") {
            match read(status).and_then(|status| MessageStatus::deserialize(status).ok()) {
                Some(status) => self.statuses.push(StatusUpdate { number_id: number_id.to_owned(), status }),
                None => self.unreadable += 1,
            }
        }
    }
}

/// When an update happened, by WhatsApp's time or ours: WhatsApp's times are whole seconds, so one that is this near to now
/// is taken as now, and no message is shown as delivered before it was sent (docs/adr/0008).
pub fn event_time(reported: Option<Timestamp>, now: Timestamp) -> Timestamp {
    match reported {
        Some(time) if time.plus(NEAR) < now => time,
        _ => now,
    }
}

/// A field of an object. The fields' values are not parsed, so that an invalid one does not affect the others.
fn field<'a>(object: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    serde_json::from_str::<HashMap<String, &RawValue>>(object.get()).ok()?.remove(name)
}

/// The elements of a field that is an array.
fn list<'a>(object: &'a RawValue, name: &str) -> Vec<&'a RawValue> {
    field(object, name).and_then(|list| serde_json::from_str(list.get()).ok()).unwrap_or_default()
}

/// Parses one update, even if a string in it has a lone surrogate.
fn read(json: &RawValue) -> Option<Value> {
    let whole = serde_json::from_str(json.get());
    whole.or_else(|_| serde_json::from_str(&lone_surrogates::replace(json.get()))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_callback_is_read() {
        let callback = Callback::read(include_bytes!("fixtures/statuses.json"));
        assert_eq!((callback.statuses.len(), callback.received.len(), callback.unreadable), (2, 0, 0));
        let [delivered, failed] = &callback.statuses[..] else { panic!("two") };
        assert_eq!((delivered.number_id.as_str(), delivered.status.status.as_str()), ("1065", "delivered"));
        assert_eq!(delivered.status.time(), Some(Timestamp::from_secs(1_760_000_002)));
        assert_eq!(failed.status.errors[0].code, 131_047);
    }

    #[test]
    fn an_unreadable_update_does_not_lose_the_others() {
        let callback = Callback::read(include_bytes!("fixtures/odd.json"));
        assert_eq!((callback.statuses.len(), callback.received.len(), callback.unreadable), (2, 1, 2));
    }

    #[test]
    fn a_number_out_of_range_loses_only_its_own_update() {
        let whole = include_str!("fixtures/statuses.json");
        let odd = whole.replacen(r#""id":"wamid.A""#, r#""cost":1e400,"id":"wamid.A""#, 1);
        assert_ne!(odd, whole);
        let callback = Callback::read(odd.as_bytes());
        assert_eq!((callback.statuses.len(), callback.unreadable), (1, 1));
    }

    #[test]
    fn a_name_with_a_lone_surrogate_loses_nothing() {
        let cut = include_str!("fixtures/statuses.json").replacen(r#""object""#, r#""name":"Ana \ud83d","object""#, 1);
        let callback = Callback::read(cut.as_bytes());
        assert_eq!((callback.statuses.len(), callback.unreadable), (2, 0), "{cut}");
    }

    #[test]
    fn a_body_that_is_no_callback_has_no_updates() {
        for body in ["", "[]", "{}", "null", r#"{"entry":5}"#, r#"{"entry":[{"changes":[{"value":{"statuses":{}}}]}]}"#]
        {
            assert!(Callback::read(body.as_bytes()).statuses.is_empty(), "{body}");
        }
    }
}
