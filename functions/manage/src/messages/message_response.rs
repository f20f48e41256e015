//! A message as customers see it, in lists and alone.

use std::borrow::Cow;

use serde_json::value::RawValue;
use shared::clock::Timestamp;
use shared::ids::{InstanceId, MessageId};
use shared::json_text::JsonText;
use shared::message::received::ReceivedFields;
use shared::message::received_file::{MessageFile, shown};
use shared::message::{Content, Direction, Failure, Message, ObjectType, Pricing, Quoted};

use crate::prelude::*;

/// A message, sent or received.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageResponse<'a> {
    message_id: &'a MessageId,
    /// WhatsApp's id of the message.
    provider_id: Option<&'a str>,
    instance_id: &'a InstanceId,
    direction: Direction,
    r#type: &'a str,
    /// The text, or a file's caption.
    #[serialize_always]
    content: Option<&'a str>,
    media_url: Option<&'a str>,
    /// The file that was sent by its id, or that was received.
    media: Option<MessageFile<'a>>,
    caption: Option<&'a str>,
    /// The name of a document.
    filename: Option<Cow<'a, str>>,
    template: Option<SentTemplate<'a>>,
    /// WhatsApp's own object, as it was sent.
    #[schema(value_type = Option<serde_json::Value>)]
    interactive: Option<&'a RawValue>,
    /// WhatsApp's own object, as it was sent.
    #[schema(value_type = Option<serde_json::Value>)]
    location: Option<&'a RawValue>,
    /// WhatsApp's own list, as it was sent.
    #[schema(value_type = Option<Vec<serde_json::Value>>)]
    contacts: Option<&'a RawValue>,
    reaction: Option<ReactionResponse<'a>>,
    /// WhatsApp's own object of a received message that is not text.
    #[schema(value_type = Option<serde_json::Value>)]
    details: Option<&'a RawValue>,
    /// The path of that object, if it is too large for a list.
    details_url: Option<String>,
    from: Option<&'a str>,
    to: Option<&'a str>,
    chat_id: String,
    /// The sender's profile name.
    contact_name: Option<&'a str>,
    #[serde(flatten)]
    received: ReceivedFields<'a>,
    timestamp: String,
    /// Sorts the messages of an instance as this list does.
    sequence: &'a str,
    status: &'static str,
    /// When a voice message was first played.
    played_at: Option<String>,
    /// What the message costs at WhatsApp, once WhatsApp has said it.
    pricing: Option<&'a Pricing>,
    /// What a message that was sent replies to.
    #[serde(rename = "context")]
    replies_to: Option<RepliesTo<'a>>,
    /// The customer's own object.
    #[schema(value_type = Option<serde_json::Value>)]
    metadata: Option<&'a RawValue>,
    /// The customer's own number of it.
    reference: Option<&'a str>,
    /// Why it failed.
    error: Option<&'a Failure>,
    /// How long it may wait to be sent, in seconds.
    expires_in: Option<u64>,
    sent_at: Option<String>,
    delivered_at: Option<String>,
    read_at: Option<String>,
    failed_at: Option<String>,
}

/// The message that a message replies to, by the id that was given.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RepliesTo<'a> {
    message_id: Option<&'a str>,
    provider_id: Option<&'a str>,
}

/// The template of a message.
#[derive(Serialize, ToSchema)]
struct SentTemplate<'a> {
    name: &'a str,
    language: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<serde_json::Value>>)]
    components: Option<&'a RawValue>,
}

/// A reaction that was sent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReactionResponse<'a> {
    /// The message that it is on, by the id that was given.
    #[schema(required)]
    message_id: Option<&'a str>,
    /// Empty if it removes the reaction.
    emoji: &'a str,
}

impl<'a> MessageResponse<'a> {
    /// A message of the conversation `chat_id`.
    pub fn new(message: &'a Message, chat_id: String) -> Self {
        let (phone, outbound) = (message.contact.as_str(), message.direction == Direction::Outbound);
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let is_reaction = message.content.is_reaction();
        let is_failed = message.status.public_status() == "failed";
        let mut response = Self {
            message_id: &message.id,
            provider_id: message.provider_id.as_deref(),
            instance_id: &message.instance_id,
            direction: message.direction,
            r#type: message.content.kind(),
            content: None,
            media_url: None,
            media: None,
            caption: None,
            filename: None,
            template: None,
            interactive: None,
            location: None,
            contacts: None,
            reaction: None,
            details: message.content.details(),
            details_url: message.details_path(),
            from: (!outbound).then_some(phone),
            to: outbound.then_some(phone),
            chat_id,
            contact_name: message.contact_name.as_deref(),
            received: if outbound {
                ReceivedFields::default()
            } else {
                ReceivedFields::of(message.received.as_deref())
            },
            sequence: &message.history_key,
            timestamp: message.created_at.to_string(),
            status: message.status.public_status(),
            played_at: time(message.played_at),
            pricing: message.pricing.as_ref(),
            replies_to: message.quoted.as_ref().filter(|_| outbound && !is_reaction).map(RepliesTo::new),
            metadata: message.metadata.as_ref().map(JsonText::json),
            reference: message.reference(),
            error: message.error.as_ref().filter(|_| is_failed),
            expires_in: outbound.then(|| message.created_at.until(message.deadline).as_secs()),
            sent_at: time(message.sent_at),
            delivered_at: time(message.delivered_at),
            read_at: time(message.read_at),
            failed_at: time(message.failed_at.filter(|_| is_failed)),
        };
        match &message.content {
            Content::Text { body, .. } => response.content = Some(body),
            Content::Media { url, caption, filename, .. } => {
                (response.content, response.caption) = (caption.as_deref(), caption.as_deref());
                response.media_url = Some(url);
                response.filename = filename.as_deref().map(Cow::from);
            }
            Content::Upload { media_id, caption, filename, .. } => {
                (response.content, response.caption) = (caption.as_deref(), caption.as_deref());
                response.media = Some(MessageFile::uploaded(media_id.as_str()));
                response.filename = filename.as_deref().map(Cow::from);
            }
            Content::Received { text, .. } => {
                response.content = text.as_deref();
                if let Some(mut file) = message.received_file() {
                    response.caption = text.as_deref();
                    response.filename = file.filename.take().and_then(shown).map(Cow::from);
                    response.media = Some(MessageFile::received(file, message));
                }
            }
            Content::Template { name, language, components } => {
                let components = components.as_ref().map(JsonText::json);
                response.template = Some(SentTemplate { name, language, components });
            }
            Content::Object { object_type, object } => {
                let field = match object_type {
                    ObjectType::Interactive => &mut response.interactive,
                    ObjectType::Location => &mut response.location,
                    ObjectType::Contacts => &mut response.contacts,
                };
                *field = Some(object.json());
            }
            Content::Reaction { emoji } => {
                let message_id = message.quoted.as_ref().map(Quoted::as_str);
                response.reaction = Some(ReactionResponse { message_id, emoji });
            }
        }
        response
    }
}

impl MessageResponse<'_> {
    /// An example for the OpenAPI document.
    pub fn example() -> Value {
        json!({
            "messageId": "msg_xyz789", "instanceId": "inst_abc123", "direction": "outbound", "type": "text",
            "content": "Hello", "to": "5511999999999", "chatId": "chat_5511999999999",
            "timestamp": "2026-02-03T12:00:00.000Z", "status": "read", "expiresIn": 86_400,
            "sentAt": "2026-02-03T12:00:01.000Z", "deliveredAt": "2026-02-03T12:00:02.000Z",
            "readAt": "2026-02-03T12:03:00.000Z",
        })
    }
}

impl<'a> RepliesTo<'a> {
    fn new(quoted: &'a Quoted) -> Self {
        match quoted {
            Quoted::Message(id) => Self { message_id: Some(id.as_str()), provider_id: None },
            Quoted::Provider(id) => Self { message_id: None, provider_id: Some(id) },
        }
    }
}
