//! The event that a contact has another alias.

use serde::Serialize;

use super::item::Contact;
use super::sighting::Owner;
use crate::alias::Alias;
use crate::clock::Timestamp;
use crate::event::Event;
use crate::message::CHAT_ID_PREFIX;

/// The data of `contact.updated`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UpdatedData<'a> {
    instance_id: &'a str,
    chat_id: String,
    /// All phone numbers and user ids of the person.
    aliases: &'a [Alias],
    timestamp: String,
}

/// The event of a write that has added aliases to a contact. It is about that write, which has the contact's version.
pub(super) fn updated(owner: Owner<'_>, contact: &Contact, at: Timestamp) -> Event {
    let data = UpdatedData {
        instance_id: owner.1.as_str(),
        chat_id: format!("{CHAT_ID_PREFIX}{}", contact.chat),
        aliases: &contact.aliases,
        timestamp: at.to_string(),
    };
    let version = contact.stored.as_ref().map_or("", |stored| &stored.version);
    Event::new(owner, "contact.updated", &format!("contact.{version}"), at, data)
}
