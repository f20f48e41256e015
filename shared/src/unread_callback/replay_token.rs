//! The proof that a request to the callback URL is a replay that `manage` asks for, not a stranger's.

use aws_lc_rs::{constant_time, hmac};

use crate::ids::CallbackId;
use crate::security::{KeyRing, MasterKeys, Purpose};

/// The header of a replay: it holds the token. The body is the id of the callback.
pub const REPLAY_HEADER: &str = "x-pombo-replay";

/// Makes and checks the tokens of replays. A token allows only what may be done any number of times: reading a kept callback
/// again.
pub struct ReplayTokens(KeyRing<hmac::Key>);

impl ReplayTokens {
    /// Tokens with the keys of the secret `CallbackKeys`.
    pub fn new(keys: &MasterKeys) -> Self {
        Self(keys.ring(Purpose::CallbackReplay, |key| hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// The token for a callback.
    pub fn sign(&self, id: &CallbackId) -> String {
        hex::encode(hmac::sign(&self.0.signing().1, id.as_str().as_bytes()))
    }

    /// Whether a token is one for this callback.
    pub fn verifies(&self, token: &str, id: &CallbackId) -> bool {
        let Ok(token) = hex::decode(token) else { return false };
        self.0.all().any(|key| {
            let expected = hmac::sign(key, id.as_str().as_bytes());
            constant_time::verify_slices_are_equal(expected.as_ref(), &token).is_ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(keys: &str) -> ReplayTokens {
        ReplayTokens::new(&MasterKeys::parse(&keys.into()).expect("long enough"))
    }

    #[test]
    fn a_token_is_for_one_callback_also_after_its_key_was_rotated() {
        let (old, new) = ("a".repeat(32), "b".repeat(32));
        let id = CallbackId::generate();
        let token = tokens(&old).sign(&id);
        assert!(tokens(&format!("{new},{old}")).verifies(&token, &id));
        assert!(!tokens(&new).verifies(&token, &id) && !tokens(&old).verifies(&token, &CallbackId::generate()));
        assert!(!tokens(&old).verifies("", &id) && !tokens(&old).verifies("zz", &id));
    }
}
