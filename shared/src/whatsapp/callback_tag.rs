//! The signed tag that is sent with a message (`biz_opaque_callback_data`) and comes back in every callback about it:
//! `<key id>.<message id>.<attempt>.<MAC>`. Only a callback with a tag of ours may change a record.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ids::MessageId;
use crate::security::{KeyRing, MasterKeys, Purpose};

/// Bytes of a tag's MAC: 128 bits cannot be guessed, and WhatsApp accepts 512 characters in all.
const MAC_LENGTH: usize = 16;
/// Characters of a key's id.
const KEY_ID_LENGTH: usize = 8;

/// Signs and verifies tags.
pub struct CallbackTagger(KeyRing<hmac::Key>);

/// The content of a valid tag.
#[derive(Debug, Eq, PartialEq)]
pub struct CallbackTag {
    /// The message that was sent.
    pub message: MessageId,
    /// Which attempt at it this was; the first is 1.
    pub attempt: u32,
}

/// A text that is no valid tag.
#[derive(Debug, Eq, PartialEq)]
pub enum TagError {
    /// It has the form of a tag and names a key that this process does not have: one that it has not read yet, or one that is
    /// gone. Whether it is one of ours is not known.
    UnknownKey(CallbackTag),
    /// It is not ours.
    Foreign,
}

impl CallbackTagger {
    /// A tagger with the keys of the secret `CallbackKeys`. `earlier` are the master keys with which earlier versions signed.
    pub fn new(keys: &MasterKeys, earlier: Option<&MasterKeys>) -> Self {
        let hmac_key = |key: [u8; 32]| hmac::Key::new(hmac::HMAC_SHA256, &key);
        let mut ring = keys.ring(Purpose::Tag, hmac_key);
        if let Some(earlier) = earlier {
            ring.add_earlier(earlier.ring(Purpose::Tag, hmac_key));
        }
        Self(ring)
    }

    /// The tag's text for an attempt at a message.
    pub fn write(&self, tag: &CallbackTag) -> String {
        let (id, key) = self.0.signing();
        let content = format!("{id}.{}.{}", tag.message, tag.attempt);
        let mac = hmac::sign(key, content.as_bytes());
        format!("{content}.{}", URL_SAFE_NO_PAD.encode(&mac.as_ref()[..MAC_LENGTH]))
    }

    /// Reads a tag that one of our keys signed.
    pub fn read(&self, text: &str) -> Result<CallbackTag, TagError> {
        let Some((id, content, mac, tag)) = parts(text) else { return Err(TagError::Foreign) };
        let Some(key) = self.0.get(id) else { return Err(TagError::UnknownKey(tag)) };
        let expected = hmac::sign(key, content.as_bytes());
        match constant_time::verify_slices_are_equal(&expected.as_ref()[..MAC_LENGTH], &mac) {
            Ok(()) => Ok(tag),
            Err(_) => Err(TagError::Foreign),
        }
    }
}

/// The key's id, the content, its MAC and its meaning, if a text has the form of a tag.
fn parts(text: &str) -> Option<(&str, &str, Vec<u8>, CallbackTag)> {
    let (content, mac) = text.rsplit_once('.')?;
    let mut parts = content.split('.');
    let (id, message, attempt) = (parts.next()?, parts.next()?, parts.next()?);
    let is_id = id.len() == KEY_ID_LENGTH && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let mac = URL_SAFE_NO_PAD.decode(mac).ok().filter(|mac| is_id && mac.len() == MAC_LENGTH)?;
    Some((id, content, mac, CallbackTag { message: message.parse().ok()?, attempt: attempt.parse().ok()? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> MasterKeys {
        MasterKeys::parse(&text.into()).expect("long enough")
    }

    fn tagger(text: &str) -> CallbackTagger {
        CallbackTagger::new(&keys(text), None)
    }

    fn example() -> CallbackTag {
        CallbackTag { message: MessageId::generate(), attempt: 3 }
    }

    #[test]
    fn a_tag_is_read_back_also_after_its_key_was_rotated() {
        let (old, new) = ("a".repeat(32), "b".repeat(32));
        let text = tagger(&old).write(&example());
        assert!(tagger(&format!("{new},{old}")).read(&text).is_ok_and(|tag| tag.attempt == 3));
        let upgraded = CallbackTagger::new(&keys(&new), Some(&keys(&old)));
        assert!(upgraded.read(&text).is_ok() && tagger(&new).read(&upgraded.write(&example())).is_ok());
        assert!(matches!(tagger(&new).read(&text), Err(TagError::UnknownKey(tag)) if tag.attempt == 3));
    }

    #[test]
    fn a_text_of_another_system_is_no_tag_with_an_unknown_key() {
        let text = tagger(&"a".repeat(32)).write(&example());
        let other = tagger(&"b".repeat(32));
        let (id, rest) = text.split_once('.').expect("a tag");
        for foreign in
            ["order.12", &text[..text.len() - 2], &format!("{}.{rest}", &id[1..]), &format!("order-12.{rest}")]
        {
            assert_eq!(other.read(foreign), Err(TagError::Foreign), "{foreign}");
        }
    }

    #[test]
    fn a_tag_with_any_character_changed_is_not_ours() {
        let tagger = tagger(&"a".repeat(32));
        let text = tagger.write(&example());
        assert!(text.len() <= 512);
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(changed).expect("still ASCII");
            // The last character carries two bits that base64 does not use, so another text may mean the same MAC.
            assert!(at == text.len() - 1 || tagger.read(&changed).is_err(), "{changed} was accepted");
        }
        for text in ["", ".", "a.b.c.d", &format!("{text}.1"), &text[..text.len() - 1]] {
            assert!(tagger.read(text).is_err(), "{text:?} was accepted");
        }
    }
}
