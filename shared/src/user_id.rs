//! WhatsApp's own id of a person, as one business portfolio sees it (BSUID): people with a username need not show their phone
//! number.

use std::fmt;
use std::str::FromStr;

use serde_with::{DeserializeFromStr, SerializeDisplay};

/// The most characters after the country (whatsapp-cloud-api-2026, section 1).
const MAX_LENGTH: usize = 128;

/// `CC.` or `CC.ENT.`, and up to 128 letters and digits: the country of the user, `ENT` for the id of a parent portfolio.
/// Opaque: it is sent back byte for byte.
#[derive(Clone, Debug, DeserializeFromStr, Eq, Hash, Ord, PartialEq, PartialOrd, SerializeDisplay)]
pub struct UserId(String);

/// A text that is no user id. Displays as the end of a sentence that begins with the field's name.
#[derive(Debug, thiserror::Error)]
#[error("must be a user id of WhatsApp's, such as US.13491208655302741918.")]
pub struct InvalidUserId;

impl UserId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the id for a parent portfolio.
    pub fn is_parent(&self) -> bool {
        self.0[3..].starts_with("ENT.")
    }

    /// Whether a text begins as user ids do, and as no phone number does.
    pub fn is_likely(text: &str) -> bool {
        matches!(text.as_bytes(), [first, second, b'.', ..] if first.is_ascii_uppercase() && second.is_ascii_uppercase())
    }
}

impl FromStr for UserId {
    type Err = InvalidUserId;

    fn from_str(text: &str) -> Result<Self, InvalidUserId> {
        let id = Self::is_likely(text).then(|| &text[3..]).ok_or(InvalidUserId)?;
        let id = id.strip_prefix("ENT.").unwrap_or(id);
        let is_valid = (1..=MAX_LENGTH).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_valid { Ok(Self(text.to_owned())) } else { Err(InvalidUserId) }
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids_have_a_country_and_a_bounded_id() {
        let longest = format!("BR.{}", "a".repeat(128));
        for text in ["US.13491208655302741918", "US.ENT.11815799212886844830", "BR.a", "BR.ENT", &longest] {
            let id: UserId = text.parse().expect(text);
            assert_eq!((id.as_str(), id.is_parent()), (text, text == "US.ENT.11815799212886844830"));
        }
        let long = format!("BR.{}", "a".repeat(129));
        for text in
            ["", "US.", "US.ENT.", "us.1", "USA.1", "US.1-2", "US.1 ", "US.ENT.1.2", "5511999999999", "ÄÖ.1", &long]
        {
            assert!(text.parse::<UserId>().is_err(), "{text}");
        }
    }
}
