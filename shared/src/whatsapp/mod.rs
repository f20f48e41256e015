//! Everything that is known of WhatsApp's Cloud API: client, request bodies, responses, error codes, callbacks, signatures,
//! and the limits of texts and files.
//!
//! No other module names an error code, a limit or a field of WhatsApp's.

pub mod account_notice;
pub mod account_update;
pub mod callback;
mod callback_change;
mod callback_contacts;
#[cfg(test)]
mod callback_kept;
#[cfg(test)]
mod callback_properties;
mod callback_size;
pub mod callback_status;
pub mod callback_tag;
pub mod client;
pub mod error_codes;
mod event_time;
pub mod graph_error;
mod json_members;
mod lone_surrogates;
pub mod management;
pub mod media;
pub mod media_limits;
pub mod message_body;
pub mod message_types;
pub mod number_notice;
pub mod pause_reason;
pub mod preference;
pub(crate) mod raw_json;
mod read_receipt;
pub mod received_call;
pub mod received_content;
pub mod received_message;
mod requested_wait;
pub mod response;
mod retry_policy;
mod sender_aliases;
pub mod signature;
pub mod template_notice;
pub mod templates;
mod text_limits;
mod unknown_form;
pub mod unread_pack;
pub mod unread_update;
mod update_frame;
pub mod upload_types;
pub mod user_id_change;

pub use account_notice::{AccountEffect, AccountNotice};
pub use account_update::{AccountUpdate, Notice};
pub use callback::Callback;
pub use callback_change::{CallbackIds, number_ids};
pub use callback_size::CallbackWeight;
pub use callback_status::{CallbackStatus, ReportedStatus, StatusUpdate};
pub use callback_tag::{CallbackTag, CallbackTagger, TagError};
pub use client::WhatsAppClient;
pub use error_codes::{ErrorMeaning, ErrorScope, POLICY_PAUSE, Reaction};
pub use event_time::event_time;
pub use graph_error::GraphError;
pub use management::{APP_SHARED_RATE, HIGH_RATE, ManagementError, NumberLimits, NumberProfile, STANDARD_RATE};
pub use media_limits::{MediaLimits, NameMatch};
pub use number_notice::NumberNotice;
pub use pause_reason::PauseReason;
pub use preference::Preference;
pub use received_call::ReceivedCall;
pub use received_message::ReceivedMessage;
pub use response::Outcome;
pub use retry_policy::Backoff;
pub use signature::{AppSecret, CallbackSignature, WhatsAppApp};
pub use template_notice::TemplateNotice;
pub use text_limits::{MAX_CAPTION, MAX_TEXT};
pub use unread_pack::UnreadPack;
pub use unread_update::{UnreadReason, UnreadUpdate};
pub use upload_types::UploadType;
pub use user_id_change::UserIdChange;
