//! Callbacks, read leniently: an update that cannot be read does not lose the others.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::phone_number::PhoneNumber;
use crate::text::truncated;
use crate::whatsapp::callback_values::{for_each_value, number_id};
use crate::whatsapp::graph_error::GraphError;
use crate::whatsapp::lone_surrogates;
use crate::whatsapp::provider_ids::{is_message_id, is_type_name};
use crate::whatsapp::raw_json::{field, for_each, parse};
use crate::whatsapp::text_limits::MAX_PROFILE_NAME;

/// The precision of WhatsApp's times, and a margin.
const NEAR: Duration = Duration::from_secs(2);
/// The beginning of 2009, the year of WhatsApp's foundation: nothing happened before.
const EARLIEST: Timestamp = Timestamp::from_secs(1_230_768_000);

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
    /// Seconds since the epoch, as text.
    pub timestamp: Option<String>,
    /// The object under the name of its type, if it has one.
    pub object: Option<Box<RawValue>>,
}

impl ReceivedMessage {
    fn read(number_id: &str, message: &RawValue, names: &HashMap<String, String>) -> Option<Self> {
        let text = |name: &str| field(message, name).and_then(parse::<String>);
        let from = text("from")?;
        let kind = text("type").filter(|kind| is_type_name(kind))?;
        let object = field(message, &kind).map(|object| lone_surrogates::replace(object.get()));
        let quoted = field(message, "context").and_then(|context| field(context, "id")).and_then(parse::<String>);
        Some(Self {
            number_id: number_id.to_owned(),
            provider_id: text("id").filter(|id| is_message_id(id))?,
            contact_name: names.get(&from).cloned(),
            from: from.parse().ok()?,
            quoted: quoted.filter(|id| is_message_id(id)),
            timestamp: text("timestamp"),
            object: object.and_then(|object| RawValue::from_string(object).ok()),
            kind,
        })
    }

    /// When it was received, according to WhatsApp.
    pub fn time(&self) -> Option<Timestamp> {
        self.timestamp.as_deref()?.parse().ok().map(Timestamp::from_secs)
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
        match serde_json::from_str(&text) {
            Ok(whole) => for_each_value(whole, &mut |value| callback.read_value(value)),
            Err(_) => callback.unreadable = 1,
        }
        callback
    }

    /// The numbers that the updates are about.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        let of_statuses = self.statuses.iter().map(|update| update.number_id.as_str());
        of_statuses.chain(self.received.iter().map(|message| message.number_id.as_str()))
    }

    /// Drops the updates of other numbers than these.
    pub fn keep_only<T>(&mut self, numbers: &BTreeMap<String, T>) {
        self.statuses.retain(|update| numbers.contains_key(&update.number_id));
        self.received.retain(|message| numbers.contains_key(&message.number_id));
    }

    fn read_value(&mut self, value: &RawValue) {
        let number_id = number_id(value).unwrap_or_default();
        let names = field(value, "contacts").map(profile_names).unwrap_or_default();
        if let Some(messages) = field(value, "messages") {
            for_each(messages, &mut |message| match ReceivedMessage::read(&number_id, message, &names) {
                Some(message) => self.received.push(message),
                None => self.unreadable += 1,
            });
        }
        if let Some(statuses) = field(value, "statuses") {
            for_each(statuses, &mut |status| match parse(status).filter(|it: &MessageStatus| is_message_id(&it.id)) {
                Some(status) => self.statuses.push(StatusUpdate { number_id: number_id.clone(), status }),
                None => self.unreadable += 1,
            });
        }
    }
}

/// The senders' profile names, by their numbers.
fn profile_names(contacts: &RawValue) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for_each(contacts, &mut |contact| {
        let number = field(contact, "wa_id").and_then(parse::<String>);
        let name = field(contact, "profile").and_then(|profile| field(profile, "name")).and_then(parse::<String>);
        if let (Some(number), Some(name)) = (number, name) {
            names.entry(number).or_insert_with(|| truncated(name, MAX_PROFILE_NAME));
        }
    });
    names
}

/// When an update happened, by WhatsApp's time or ours: WhatsApp's times are whole seconds, so one that is this near to now
/// is taken as now, and no message is shown as delivered before it was sent (docs/adr/0008). So is one that cannot be.
pub fn event_time(reported: Option<Timestamp>, now: Timestamp) -> Timestamp {
    match reported {
        Some(time) if EARLIEST <= time && time.plus(NEAR) < now => time,
        _ => now,
    }
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
        for (field, statuses) in [(r#""cost":1e400"#, 2), (r#""errors":[{"code":1e400}]"#, 1)] {
            let odd = whole.replacen(r#""id":"wamid.A""#, &format!(r#"{field},"id":"wamid.A""#), 1);
            assert_ne!(odd, whole);
            let callback = Callback::read(odd.as_bytes());
            assert_eq!((callback.statuses.len(), callback.unreadable), (statuses, 2 - statuses));
        }
    }

    #[test]
    fn a_time_that_cannot_be_is_taken_as_now() {
        let now = Timestamp::from_secs(1_760_000_000);
        for seconds in [i64::MIN, -1, 0, 1_230_767_999, 1_759_999_998, 1_760_000_001, i64::MAX] {
            assert_eq!(event_time(Some(Timestamp::from_secs(seconds)), now), now, "{seconds}");
        }
        let earlier = Timestamp::from_secs(1_759_999_997);
        assert_eq!(event_time(Some(earlier), now), earlier);
        assert_eq!(event_time(None, now), now);
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
