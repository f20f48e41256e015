//! The event that a contact has another alias.

use serde::Serialize;
use utoipa::ToSchema;

use super::item::Contact;
use super::observed_contact::ContactScope;
use crate::alias::Alias;
use crate::clock::Timestamp;
use crate::event::Event;
use crate::http::EventDescription;
use crate::message::CHAT_ID_PREFIX;

/// The data of `contact.updated`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ContactUpdateData)]
struct UpdatedData<'a> {
    /// The instance.
    instance_id: &'a str,
    /// The conversation, which stays the same.
    chat_id: String,
    /// All phone numbers and user ids of the person.
    #[schema(value_type = Vec<String>)]
    aliases: &'a [Alias],
    /// When WhatsApp said so.
    #[schema(format = DateTime)]
    timestamp: String,
}

/// The event of a write that has added aliases to a contact. It is about that write, which has the contact's version.
pub(super) fn updated(scope: ContactScope<'_>, contact: &Contact, at: Timestamp) -> Event {
    let data = UpdatedData {
        instance_id: scope.1.as_str(),
        chat_id: format!("{CHAT_ID_PREFIX}{}", contact.chat),
        aliases: &contact.aliases,
        timestamp: at.to_string(),
    };
    let version = contact.stored.as_ref().map_or("", |stored| &stored.version);
    Event::new(scope, "contact.updated", &format!("contact.{version}"), at, data)
}

/// The description of the event.
pub fn description() -> EventDescription {
    let summary = "A person has another phone number or user id";
    EventDescription::new::<UpdatedData<'_>>("contact.updated", summary)
}
