//! Secrets as the table keeps them: AES-256-GCM, bound to the place where they lie.
//!
//! The place (account, item, field) is authenticated with them, so a sealed text moved elsewhere does not open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::master_keys::{MasterKeys, Purpose};

/// A sealed secret: `<key id>.<base64url of nonce, ciphertext and tag>`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Sealed(String);

/// A sealed text that no key of ours opens in its place.
#[derive(Debug, thiserror::Error)]
#[error("a sealed secret does not open: its master key is gone, or it was moved or changed")]
pub struct CannotOpen;

/// Seals and opens secrets.
pub struct Sealer {
    /// Newest first: the first seals, all of them open.
    keys: Vec<(String, RandomizedNonceKey)>,
}

impl Sealer {
    /// A sealer with the deployment's keys.
    pub fn new(keys: &MasterKeys) -> Self {
        let keys = keys.derive(Purpose::Seal).into_iter().map(|key| {
            let cipher = RandomizedNonceKey::new(&AES_256_GCM, &key.bytes).expect("AES-256 takes 256 bits");
            (key.id, cipher)
        });
        Self { keys: keys.collect() }
    }

    /// Seals `secret` for the `place` where it will lie.
    pub fn seal(&self, secret: &SecretString, place: &str) -> Sealed {
        let (id, key) = &self.keys[0];
        let mut text = secret.expose_secret().as_bytes().to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut text)
            .expect("a secret is far below AES-GCM's limit");
        let sealed = [nonce.as_ref().as_slice(), &text].concat();
        Sealed(format!("{id}.{}", URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Opens what was sealed for this `place`.
    pub fn open(&self, sealed: &Sealed, place: &str) -> Result<SecretString, CannotOpen> {
        let (id, text) = sealed.0.split_once('.').ok_or(CannotOpen)?;
        let (_, key) = self.keys.iter().find(|(key_id, _)| key_id == id).ok_or(CannotOpen)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CannotOpen)?;
        let (nonce, text) = bytes.split_at_checked(NONCE_LEN).ok_or(CannotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CannotOpen)?;
        let mut text = text.to_vec();
        let plain = key.open_in_place(nonce, Aad::from(place.as_bytes()), &mut text).map_err(|_| CannotOpen)?;
        String::from_utf8(plain.to_vec()).map(SecretString::from).map_err(|_| CannotOpen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(keys: &str) -> Sealer {
        Sealer::new(&MasterKeys::parse(&keys.into()).expect("long enough"))
    }

    #[test]
    fn a_secret_opens_in_its_place_and_nowhere_else() {
        let sealer = sealer(&"a".repeat(32));
        let sealed = sealer.seal(&"EAAG-token".into(), "acc_1/inst_1/accessToken");
        assert!(!sealed.0.contains("EAAG"));
        let opened = sealer.open(&sealed, "acc_1/inst_1/accessToken").expect("its place");
        assert_eq!(opened.expose_secret(), "EAAG-token");
        assert!(sealer.open(&sealed, "acc_2/inst_1/accessToken").is_err());
    }

    #[test]
    fn an_older_master_key_still_opens_what_it_sealed() {
        let (old, new) = ("a".repeat(32), "b".repeat(32));
        let sealed = sealer(&old).seal(&"secret".into(), "place");
        assert!(sealer(&format!("{new},{old}")).open(&sealed, "place").is_ok());
        assert!(sealer(&new).open(&sealed, "place").is_err());
    }

    #[test]
    fn what_is_not_sealed_text_does_not_open() {
        let sealer = sealer(&"a".repeat(32));
        let id = sealer.keys[0].0.clone();
        for text in [String::new(), "plain".to_owned(), format!("{id}."), format!("{id}.AAAA"), format!("{id}.!")] {
            assert!(sealer.open(&Sealed(text), "place").is_err());
        }
    }
}
