//! Ids: a prefix that tells what is meant, then letters and digits that nobody can guess.
//!
//! An id is parsed once, at the edge; inside, a message's id cannot be passed where an instance's belongs.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::rand;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest id that is taken, in bytes: ours have 26, and a stranger's text must not become a key of any size.
const MAX_LENGTH: usize = 64;

/// `N` bytes that nobody can guess.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system's random source answers");
    bytes
}

/// A text that is not an id of the kind that was asked for.
#[derive(Debug, thiserror::Error)]
#[error("must be `{prefix}` and then letters, digits, `-` or `_`")]
pub struct InvalidId {
    prefix: &'static str,
}

fn check(text: &str, prefix: &'static str) -> Result<(), InvalidId> {
    let body = text.strip_prefix(prefix).ok_or(InvalidId { prefix })?;
    let plain = body.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if body.is_empty() || text.len() > MAX_LENGTH || !plain {
        return Err(InvalidId { prefix });
    }
    Ok(())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String)]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &str = $prefix;

            /// A new id of 128 random bits.
            pub fn generate() -> Self {
                Self::from_bytes(random())
            }

            /// The id that stands for these 128 bits.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(format!("{}{}", $prefix, bs58::encode(bytes).into_string()))
            }

            /// The id as text, prefix included.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                check(text, $prefix).map(|()| Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                check(&text, $prefix).map(|()| Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id!(
    /// A customer's account.
    AccountId, "acc_"
);
id!(
    /// An API key's public name; the key itself is kept only as a hash.
    KeyId, "key_"
);
id!(
    /// A WhatsApp number that an account sends from.
    InstanceId, "inst_"
);
id!(
    /// A replay of a webhook's events.
    ReplayId, "rpl_"
);
id!(
    /// A message, sent or received.
    MessageId, "msg_"
);
id!(
    /// A customer's webhook.
    WebhookId, "wh_"
);
id!(
    /// A row of a webhook's delivery log.
    LogId, "log_"
);
id!(
    /// One request to the API, in its answer and in the logs.
    RequestId, "req_"
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_of_any_bits_parses_and_any_text_that_parses_is_short_and_plain(
            bits in any::<[u8; 16]>(), text in "(msg_)?\\PC{0,70}",
        ) {
            let id = MessageId::from_bytes(bits);
            prop_assert_eq!(id.as_str().parse::<MessageId>().ok(), Some(id));
            if let Ok(id) = text.parse::<MessageId>() {
                prop_assert!(id.as_str() == text && text.len() <= MAX_LENGTH && text.is_ascii());
            }
        }
    }

    #[test]
    fn a_new_id_parses_as_its_own_kind_only() {
        let id = MessageId::generate();
        assert_eq!(id.as_str().parse::<MessageId>().expect("its own kind"), id);
        assert!(id.as_str().parse::<InstanceId>().is_err());
        assert_ne!(id, MessageId::generate());
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let long = format!("inst_{}", "a".repeat(60));
        for text in ["", "inst_", "inst_a b", "inst_ä", "abc", "INST_abc", "inst_a\u{0}", long.as_str()] {
            assert!(text.parse::<InstanceId>().is_err(), "{text:?} was taken");
        }
        assert!("inst_abc123".parse::<InstanceId>().is_ok());
    }
}
