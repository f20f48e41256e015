//! The signature of a callback: HMAC-SHA256 of the raw body with the app secret, in `X-Hub-Signature-256`.

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::aws::secrets::{self, Secret, SecretError, SecretValue};

/// Shorter secrets could be guessed; Meta's have 32 characters.
const MIN_LENGTH: usize = 16;
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

/// The deployment's Meta app: what proves to us that a callback is Meta's, and to Meta that the callback URL is ours.
pub struct WhatsAppApp {
    /// Signs callbacks.
    pub app_secret: AppSecret,
    /// The word in the app's webhook settings.
    pub verify_token: SecretString,
}

/// The secret's JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredApp {
    app_secret: String,
    verify_token: String,
}

impl WhatsAppApp {
    /// Reads the secret `WhatsAppApp`.
    pub fn read(value: &SecretValue) -> Result<Self, SecretError> {
        let invalid = |problem: &str| SecretError::Invalid(Secret::WhatsAppApp.name(), problem.to_owned());
        let stored: StoredApp = serde_json::from_str(value.text.expose_secret())
            .map_err(|_| invalid(r#"it must be JSON: {"appSecret":"…","verifyToken":"…"}"#))?;
        if stored.verify_token.is_empty() {
            return Err(invalid("verifyToken is empty"));
        }
        let app_secret = AppSecret::parse(&stored.app_secret.into())?;
        Ok(Self { app_secret, verify_token: stored.verify_token.into() })
    }
}

/// The secret of the Meta app that signs callbacks; two of them during a rotation.
pub struct AppSecret(Vec<hmac::Key>);

impl AppSecret {
    /// A secret as Meta's console shows it; several are separated by commas. A short or empty one is refused.
    pub fn parse(secret: &SecretString) -> Result<Self, SecretError> {
        let secrets = secrets::split(Secret::WhatsAppApp.name(), secret, MIN_LENGTH)?;
        Ok(Self::new(secrets.iter().map(ExposeSecret::expose_secret)))
    }

    /// A number's stored secret. Short and empty ones, which earlier versions stored, verify nothing.
    pub fn stored(secret: &SecretString) -> Self {
        let secrets = secret.expose_secret().split(',').map(str::trim);
        Self::new(secrets.filter(|secret| secret.len() >= MIN_LENGTH))
    }

    fn new<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        Self(secrets.map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())).collect())
    }

    /// Whether the signature is of exactly these bytes. The comparison takes constant time.
    pub fn verifies(&self, signature: &CallbackSignature, body: &[u8]) -> bool {
        self.0.iter().any(|key| hmac::verify(key, body, &signature.0).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"object":"x"}"#;
    const SECRET: &str = "the secret of an app";

    fn parse(secret: &str) -> AppSecret {
        AppSecret::parse(&secret.into()).expect("long enough")
    }

    fn signature(secret: &str) -> String {
        hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), BODY))
    }

    fn is_valid(secret: &AppSecret, header: &str, body: &[u8]) -> bool {
        CallbackSignature::from_header(header).is_some_and(|signature| secret.verifies(&signature, body))
    }

    #[test]
    fn only_the_secret_s_own_signature_of_the_same_bytes_is_valid() {
        let secret = parse(SECRET);
        // printf '{"object":"x"}' | openssl dgst -sha256 -hmac 'the secret of an app'
        let signature = signature(SECRET);
        assert!(is_valid(&secret, &format!("sha256={signature}"), BODY));
        assert!(!is_valid(&secret, &format!("sha256={signature}"), br#"{"object": "x"}"#));
        assert!(!is_valid(&parse("the secret of another"), &format!("sha256={signature}"), BODY));
        let (short, long) = (format!("sha256={}", &signature[..62]), format!("sha256={signature}00"));
        for header in ["", "sha256=", "sha256=zz", &signature, &format!("sha1={signature}"), &short, &long] {
            assert!(CallbackSignature::from_header(header).is_none(), "{header:?}");
        }
    }

    #[test]
    fn two_secrets_verify_during_a_rotation_with_or_without_spaces() {
        for separator in [",", ", ", " , "] {
            let secrets = parse(&format!("its successor's secret{separator}{SECRET}\n"));
            assert!(is_valid(&secrets, &format!("sha256={}", signature(SECRET)), BODY), "{separator:?}");
        }
    }

    #[test]
    fn a_short_or_empty_secret_is_refused_and_verifies_nothing() {
        for (secret, part) in [
            (String::new(), ""),
            (",".to_owned(), ""),
            (format!("{SECRET},"), ""),
            (format!(" ,{SECRET}"), ""),
            (format!("{SECRET}, too short"), "too short"),
        ] {
            let error = AppSecret::parse(&secret.clone().into()).err().expect("too short").to_string();
            assert!(error.contains("WhatsAppApp") && !error.contains("too short"), "{error}");
            let stored = AppSecret::stored(&secret.clone().into());
            assert!(!is_valid(&stored, &format!("sha256={}", signature(part)), BODY), "{secret:?}");
            let is_signed = is_valid(&stored, &format!("sha256={}", signature(SECRET)), BODY);
            assert_eq!(is_signed, secret.contains(SECRET), "{secret:?}");
        }
    }
}
