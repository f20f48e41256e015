//! Conversations: when the other person last wrote, until when WhatsApp's 24-hour window is open, and who opted out.

mod chat_response;
pub mod get;
pub mod list;
