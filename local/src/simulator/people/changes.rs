//! What people change: their profiles, numbers and user ids, whom they block, and what they want to receive; and what Meta
//! changes of templates.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::phone_number::PhoneNumber;
use shared::user_id::UserId;

use super::super::message_id;
use super::super::message_templates::TemplateChange;
use super::super::person::Person;
use super::super::state::Simulator;
use super::control_error::{ControlError, require};
use super::inbound_callback::{InboundEvent, InboundUpdate, callback_body};
use super::inbox::Reads;
use super::profile::{Profile, set};

/// What `PUT /people/{person}` sets; what is absent stays.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProfileChange {
    name: Option<String>,
    /// Empty to have none.
    username: Option<String>,
    hides_phone: Option<bool>,
    parent_user_id: Option<UserId>,
    is_online: Option<bool>,
    reads: Option<Reads>,
}

/// Another number, or another user id alone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NumberChange {
    phone: Option<PhoneNumber>,
    user_id: Option<UserId>,
}

/// Whether a person wants a number's marketing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreferenceChange {
    to: Value,
    marketing: Preference,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Preference {
    Stop,
    Resume,
}

impl Simulator {
    /// Changes how a person is shown, and how the person uses the phone.
    pub(super) fn change_profile(&self, person: &str, change: ProfileChange) -> Result<Value, ControlError> {
        let ProfileChange { name, username, hides_phone, parent_user_id, is_online, reads } = change;
        let is_name = |name: &String| (1..=100).contains(&name.chars().count());
        require(name.as_ref().is_none_or(is_name), "name", "must have 1 to 100 characters")?;
        let is_username = username.as_deref().is_none_or(|username| username.is_empty() || is_username(username));
        require(is_username, "username", "must have 3 to 35 of a-z, 0-9, `.` and `_`, or be empty")?;
        let (answer, released) = self.people.change(person, |profile| {
            if let Some(name) = name {
                profile.name = name;
            }
            if let Some(username) = username {
                profile.username = Some(username).filter(|username| !username.is_empty());
            }
            if let Some(hides_phone) = hides_phone {
                profile.hides_phone = hides_phone;
            }
            if let Some(parent) = parent_user_id {
                profile.parent_user_id = Some(parent.to_string());
            }
            let phone = &mut profile.phone_use;
            phone.is_online = is_online.unwrap_or(phone.is_online);
            phone.reads = reads.unwrap_or(phone.reads);
            Ok((profile.to_json(), profile.inbox.release(profile.phone_use)))
        })?;
        self.resume(released);
        Ok(answer)
    }

    /// Gives a person another number or user id, and tells every number that the person writes with or was written to by.
    /// Another number comes with another user id; only the latter is told where the number is hidden.
    pub(super) async fn change_number(&self, person: &str, change: NumberChange) -> Result<Value, ControlError> {
        let NumberChange { phone, user_id } = change;
        require(phone.is_some() != user_id.is_some(), "phone", "or `userId` is required, and not both")?;
        let before = self.people.with(person, |profile| Ok(profile.clone()))?;
        let renumbered = |profile: &Profile| match (&phone, &user_id) {
            (Some(phone), _) => Ok(Person::from_recipient(phone.digits())),
            (None, Some(user_id)) => Ok(Person { wa_id: profile.wa_id.clone(), user_id: user_id.to_string() }),
            (None, None) => Err(ControlError::invalid("phone", "is required")),
        };
        let after = self.people.renumber(person, renumbered, Profile::clone)?;
        let message = |number_id: String| InboundUpdate {
            number_id,
            contact: None, // system messages have none (whatsapp-cloud-api-2026, section 0)
            event: InboundEvent::Message(system_message(&before, &after, self.clock.now() / 1_000)),
        };
        let updates: Vec<InboundUpdate> = self.numbers_of(&before).into_iter().map(message).collect();
        let callback = match updates.is_empty() {
            true => None,
            false => self.callbacks.send_whole(callback_body(updates), &self.clock).await,
        };
        let mut answer = after.to_json();
        answer["callback"] = json!(callback);
        Ok(answer)
    }

    /// Blocks a number, or no longer does. It learns of neither.
    pub(super) fn change_block(&self, person: &str, number_id: &str, blocks: bool) -> Result<Value, ControlError> {
        require(shared::provider_ids::is_graph_id(number_id), "number", "must be the `phoneNumberId` of the number")?;
        self.people.change(person, |profile| {
            if blocks {
                profile.blocked.insert(number_id.to_owned());
            } else {
                profile.blocked.remove(number_id);
            }
            Ok(profile.to_json())
        })
    }

    /// Opts out of a number's marketing, or in again.
    pub(super) async fn change_preference(
        &self,
        person: &str,
        change: PreferenceChange,
    ) -> Result<Value, ControlError> {
        let number_id = super::inbound_message::number_id(Some(&change.to))?;
        let stops = change.marketing == Preference::Stop;
        let now = self.clock.now() / 1_000;
        let (update, mut answer) = self.people.change(person, |profile| {
            if stops {
                profile.opted_out.insert(number_id.clone());
            } else {
                profile.opted_out.remove(&number_id);
            }
            let event = InboundEvent::Preference(preference(profile, stops, now));
            let contact = Some(profile.contact());
            Ok((InboundUpdate { number_id, contact, event }, profile.to_json()))
        })?;
        answer["callback"] = json!(self.callbacks.send_whole(callback_body(vec![update]), &self.clock).await);
        Ok(answer)
    }

    /// Changes a template, as Meta does after a review, and tells its business account.
    pub(super) async fn change_template(&self, name: &str, change: &TemplateChange) -> Result<Value, ControlError> {
        let changed = self.templates.change(name, change);
        let mut template = changed.ok_or_else(|| ControlError::invalid("name", "names no template in the language"))?;
        let body = template_update(&change.business_id, &template, self.clock.now() / 1_000);
        template["callback"] = json!(self.callbacks.send_whole(body.to_string(), &self.clock).await);
        Ok(template)
    }

    /// The ids of the numbers that a person wrote to or was written to by.
    fn numbers_of(&self, profile: &Profile) -> BTreeSet<String> {
        let received = self.ledger.taken_by_aliases(&profile.aliases).into_iter().map(|taken| taken.number_id);
        profile.written.iter().map(|written| written.number_id.clone()).chain(received).collect()
    }
}

/// The message about a new number or user id (whatsapp-cloud-api-2026, section 1).
fn system_message(before: &Profile, after: &Profile, seconds: i64) -> Value {
    let mut message = before.sender();
    message.insert("id".to_owned(), json!(message_id::generate()));
    message.insert("timestamp".to_owned(), json!(seconds.to_string()));
    message.insert("type".to_owned(), json!("system"));
    let is_shown = before.wa_id != after.wa_id && !after.hides_phone;
    let (kind, body) = if is_shown {
        let numbers = [before, after].map(|profile| profile.wa_id.as_deref().unwrap_or(&profile.user_id).to_owned());
        ("user_changed_number", format!("User {} changed from {} to {}", before.name, numbers[0], numbers[1]))
    } else {
        ("user_changed_user_id", format!("User {} changed their user ID", before.name))
    };
    let mut system = serde_json::Map::from_iter([("type".to_owned(), json!(kind)), ("body".to_owned(), json!(body))]);
    set(&mut system, "wa_id", after.wa_id.as_deref().filter(|_| is_shown));
    set(&mut system, "user_id", Some(&after.user_id));
    set(&mut system, "previous_user_id", Some(&before.user_id));
    set(&mut system, "parent_user_id", after.parent_user_id.as_deref());
    set(&mut system, "previous_parent_user_id", before.parent_user_id.as_deref());
    message.insert("system".to_owned(), system.into());
    message.into()
}

/// An element of `user_preferences` (whatsapp-cloud-api-2026, section 10).
fn preference(profile: &Profile, stops: bool, seconds: i64) -> Value {
    let (value, detail) = match stops {
        true => ("stop", "User requested to stop marketing messages"),
        false => ("resume", "User requested to resume marketing messages"),
    };
    let mut preference = serde_json::Map::new();
    set(&mut preference, "wa_id", profile.shown_wa_id());
    set(&mut preference, "user_id", Some(&profile.user_id));
    set(&mut preference, "parent_user_id", profile.parent_user_id.as_deref());
    set(&mut preference, "detail", Some(detail));
    set(&mut preference, "category", Some("marketing_messages"));
    set(&mut preference, "value", Some(value));
    preference.insert("timestamp".to_owned(), json!(seconds)); // a number here, as Meta has it
    preference.into()
}

/// A callback about a template (whatsapp-cloud-api-2026, section 7).
fn template_update(business_id: &str, template: &Value, seconds: i64) -> Value {
    let id = template["id"].as_str().and_then(|id| id.parse::<u64>().ok());
    let value = json!({
        "event": template["status"], "message_template_id": id, "message_template_name": template["name"],
        "message_template_language": template["language"], "message_template_category": template["category"],
        "reason": "NONE",
    });
    let change = json!({ "field": "message_template_status_update", "value": value });
    json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": business_id, "time": seconds, "changes": [change] }],
    })
}

fn is_username(username: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'_';
    (3..=35).contains(&username.len()) && username.bytes().all(is_allowed)
}
