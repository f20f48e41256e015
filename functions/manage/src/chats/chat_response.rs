//! A conversation in responses.

use shared::alias::Alias;
use shared::contact::Contact;
use shared::ids::InstanceId;
use shared::message::CHAT_ID_PREFIX;

use crate::prelude::*;

/// A conversation of an instance with a person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatResponse {
    /// The id of the conversation.
    chat_id: String,
    /// Its instance.
    instance_id: InstanceId,
    /// The phone number, unless the person does not show one.
    phone: Option<String>,
    /// WhatsApp's user id of the person.
    user_id: Option<String>,
    /// The username in WhatsApp, without `@`.
    username: Option<String>,
    /// The profile name.
    name: Option<String>,
    /// When the person last sent a message or called.
    #[schema(format = DateTime)]
    last_inbound_at: Option<String>,
    /// Until when everything may be sent to the person, and not only templates: 24 hours after `lastInboundAt`.
    #[schema(format = DateTime)]
    window_closes_at: Option<String>,
    /// Whether the person has opted out of marketing messages.
    opted_out: bool,
}

impl ChatResponse {
    /// The conversation with a contact. Of several phone numbers or user ids it shows the one that WhatsApp named last.
    pub fn new(instance: &InstanceId, contact: Contact) -> Self {
        let activity = contact.activity;
        let last = |is_wanted: fn(&Alias) -> bool| {
            let mut aliases = contact.aliases.iter().rev().filter(|alias| is_wanted(alias));
            aliases.next().map(ToString::to_string)
        };
        Self {
            chat_id: format!("{CHAT_ID_PREFIX}{}", contact.chat),
            instance_id: instance.clone(),
            phone: last(|alias| matches!(alias, Alias::Phone(_))),
            user_id: last(|alias| matches!(alias, Alias::User(user) if !user.is_parent())),
            last_inbound_at: activity.last_inbound_at.map(|at| at.to_string()),
            window_closes_at: activity.window_closes_at().map(|at| at.to_string()),
            opted_out: activity.is_opted_out(),
            username: activity.username,
            name: activity.name,
        }
    }

    /// An example for the OpenAPI document.
    pub fn example() -> Value {
        json!({
            "chatId": "chat_5511999999999", "instanceId": "inst_abc123", "phone": "5511999999999",
            "userId": "BR.13491208655302741918", "username": "ana.b", "name": "Ana", "optedOut": false,
            "lastInboundAt": "2026-02-03T12:00:00.000Z", "windowClosesAt": "2026-02-04T12:00:00.000Z",
        })
    }
}
