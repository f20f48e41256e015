//! A callback's `contacts`: what WhatsApp says of the people in it.

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::alias::Alias;
use crate::phone_number::PhoneNumber;
use crate::text::truncated;
use crate::user_id::UserId;
use crate::whatsapp::raw_json::{field, for_each, text};
use crate::whatsapp::text_limits::{MAX_PROFILE_NAME, MAX_USERNAME};

/// What a callback's `contacts` say of a person.
#[derive(Clone, Default)]
pub(super) struct Person {
    pub name: Option<String>,
    pub username: Option<String>,
    pub wa_id: Option<PhoneNumber>,
    pub user_id: Option<UserId>,
    pub parent_user_id: Option<UserId>,
}

impl Person {
    /// All that the person is known by.
    pub fn aliases(&self) -> impl Iterator<Item = Alias> {
        let users = self.user_id.iter().chain(&self.parent_user_id).cloned().map(Alias::User);
        self.wa_id.iter().cloned().map(Alias::Phone).chain(users)
    }
}

/// The people by each of their aliases.
pub(super) type People = HashMap<String, Person>;

/// The people in a callback's `contacts`.
pub(super) fn people(contacts: &RawValue) -> People {
    let mut people = HashMap::new();
    for_each(contacts, &mut |contact| {
        let profile = |name: &str| field(contact, "profile").and_then(|profile| text(profile, name));
        let user = |name: &str| text(contact, name).and_then(|id| id.parse().ok());
        let username = profile("username").map(|name| name.trim_start_matches('@').to_owned());
        let person = Person {
            name: profile("name").map(|name| truncated(name, MAX_PROFILE_NAME)),
            username: username.filter(|name| !name.is_empty()).map(|name| truncated(name, MAX_USERNAME)),
            wa_id: text(contact, "wa_id").and_then(|wa_id| wa_id.parse().ok()),
            user_id: user("user_id"),
            parent_user_id: user("parent_user_id"),
        };
        let aliases = ["wa_id", "user_id"].into_iter().filter_map(|name| text(contact, name));
        for alias in aliases.filter(|alias| !alias.is_empty()) {
            people.entry(alias).or_insert_with(|| person.clone());
        }
    });
    people
}

/// The fields of an object that are aliases of one person; what is none is left out.
pub(super) fn aliases_in(object: &RawValue, fields: &[&str]) -> impl Iterator<Item = Alias> {
    fields.iter().filter_map(|name| text(object, name)?.parse().ok())
}
