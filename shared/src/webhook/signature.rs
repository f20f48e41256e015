//! The two signatures of a webhook request: `X-EnviaAI-Signature` over the body (contract), and Standard Webhooks' over id,
//! time and body.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::clock::Timestamp;

/// The headers that authenticate an event to its receiver.
#[derive(Debug)]
pub struct SignatureHeaders {
    /// `webhook-id`: the same on every retry.
    pub id: String,
    /// `webhook-timestamp`: seconds since the epoch, of this attempt; receivers refuse old ones.
    pub timestamp: String,
    /// `webhook-signature`: `v1,` and base64; two while a secret is being rotated.
    pub standard: String,
    /// `X-EnviaAI-Signature`: `sha256=` and hex.
    pub envia_ai: String,
}

/// Signs a body. The keys of both signatures are the secrets' UTF-8 bytes. During a rotation there are two secrets: Standard
/// Webhooks allows both signatures, `X-EnviaAI-Signature` has room for one, the new secret's.
pub fn sign(secrets: &[SecretString], id: &str, at: Timestamp, body: &str) -> SignatureHeaders {
    let keys: Vec<hmac::Key> =
        secrets.iter().map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes())).collect();
    let timestamp = at.secs().to_string();
    let signed = format!("{id}.{timestamp}.{body}");
    let standard = keys.iter().map(|key| format!("v1,{}", STANDARD.encode(hmac::sign(key, signed.as_bytes()))));
    let envia_ai = keys.first().map(|key| format!("sha256={}", hex::encode(hmac::sign(key, body.as_bytes()))));
    SignatureHeaders {
        id: id.to_owned(),
        timestamp,
        standard: standard.collect::<Vec<_>>().join(" "),
        envia_ai: envia_ai.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signatures_are_those_that_openssl_makes() {
        let secret = ["whs_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()];
        let signed = sign(&secret, "evt_1", Timestamp::from_secs(1_614_265_330), r#"{"test":2432232314}"#);
        // printf '%s' '{"test":2432232314}' | openssl dgst -sha256 -hmac "$SECRET"
        assert_eq!(signed.envia_ai, "sha256=07a6b8a5d4aaa67ebd3577e211d1487135b9b3b36128c1e6bbcc8fd1a54ac363");
        // printf '%s' 'evt_1.1614265330.{"test":2432232314}' | openssl dgst -sha256 -hmac "$SECRET" -binary | base64
        assert_eq!(signed.standard, "v1,yjy9Is21cgFqQpeQBYbXNUwMHlznIpW7XDQmRF9QFUc=");
        assert_eq!((signed.id.as_str(), signed.timestamp.as_str()), ("evt_1", "1614265330"));
    }
}
