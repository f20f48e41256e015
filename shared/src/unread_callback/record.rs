//! The record of a callback that was not read.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AccountId, CallbackId};
use crate::security::{DecryptionError, EncryptedSecret, SecretCipher};
use crate::whatsapp::{UnreadPack, UnreadReason};

/// How long one is kept: long enough for a new version, and not longer than personal data must be.
pub const KEPT_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The most bytes of a callback: encrypted and in base64, it must fit into an item of 400 KB.
const MAX_SIZE: usize = 256 * 1024;
/// Numbers that a record names.
const MAX_NUMBERS: usize = 20;
/// The only `kind`, the partition key of the index `byTime`.
pub(super) const KIND: &str = "unread";

/// The accounts whose own Meta app signed a callback, by WhatsApp's ids of their numbers.
pub type SignedBy = BTreeMap<String, AccountId>;

/// A callback that is larger than an item of the table can be.
#[derive(Debug, thiserror::Error)]
#[error("a callback of {0} bytes that cannot be read is too large to be kept")]
pub struct TooLarge(pub usize);

/// A callback that was not read.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnreadCallback {
    /// Its id, derived from its content: WhatsApp repeats callbacks.
    pub id: CallbackId,
    kind: String,
    /// When it was received: the index's sort key.
    pub at: String,
    /// Why it was not read.
    pub reasons: Vec<UnreadReason>,
    /// WhatsApp's ids of the numbers that it is about, the first twenty.
    #[serde(default)]
    pub number_ids: Vec<String>,
    /// Its size in bytes.
    pub size: usize,
    /// Absent when the deployment's app signed it.
    pub signed_by: Option<SignedBy>,
    /// The callback; not in the index.
    body: Option<EncryptedSecret>,
    /// When the table deletes it: seconds since the epoch (DynamoDB's TTL).
    pub expires_at: i64,
}

impl UnreadCallback {
    /// The record of a callback that was received at `now`.
    ///
    /// # Errors
    /// A callback of more than 256 KB.
    pub fn new(
        pack: UnreadPack,
        signed_by: Option<SignedBy>,
        cipher: &SecretCipher,
        now: Timestamp,
    ) -> Result<Self, TooLarge> {
        let size = pack.callback.len();
        if size > MAX_SIZE {
            return Err(TooLarge(size));
        }
        let id = id(&pack.callback, signed_by.as_ref());
        Ok(Self {
            kind: KIND.to_owned(),
            at: format!("{:013}.{id}", now.millis()),
            reasons: pack.reasons,
            number_ids: pack.number_ids.into_iter().take(MAX_NUMBERS).collect(),
            size,
            signed_by,
            body: Some(cipher.encrypt(&pack.callback.into(), id.as_str())),
            expires_at: now.plus(KEPT_FOR).secs(),
            id,
        })
    }

    /// When it was received.
    pub fn received_at(&self) -> Option<Timestamp> {
        let (millis, _) = self.at.split_once('.')?;
        millis.parse().ok().map(Timestamp::from_millis)
    }

    /// The callback itself, as it was received. A record from the index has none.
    pub fn body(&self, cipher: &SecretCipher) -> Result<secrecy::SecretString, DecryptionError> {
        cipher.decrypt(self.body.as_ref().ok_or(DecryptionError::Changed)?, self.id.as_str())
    }
}

fn id(callback: &str, signed_by: Option<&SignedBy>) -> CallbackId {
    let mut context = digest::Context::new(&digest::SHA256);
    for (number, account) in signed_by.into_iter().flatten() {
        context.update(format!("{number} {account}\n").as_bytes());
    }
    context.update(callback.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&context.finish().as_ref()[..16]);
    CallbackId::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::clock;
    use crate::security::MasterKeys;

    fn cipher() -> SecretCipher {
        SecretCipher::for_callbacks(&MasterKeys::parse(&"k".repeat(32).into()).expect("long enough"), None)
    }

    fn record(body: &str, signed_by: Option<SignedBy>) -> Result<UnreadCallback, TooLarge> {
        UnreadCallback::new(UnreadPack::body(body.as_bytes()), signed_by, &cipher(), clock::now())
    }

    #[test]
    fn a_callback_is_encrypted_and_a_repeat_has_its_id() {
        let kept = record("PRIVATE", None).expect("small");
        assert!(!serde_json::to_string(&kept).expect("JSON").contains("PRIVATE"));
        assert_eq!(kept.body(&cipher()).expect("our key").expose_secret(), "PRIVATE");
        assert_eq!(kept.id, record("PRIVATE", None).expect("small").id);
        let other = SignedBy::from([("1".to_owned(), AccountId::generate())]);
        assert_ne!(kept.id, record("PRIVATE", Some(other)).expect("small").id);
        assert!(kept.received_at().is_some());
    }

    #[test]
    fn the_largest_callback_fits_into_an_item() {
        let largest = record(&"x".repeat(MAX_SIZE), None).expect("the largest");
        assert!(serde_json::to_vec(&largest).expect("JSON").len() < 400 * 1024 - 10 * 1024);
        assert!(record(&"x".repeat(MAX_SIZE + 1), None).is_err());
    }
}
