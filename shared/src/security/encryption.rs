//! Encryption of secrets at rest: AES-256-GCM, with additional authenticated data (AAD) that says whose secret it is.
//!
//! The AAD (account, item, field) is authenticated with the ciphertext, so one that was copied to another item or field does
//! not decrypt.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::security::decryption_error::DecryptionError;
use crate::security::key_ring::KeyRing;
use crate::security::master_keys::{MasterKeys, Purpose};

/// An encrypted secret: `<key id>.<base64url of nonce, ciphertext and tag>`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub struct EncryptedSecret(String);

/// Encrypts and decrypts secrets.
pub struct SecretCipher(KeyRing<RandomizedNonceKey>);

impl SecretCipher {
    /// A cipher for tokens and webhook secrets, with the keys of the secret `MasterKeys`.
    pub fn new(keys: &MasterKeys) -> Self {
        Self(keys.ring(Purpose::Encryption, aes_key))
    }

    /// A cipher for what `receive` decrypts, with the keys of the secret `CallbackKeys`. `earlier` are the master keys with
    /// which earlier versions encrypted it.
    pub fn for_callbacks(keys: &MasterKeys, earlier: Option<&MasterKeys>) -> Self {
        let mut ring = keys.ring(Purpose::CallbackEncryption, aes_key);
        if let Some(earlier) = earlier {
            ring.add_earlier(earlier.ring(Purpose::Encryption, aes_key));
        }
        Self(ring)
    }

    /// Encrypts a secret with `aad` as its associated data.
    pub fn encrypt(&self, secret: &SecretString, aad: &str) -> EncryptedSecret {
        let (id, key) = self.0.signing();
        let mut text = secret.expose_secret().as_bytes().to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(aad.as_bytes()), &mut text)
            .expect("a secret is far below AES-GCM's limit");
        let bytes = [nonce.as_ref().as_slice(), &text].concat();
        EncryptedSecret(format!("{id}.{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Decrypts a secret that was encrypted with the same `aad`.
    pub fn decrypt(&self, secret: &EncryptedSecret, aad: &str) -> Result<SecretString, DecryptionError> {
        let changed = || DecryptionError::Changed;
        let (id, text) = secret.0.split_once('.').ok_or_else(changed)?;
        let key = self.0.get(id).ok_or(DecryptionError::UnknownKey)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| changed())?;
        let (nonce, text) = bytes.split_at_checked(NONCE_LEN).ok_or_else(changed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| changed())?;
        let mut text = text.to_vec();
        let plain = key.open_in_place(nonce, Aad::from(aad.as_bytes()), &mut text).map_err(|_| changed())?;
        String::from_utf8(plain.to_vec()).map(SecretString::from).map_err(|_| changed())
    }
}

fn aes_key(key: [u8; 32]) -> RandomizedNonceKey {
    RandomizedNonceKey::new(&AES_256_GCM, &key).expect("AES-256 takes 256 bits")
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
        assert!(matches!(cipher(&new).decrypt(&encrypted, "place"), Err(DecryptionError::UnknownKey)));
    }

    #[test]
    fn the_keys_for_callbacks_decrypt_no_token_but_what_earlier_versions_encrypted() {
        let keys = |letter: &str| MasterKeys::parse(&letter.repeat(32).into()).expect("long enough");
        let (token, master) = (SecretCipher::new(&keys("a")).encrypt(&"EAAG".into(), "place"), keys("a"));
        let callbacks = SecretCipher::for_callbacks(&keys("b"), None);
        assert!(callbacks.decrypt(&token, "place").is_err());
        assert!(SecretCipher::for_callbacks(&keys("a"), None).decrypt(&token, "place").is_err(), "another purpose");
        let upgraded = SecretCipher::for_callbacks(&keys("b"), Some(&master));
        assert!(upgraded.decrypt(&token, "place").is_ok());
        assert!(callbacks.decrypt(&upgraded.encrypt(&"secret".into(), "place"), "place").is_ok());
    }

    #[test]
    fn a_text_that_is_no_ciphertext_does_not_decrypt() {
        let cipher = cipher(&"a".repeat(32));
        let id = cipher.0.signing().0.clone();
        for text in [String::new(), "plain".to_owned(), format!("{id}."), format!("{id}.AAAA"), format!("{id}.!")] {
            assert!(cipher.decrypt(&EncryptedSecret(text), "place").is_err());
        }
    }
}
