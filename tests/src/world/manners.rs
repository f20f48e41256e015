//! How the parties of an operation behave, and what a message is.

use serde::{Deserialize, Serialize};

/// What a message is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// A text.
    Text,
    /// A text that answers a message of WhatsApp's.
    Reply,
    /// A picture that is uploaded before it is first sent.
    File,
    /// A template that WhatsApp knows.
    Template,
    /// A template that WhatsApp does not know.
    UnknownTemplate,
}

/// How an endpoint behaves.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// It answers the next calls with this status.
    Answers {
        /// The status.
        status: u16,
        /// How many calls.
        calls: usize,
    },
    /// It answers nothing.
    Hangs,
    /// It answers all calls with 200.
    Recovers,
}

/// What a callback says of the person who writes.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// The phone number, as before user ids.
    #[default]
    Phone,
    /// The user id: the phone number is hidden.
    User,
    /// Both.
    Both,
}

impl Shown {
    /// Whether it is the phone number alone.
    pub const fn is_phone(&self) -> bool {
        matches!(self, Self::Phone)
    }
}

/// What happened to a business account.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// It is disabled, until it is reinstated.
    Disabled,
    /// It may begin no conversations for ten minutes.
    Restricted,
    /// It is reinstated.
    Reinstated,
}

/// A secret whose keys are rotated.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keys {
    /// Those that encrypt tokens and webhooks' secrets.
    Master,
    /// Those that sign the tags in callbacks and encrypt app secrets.
    Callback,
}

impl Keys {
    /// The logical id of the secret.
    pub const fn secret(self) -> &'static str {
        match self {
            Self::Master => "MasterKeys",
            Self::Callback => "CallbackKeys",
        }
    }
}
