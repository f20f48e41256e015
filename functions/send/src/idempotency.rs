//! Idempotency-Key: the same key and body make one message and one charge, however often they come (IETF draft
//! "The Idempotency-Key HTTP Header Field").
//!
//! The message's id is a keyed hash of account and key, so the record itself is the memory and its insert the check.

use std::time::Duration;

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::http::HeaderMap;
use shared::api_error::{ApiError, ErrorCode};
use shared::clock::Timestamp;
use shared::ids::AccountId;
use shared::master_keys::{MasterKeys, Purpose};
use shared::message::Message;
use shared::state::State;

/// The header, and the field that errors name.
const HEADER: &str = "Idempotency-Key";
/// The longest key, in characters (contract).
const MAX_LENGTH: usize = 255;
/// A record this young may belong to a request that is still under way: send's time-out (template.yaml) and a margin for
/// clocks that differ.
const UNDER_WAY: Duration = Duration::from_secs(15);

/// Makes ids of messages from keys.
pub struct IdempotencyIds {
    /// Newest first; the older ones find what was sent before a rotation.
    keys: Vec<hmac::Key>,
}

/// A request that carries a key.
pub struct Idempotent {
    /// What the message's id may be, the one for a new message first.
    pub ids: Vec<[u8; 16]>,
    /// The hash of the request's body.
    pub body_hash: String,
}

/// What a standing record means for a request with its key.
#[derive(Debug)]
pub enum Standing {
    /// The answer is the first one's.
    Replay,
    /// The first request ended before the message was queued.
    EnqueueAgain,
}

impl IdempotencyIds {
    /// With the deployment's keys.
    pub fn new(keys: &MasterKeys) -> Self {
        let keys = keys.derive(Purpose::MessageId).into_iter();
        Self { keys: keys.map(|key| hmac::Key::new(hmac::HMAC_SHA256, &key.bytes)).collect() }
    }

    /// The request's key, if it has one.
    pub fn read(&self, headers: &HeaderMap, account: &AccountId, body: &[u8]) -> Result<Option<Idempotent>, ApiError> {
        let Some(value) = headers.get(HEADER) else {
            return Ok(None);
        };
        let wrong = || ApiError::invalid(HEADER, format!("must have 1 to {MAX_LENGTH} visible ASCII characters"));
        let key = value.to_str().map_err(|_| wrong())?.trim();
        if key.is_empty() || key.len() > MAX_LENGTH {
            return Err(wrong());
        }
        let name = format!("{account}\n{key}");
        let id = |secret: &hmac::Key| {
            let mut id = [0; 16];
            id.copy_from_slice(&hmac::sign(secret, name.as_bytes()).as_ref()[..16]);
            id
        };
        let hash = digest::digest(&digest::SHA256, body);
        let body_hash = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]);
        Ok(Some(Idempotent { ids: self.keys.iter().map(id).collect(), body_hash }))
    }
}

impl Idempotent {
    /// What to do about a record that stands under this key, read since `now`.
    pub fn standing(&self, message: &Message, now: Timestamp) -> Result<Standing, ApiError> {
        if message.body_hash.as_ref() != Some(&self.body_hash) {
            let text = "this Idempotency-Key was used for another request; use a new one";
            return Err(ApiError::field(ErrorCode::IdempotencyKeyReused, HEADER, text));
        }
        if message.status != State::Queued || message.attempt > 0 {
            return Ok(Standing::Replay);
        }
        if now < message.created_at.plus(UNDER_WAY) {
            let text = "the first request with this Idempotency-Key is still under way";
            let error = ApiError::field(ErrorCode::IdempotencyInProgress, HEADER, text);
            return Err(error.retry_after(Duration::from_secs(1)));
        }
        Ok(Standing::EnqueueAgain)
    }
}
