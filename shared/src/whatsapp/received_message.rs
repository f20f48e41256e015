//! The messages of a callback.

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::phone_number::PhoneNumber;
use crate::text::truncated;
use crate::whatsapp::lone_surrogates;
use crate::whatsapp::message_status::time;
use crate::whatsapp::provider_ids::{is_message_id, is_type_name};
use crate::whatsapp::raw_json::{field, for_each, text};
use crate::whatsapp::text_limits::MAX_PROFILE_NAME;

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
    /// When it was received, according to WhatsApp.
    pub time: Option<Timestamp>,
    /// The object under the name of its type, if it has one.
    pub object: Option<Box<RawValue>>,
}

/// The most bytes of an object that count: no more of it is kept.
const MAX_COUNTED: usize = 256 * 1024;

/// The senders' profile names, by their numbers.
pub(super) type ProfileNames = HashMap<String, String>;

impl ReceivedMessage {
    pub(super) fn read(number_id: &str, message: &RawValue, names: &ProfileNames) -> Option<Self> {
        let from = text(message, "from")?;
        let kind = text(message, "type").filter(|kind| is_type_name(kind))?;
        let object = field(message, &kind).map(|object| lone_surrogates::replace(object.get()));
        let quoted = field(message, "context").and_then(|context| text(context, "id"));
        Some(Self {
            number_id: number_id.to_owned(),
            provider_id: text(message, "id").filter(|id| is_message_id(id))?,
            contact_name: names.get(&from).cloned(),
            from: from.parse().ok()?,
            quoted: quoted.filter(|id| is_message_id(id)),
            time: time(message),
            object: object.and_then(|object| RawValue::from_string(object).ok()),
            kind,
        })
    }

    /// Kilobytes of it that are stored, as the quota counts them: one for the record, and those of its object.
    pub fn kilobytes(&self) -> i64 {
        let object = self.object.as_ref().map_or(0, |object| object.get().len());
        1 + i64::try_from(object.min(MAX_COUNTED) / 1024).unwrap_or_default()
    }
}

/// The profile names in a callback's `contacts`.
pub(super) fn profile_names(contacts: &RawValue) -> ProfileNames {
    let mut names = HashMap::new();
    for_each(contacts, &mut |contact| {
        let name = field(contact, "profile").and_then(|profile| text(profile, "name"));
        if let (Some(number), Some(name)) = (text(contact, "wa_id"), name) {
            names.entry(number).or_insert_with(|| truncated(name, MAX_PROFILE_NAME));
        }
    });
    names
}
