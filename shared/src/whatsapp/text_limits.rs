//! The most characters of texts (contract, and WhatsApp's own limits).

/// Of a text message.
pub const MAX_TEXT: usize = 4096;
/// Of a file's caption.
pub const MAX_CAPTION: usize = 1024;
/// Of a received text: people's apps send at most this many. Escaped twice, as in a queue message with an event, a character
/// has at most 7 bytes, so that an event fits into one of SQS's (1 MiB).
pub(super) const MAX_RECEIVED_TEXT: usize = 65_536;
/// Of the profile name of a sender; WhatsApp's apps accept 25.
pub(super) const MAX_PROFILE_NAME: usize = 100;
/// Of a username; WhatsApp's have 35 (whatsapp-cloud-api-2026, section 1).
pub(super) const MAX_USERNAME: usize = 100;
/// Of the explanation of an error.
pub(super) const MAX_EXPLANATION: usize = 1024;
