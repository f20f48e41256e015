//! Ids: a prefix that names the kind, then random letters and digits.
//!
//! An id is parsed once, where it enters; after that the compiler keeps a message's id from being passed as an instance's.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::rand;
use serde_with::{DeserializeFromStr, SerializeDisplay};
use utoipa::ToSchema;

/// The longest id that is accepted, in bytes: ours have 26, and untrusted text must not become a key of any size.
const MAX_LENGTH: usize = 64;

/// `N` cryptographically random bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system's random source answers");
    bytes
}

/// Spreads texts evenly over so many partitions: FNV-1a, which is the same in every version.
pub fn partition(text: &str, partitions: u32) -> u32 {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash ^ hash >> 16) % partitions
}

/// A text that is not an id of this kind. Displays as the end of a sentence that begins with the field's name.
#[derive(Debug, thiserror::Error)]
#[error("must be an id that begins with `{prefix}`.")]
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

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Debug, DeserializeFromStr, Eq, Hash, Ord, PartialEq, PartialOrd, SerializeDisplay, ToSchema,
        )]
        #[schema(value_type = String)]
        pub struct $name(String);

        impl $name {
            /// The prefix of every id of this kind.
            pub const PREFIX: &str = $prefix;

            /// A new id of 128 random bits.
            pub fn generate() -> Self {
                Self::from_bytes(random())
            }

            /// The id of these 128 bits.
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
    )*};
}

ids! {
    /// A customer's account.
    AccountId = "acc_";
    /// An API key's public id; the key itself is kept only as a hash.
    KeyId = "key_";
    /// A WhatsApp number that an account sends from.
    InstanceId = "inst_";
    /// A replay of a webhook's events.
    ReplayId = "rpl_";
    /// A file that a customer uploads.
    MediaId = "media_";
    /// A message, sent or received.
    MessageId = "msg_";
    /// Messages that one request sends.
    BatchId = "batch_";
    /// A customer's webhook.
    WebhookId = "wh_";
    /// A callback that was not read.
    CallbackId = "cb_";
    /// What was given up.
    DeadLetterId = "dl_";
    /// A row of a webhook's delivery log.
    LogId = "log_";
    /// Somebody who watches events.
    ListenerId = "lst_";
    /// A request to the API, in its response and in the logs.
    RequestId = "req_";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_id_parses_and_every_text_that_parses_is_short_ascii(
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
    fn a_text_that_is_no_id_is_refused() {
        let long = format!("inst_{}", "a".repeat(60));
        for text in ["", "inst_", "inst_a b", "inst_ä", "abc", "INST_abc", "inst_a\u{0}", long.as_str()] {
            assert!(text.parse::<InstanceId>().is_err(), "{text:?} was accepted");
        }
        assert!("inst_abc123".parse::<InstanceId>().is_ok());
    }
}
