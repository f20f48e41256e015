//! Encryption of secrets at rest: AES-256-GCM, with additional authenticated data (AAD) that says whose secret it is.
//!
//! The AAD (account, item, field) is authenticated with the ciphertext, so one that was copied to another item or field does
//! not decrypt.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::security::master_keys::{MasterKeys, Purpose};

/// An encrypted secret: `<key id>.<base64url of nonce, ciphertext and tag>`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub struct EncryptedSecret(String);

/// A ciphertext that none of our keys decrypts with its associated data.
#[derive(Debug, thiserror::Error)]
#[error("a secret cannot be decrypted: its master key is gone, or it was moved or changed")]
pub struct DecryptionError;

/// Encrypts and decrypts secrets.
pub struct SecretCipher {
    /// Newest first: the first encrypts, all of them decrypt.
    keys: Vec<(String, RandomizedNonceKey)>,
}

impl SecretCipher {
    /// A cipher with the deployment's keys.
    pub fn new(keys: &MasterKeys) -> Self {
        let cipher = |key: [u8; 32]| RandomizedNonceKey::new(&AES_256_GCM, &key).expect("AES-256 takes 256 bits");
        let keys = keys.derive(Purpose::Encryption).into_iter();
        Self { keys: keys.map(|(id, key)| (id, cipher(key))).collect() }
    }

    /// Encrypts a secret with `aad` as its associated data.
    pub fn encrypt(&self, secret: &SecretString, aad: &str) -> EncryptedSecret {
        let (id, key) = &self.keys[0];
        let mut text = secret.expose_secret().as_bytes().to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(aad.as_bytes()), &mut text)
            .expect("a secret is far below AES-GCM's limit");
        let bytes = [nonce.as_ref().as_slice(), &text].concat();
        EncryptedSecret(format!("{id}.{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Decrypts a secret that was encrypted with the same `aad`.
    pub fn decrypt(&self, secret: &EncryptedSecret, aad: &str) -> Result<SecretString, DecryptionError> {
        let (id, text) = secret.0.split_once('.').ok_or(DecryptionError)?;
        let (_, key) = self.keys.iter().find(|(key_id, _)| key_id == id).ok_or(DecryptionError)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| DecryptionError)?;
        let (nonce, text) = bytes.split_at_checked(NONCE_LEN).ok_or(DecryptionError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| DecryptionError)?;
        let mut text = text.to_vec();
        let plain = key.open_in_place(nonce, Aad::from(aad.as_bytes()), &mut text).map_err(|_| DecryptionError)?;
        String::from_utf8(plain.to_vec()).map(SecretString::from).map_err(|_| DecryptionError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cipher(keys: &str) -> SecretCipher {
        SecretCipher::new(&MasterKeys::parse(&keys.into()).expect("long enough"))
    }

    #[test]
    fn a_secret_decrypts_with_its_own_associated_data_only() {
        let cipher = cipher(&"a".repeat(32));
        let encrypted = cipher.encrypt(&"EAAG-token".into(), "acc_1/inst_1/accessToken");
        assert!(!encrypted.0.contains("EAAG"));
        let decrypted = cipher.decrypt(&encrypted, "acc_1/inst_1/accessToken").expect("its place");
        assert_eq!(decrypted.expose_secret(), "EAAG-token");
        assert!(cipher.decrypt(&encrypted, "acc_2/inst_1/accessToken").is_err());
    }

    #[test]
    fn an_older_master_key_still_decrypts_its_secrets() {
        let (old, new) = ("a".repeat(32), "b".repeat(32));
        let encrypted = cipher(&old).encrypt(&"secret".into(), "place");
        assert!(cipher(&format!("{new},{old}")).decrypt(&encrypted, "place").is_ok());
        assert!(cipher(&new).decrypt(&encrypted, "place").is_err());
    }

    #[test]
    fn a_text_that_is_no_ciphertext_does_not_decrypt() {
        let cipher = cipher(&"a".repeat(32));
        let id = cipher.keys[0].0.clone();
        for text in [String::new(), "plain".to_owned(), format!("{id}."), format!("{id}.AAAA"), format!("{id}.!")] {
            assert!(cipher.decrypt(&EncryptedSecret(text), "place").is_err());
        }
    }
}
