//! What somebody wants of a business's marketing messages.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::alias::Alias;
use crate::phone_number::PhoneNumber;
use crate::user_id::UserId;
use crate::whatsapp::raw_json::{field, text, time_of, word};

/// The only kind of messages that people opt out of.
const MARKETING: &str = "marketing_messages";

/// Somebody's wish.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Preference {
    /// The phone number, in WhatsApp's form.
    #[schema(value_type = Option<String>)]
    pub phone: Option<PhoneNumber>,
    /// WhatsApp's user id.
    #[schema(value_type = Option<String>)]
    pub user_id: Option<UserId>,
    /// The user id for a group of businesses.
    #[schema(value_type = Option<String>)]
    pub parent_user_id: Option<UserId>,
    /// Of what: `marketing_messages`.
    pub category: String,
    /// Whether no more of it shall come.
    #[serde(skip)]
    pub is_opt_out: bool,
    /// When, in whole seconds.
    #[serde(skip)]
    pub time: Option<crate::clock::Timestamp>,
}

impl Preference {
    /// Reads a wish; none when its word is not known, when it is about something else than marketing, or nobody is named.
    pub(super) fn read(wish: &RawValue) -> Option<Self> {
        let category = word(wish, "category").filter(|category| category == MARKETING)?;
        let user = |name: &str| text(wish, name).and_then(|text| text.parse().ok());
        let is_opt_out = match text(wish, "value")?.as_str() {
            "stop" => true,
            "resume" => false,
            _ => return None,
        };
        let phone: Option<PhoneNumber> = text(wish, "wa_id").and_then(|text| text.parse().ok());
        let user_id: Option<UserId> = user("user_id");
        if phone.is_none() && user_id.is_none() {
            return None;
        }
        Some(Self {
            phone,
            user_id,
            parent_user_id: user("parent_user_id"),
            category,
            is_opt_out,
            time: field(wish, "timestamp").and_then(time_of),
        })
    }

    /// All that the person is known by, the phone number first.
    pub fn aliases(&self) -> impl Iterator<Item = Alias> {
        let users = self.user_id.iter().chain(&self.parent_user_id).cloned().map(Alias::User);
        self.phone.iter().cloned().map(Alias::Phone).chain(users)
    }
}
