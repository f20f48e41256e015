//! The signature of a callback: HMAC-SHA256 of the raw body with the app secret, in `X-Hub-Signature-256`.

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};

/// The secret of the Meta app that signs callbacks; two of them during a rotation.
pub struct AppSecret(Vec<hmac::Key>);

impl AppSecret {
    /// A secret as Meta's console shows it; several are separated by commas.
    pub fn new(secret: &SecretString) -> Self {
        let key = |secret: &str| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Self(secret.expose_secret().split(',').map(key).collect())
    }

    /// Whether `header` signs exactly these bytes. The comparison takes constant time.
    pub fn verifies(&self, header: &str, body: &[u8]) -> bool {
        let signature = header.strip_prefix("sha256=").and_then(|digits| hex::decode(digits).ok());
        signature.is_some_and(|signature| self.0.iter().any(|key| hmac::verify(key, body, &signature).is_ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_s_own_signature_of_the_same_bytes_is_valid() {
        let secret = AppSecret::new(&"app-secret".into());
        // printf '{"object":"x"}' | openssl dgst -sha256 -hmac app-secret
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"app-secret");
        let signature = hex::encode(hmac::sign(&key, br#"{"object":"x"}"#));
        assert!(secret.verifies(&format!("sha256={signature}"), br#"{"object":"x"}"#));
        assert!(!secret.verifies(&format!("sha256={signature}"), br#"{"object": "x"}"#));
        let rotated = AppSecret::new(&"its-successor,app-secret".into());
        assert!(rotated.verifies(&format!("sha256={signature}"), br#"{"object":"x"}"#));
        assert!(!AppSecret::new(&"other".into()).verifies(&format!("sha256={signature}"), br#"{"object":"x"}"#));
        let (sha1, short) = (format!("sha1={signature}"), format!("sha256={}", &signature[..62]));
        for header in ["", "sha256=", "sha256=zz", &signature, &sha1, &short] {
            assert!(!secret.verifies(header, br#"{"object":"x"}"#), "{header:?}");
        }
    }
}
