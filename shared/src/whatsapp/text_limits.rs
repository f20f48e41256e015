//! The most characters of the texts of a message (contract, and WhatsApp's own limits).

/// Of a text message.
pub const MAX_TEXT: usize = 4096;
/// Of a file's caption.
pub const MAX_CAPTION: usize = 1024;
