//! WhatsApp's ids of messages.

use uuid::Uuid;

/// A new id, as long as WhatsApp's, which encode a phone number and 16 bytes: what stores or sends it costs what it would.
pub fn generate() -> String {
    format!("wamid.HBgNNTUxMTk5OTk5OTk5ORUCABEY{}", Uuid::new_v4().simple())
}
