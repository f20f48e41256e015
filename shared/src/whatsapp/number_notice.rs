//! What a callback says about the limits of a number, or of all numbers of a business account.

use serde_json::value::RawValue;

use crate::whatsapp::raw_json::{field, integer, text, word};

/// Other limits of a number.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NumberNotice {
    /// The digits of the number; none when it is about all numbers of the account.
    pub phone: Option<String>,
    /// How many people may be written to in a day, such as `TIER_2K`.
    pub messaging_limit: Option<String>,
    /// Whether the number may send a thousand messages a second by now.
    pub is_upgraded: bool,
    /// The quality of the number, such as `RED`.
    pub quality: Option<&'static str>,
}

impl NumberNotice {
    /// Reads an update about one number.
    pub(super) fn of_number(value: &RawValue) -> Option<Self> {
        let phone = digits(&text(value, "display_phone_number")?).filter(|digits| !digits.is_empty())?;
        let (is_upgraded, quality) = match text(value, "event")?.as_str() {
            "ONBOARDING" | "UPGRADE" | "DOWNGRADE" => (false, None),
            "THROUGHPUT_UPGRADE" => (true, None),
            "FLAGGED" => (false, Some("RED")),
            "UNFLAGGED" => (false, Some("UNKNOWN")),
            _ => return None,
        };
        let messaging_limit = limit(value).or_else(|| word(value, "current_limit"));
        Some(Self { phone: Some(phone), messaging_limit, is_upgraded, quality })
    }

    /// Reads an update about all numbers of an account.
    pub(super) fn of_account(value: &RawValue) -> Option<Self> {
        Some(Self { messaging_limit: Some(limit(value)?), ..Self::default() })
    }
}

/// The digits of a number as people write it.
pub fn digits(phone: &str) -> Option<String> {
    let is_phone = phone.len() <= 32 && phone.chars().all(|c| c.is_ascii_digit() || "+-() .".contains(c));
    is_phone.then(|| phone.chars().filter(char::is_ascii_digit).collect())
}

/// A messaging limit: a word such as `TIER_2K`, or a number of people.
fn limit(value: &RawValue) -> Option<String> {
    let limit = field(value, "max_daily_conversations_per_business")?;
    Some(match integer(limit) {
        None => return word(value, "max_daily_conversations_per_business"),
        Some(-1) => "TIER_UNLIMITED".to_owned(),
        Some(people) if people > 0 && people % 1000 == 0 => format!("TIER_{}K", people / 1000),
        Some(people) => format!("TIER_{people}"),
    })
}
