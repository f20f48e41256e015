//! The signature of a callback: HMAC-SHA256 of the raw body with the app secret, in `X-Hub-Signature-256`.

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};

/// Bytes of a signature.
const LENGTH: usize = 32;

/// A signature of the right form, of which it is not known yet whether it is valid.
pub struct CallbackSignature([u8; LENGTH]);

impl CallbackSignature {
    /// Reads `X-Hub-Signature-256`.
    pub fn from_header(header: &str) -> Option<Self> {
        let mut bytes = [0; LENGTH];
        hex::decode_to_slice(header.strip_prefix("sha256=")?, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

/// The secret of the Meta app that signs callbacks; two of them during a rotation.
pub struct AppSecret(Vec<hmac::Key>);

impl AppSecret {
    /// A secret as Meta's console shows it; several are separated by commas.
    pub fn new(secret: &SecretString) -> Self {
        let key = |secret: &str| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Self(secret.expose_secret().split(',').map(key).collect())
    }

    /// Whether the signature is of exactly these bytes. The comparison takes constant time.
    pub fn verifies(&self, signature: &CallbackSignature, body: &[u8]) -> bool {
        self.0.iter().any(|key| hmac::verify(key, body, &signature.0).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_s_own_signature_of_the_same_bytes_is_valid() {
        let secret = AppSecret::new(&"app-secret".into());
        // printf '{"object":"x"}' | openssl dgst -sha256 -hmac app-secret
        let digits = hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"app-secret"), br#"{"object":"x"}"#));
        let signature = CallbackSignature::from_header(&format!("sha256={digits}")).expect("well formed");
        assert!(secret.verifies(&signature, br#"{"object":"x"}"#));
        assert!(!secret.verifies(&signature, br#"{"object": "x"}"#));
        let rotated = AppSecret::new(&"its-successor,app-secret".into());
        assert!(rotated.verifies(&signature, br#"{"object":"x"}"#));
        assert!(!AppSecret::new(&"other".into()).verifies(&signature, br#"{"object":"x"}"#));
        let (short, long) = (format!("sha256={}", &digits[..62]), format!("sha256={digits}00"));
        for header in ["", "sha256=", "sha256=zz", &digits, &format!("sha1={digits}"), &short, &long] {
            assert!(CallbackSignature::from_header(header).is_none(), "{header:?}");
        }
    }
}
