//! The signed tag that is sent with a message (`biz_opaque_callback_data`) and comes back in every callback about it:
//! `<key id>.<message id>.<attempt>.<MAC>`. Only a callback with a tag of ours may change a record.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ids::MessageId;
use crate::security::{MasterKeys, Purpose};

/// Bytes of a tag's MAC: 128 bits cannot be guessed, and WhatsApp accepts 512 characters in all.
const MAC_LENGTH: usize = 16;

/// Signs and verifies tags.
pub struct CallbackTagger {
    /// Newest first: the first signs, all of them verify.
    keys: Vec<(String, hmac::Key)>,
}

/// The content of a valid tag.
#[derive(Debug, Eq, PartialEq)]
pub struct CallbackTag {
    /// The message that was sent.
    pub message: MessageId,
    /// Which attempt at it this was; the first is 1.
    pub attempt: u32,
}

impl CallbackTagger {
    /// A tagger with the deployment's keys.
    pub fn new(keys: &MasterKeys) -> Self {
        let keys = keys.derive(Purpose::Tag).into_iter();
        Self { keys: keys.map(|(id, key)| (id, hmac::Key::new(hmac::HMAC_SHA256, &key))).collect() }
    }

    /// The tag's text for an attempt at a message.
    pub fn write(&self, tag: &CallbackTag) -> String {
        let (id, key) = &self.keys[0];
        let content = format!("{id}.{}.{}", tag.message, tag.attempt);
        let mac = hmac::sign(key, content.as_bytes());
        format!("{content}.{}", URL_SAFE_NO_PAD.encode(&mac.as_ref()[..MAC_LENGTH]))
    }

    /// Reads a tag, if one of our keys signed it.
    pub fn read(&self, text: &str) -> Option<CallbackTag> {
        let (content, mac) = text.rsplit_once('.')?;
        let mut parts = content.split('.');
        let (id, message, attempt) = (parts.next()?, parts.next()?, parts.next()?);
        let (_, key) = self.keys.iter().find(|(key_id, _)| key_id == id)?;
        let expected = hmac::sign(key, content.as_bytes());
        let given = URL_SAFE_NO_PAD.decode(mac).ok()?;
        constant_time::verify_slices_are_equal(&expected.as_ref()[..MAC_LENGTH], &given).ok()?;
        Some(CallbackTag { message: message.parse().ok()?, attempt: attempt.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> MasterKeys {
        MasterKeys::parse(&text.into()).expect("long enough")
    }

    fn example() -> CallbackTag {
        CallbackTag { message: MessageId::generate(), attempt: 3 }
    }

    #[test]
    fn a_tag_is_read_back_also_after_its_key_was_rotated() {
        let (old, new) = ("a".repeat(32), "b".repeat(32));
        let text = CallbackTagger::new(&keys(&old)).write(&example());
        assert!(CallbackTagger::new(&keys(&format!("{new},{old}"))).read(&text).is_some_and(|tag| tag.attempt == 3));
        assert!(CallbackTagger::new(&keys(&new)).read(&text).is_none());
    }

    #[test]
    fn a_tag_with_any_character_changed_is_not_ours() {
        let tagger = CallbackTagger::new(&keys(&"a".repeat(32)));
        let text = tagger.write(&example());
        assert!(text.len() <= 512);
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(changed).expect("still ASCII");
            // The last character carries two bits that base64 does not use, so another text may mean the same MAC.
            assert!(at == text.len() - 1 || tagger.read(&changed).is_none(), "{changed} was accepted");
        }
        for text in ["", ".", "a.b.c.d", &format!("{text}.1"), &text[..text.len() - 1]] {
            assert!(tagger.read(text).is_none(), "{text:?} was accepted");
        }
    }
}
