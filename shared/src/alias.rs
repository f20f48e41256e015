//! What a person is addressed by: a phone number, or a user id of WhatsApp's. One person may have several.

use std::fmt;
use std::str::FromStr;

use serde_with::{DeserializeFromStr, SerializeDisplay};

use crate::phone_number::{InvalidPhoneNumber, PhoneNumber};
use crate::user_id::{InvalidUserId, UserId};

/// An alias of a person.
#[derive(Clone, Debug, DeserializeFromStr, Eq, Hash, Ord, PartialEq, PartialOrd, SerializeDisplay)]
pub enum Alias {
    /// A phone number.
    Phone(PhoneNumber),
    /// WhatsApp's own id.
    User(UserId),
}

/// Why a text is neither a phone number nor a user id. Displays as the end of a sentence that begins with the field's name.
#[derive(Debug, thiserror::Error)]
pub enum InvalidAlias {
    /// It is no phone number.
    #[error(transparent)]
    Phone(#[from] InvalidPhoneNumber),
    /// It begins as a user id, and is none.
    #[error(transparent)]
    User(#[from] InvalidUserId),
}

impl Alias {
    /// The digits, or the user id.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.digits(),
            Self::User(user) => user.as_str(),
        }
    }
}

impl FromStr for Alias {
    type Err = InvalidAlias;

    fn from_str(text: &str) -> Result<Self, InvalidAlias> {
        if UserId::is_likely(text) { Ok(Self::User(text.parse()?)) } else { Ok(Self::Phone(text.parse()?)) }
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<PhoneNumber> for Alias {
    fn from(phone: PhoneNumber) -> Self {
        Self::Phone(phone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_a_phone_number_or_a_user_id_and_is_written_as_it_was() {
        for text in ["5511999999999", "US.13491208655302741918"] {
            let alias: Alias = text.parse().expect(text);
            assert_eq!(serde_json::to_string(&alias).expect("JSON"), format!("\"{text}\""));
            assert_eq!(alias.as_str(), text);
        }
        assert!(matches!("+5511999999999".parse::<Alias>(), Err(InvalidAlias::Phone(_))));
        assert!(matches!("US.1-2".parse::<Alias>(), Err(InvalidAlias::User(_))));
    }
}
