//! A message as customers see it, in lists and alone.

use std::borrow::Cow;

use serde_json::value::RawValue;
use shared::clock::{self, Timestamp};
use shared::ids::{BatchId, InstanceId, MessageId};
use shared::json_text::JsonText;
use shared::message::received::ReceivedFields;
use shared::message::received_file::{MessageFile, shown};
use shared::message::{Content, Direction, Failure, Message, MessageStatus, ObjectType, Pricing, Quoted};
use shared::whatsapp::message_types::{ContactCard, Interactive, Location, TemplateComponent};

use crate::prelude::*;

/// A message, sent or received.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageResponse<'a> {
    /// The id of the message.
    message_id: &'a MessageId,
    /// WhatsApp's id of the message, `wamid.…`, once WhatsApp has accepted it.
    provider_id: Option<&'a str>,
    /// The instance that sent or received it.
    instance_id: &'a InstanceId,
    /// `outbound` if it was sent through the API, `inbound` if it was received.
    direction: Direction,
    /// Its type: `text`, `image`, `video`, `audio`, `voice`, `document`, `sticker`, `template`, `interactive`,
    /// `location`, `contacts` or `reaction`; of a received message also any other type of WhatsApp's, such as `button`,
    /// `order` or `unsupported`.
    r#type: &'a str,
    /// The text, or a file's caption.
    #[serialize_always]
    content: Option<&'a str>,
    /// The URL of the file, if it was sent by its URL.
    media_url: Option<&'a str>,
    /// The file that was sent by its id, or that was received.
    media: Option<MessageFile<'a>>,
    /// The text below the file.
    caption: Option<&'a str>,
    /// The name of the document.
    filename: Option<Cow<'a, str>>,
    /// The template, as it was sent.
    template: Option<SentTemplate<'a>>,
    /// The interactive message, as it was sent.
    #[schema(value_type = Option<Interactive>)]
    interactive: Option<&'a RawValue>,
    /// The place, as it was sent.
    #[schema(value_type = Option<Location>)]
    location: Option<&'a RawValue>,
    /// The cards, as they were sent.
    #[schema(value_type = Option<Vec<ContactCard>>)]
    contacts: Option<&'a RawValue>,
    /// The reaction, as it was sent.
    reaction: Option<ReactionResponse<'a>>,
    /// WhatsApp's own object of a received message that is not text.
    #[schema(value_type = Option<HashMap<String, Value>>)]
    details: Option<&'a RawValue>,
    /// The path of that object, if it is too large for a list: `GET /v1/messages/{messageId}/details`.
    details_url: Option<String>,
    /// The sender of a received message: a phone number, or a user id if WhatsApp shows no number.
    from: Option<&'a str>,
    /// The recipient of a sent message, as it was given.
    to: Option<&'a str>,
    /// The conversation: `GET /v1/chats/{chatId}`.
    chat_id: String,
    /// The sender's profile name.
    contact_name: Option<&'a str>,
    #[serde(flatten)]
    received: ReceivedFields<'a>,
    /// When it was accepted or received.
    #[schema(format = DateTime)]
    timestamp: String,
    /// Sorts the messages of an instance as this list does.
    sequence: &'a str,
    /// How far it has come; never back. A received message is `delivered`.
    #[schema(value_type = MessageStatus)]
    status: &'static str,
    /// When a voice message was first played.
    #[schema(format = DateTime)]
    played_at: Option<String>,
    /// What the message costs at WhatsApp, once WhatsApp has said it.
    pricing: Option<&'a Pricing>,
    /// What a message that was sent replies to.
    #[serde(rename = "context")]
    replies_to: Option<RepliesTo<'a>>,
    /// Your own object, as it was sent.
    #[schema(value_type = Option<HashMap<String, Value>>)]
    metadata: Option<&'a RawValue>,
    /// Your own number of the message, as it was sent.
    reference: Option<&'a str>,
    /// Why it failed.
    error: Option<&'a Failure>,
    /// How long it may wait to be sent, in seconds.
    expires_in: Option<u64>,
    /// When it is to be sent, if that was in the future.
    #[schema(format = DateTime)]
    send_at: Option<String>,
    /// The batch that it was sent in.
    batch_id: Option<&'a BatchId>,
    /// When WhatsApp accepted it.
    #[schema(format = DateTime)]
    sent_at: Option<String>,
    /// When it was delivered to the recipient's phone.
    #[schema(format = DateTime)]
    delivered_at: Option<String>,
    /// When the recipient opened it.
    #[schema(format = DateTime)]
    read_at: Option<String>,
    /// When it failed.
    #[schema(format = DateTime)]
    failed_at: Option<String>,
}

/// The message that a message replies to, by the id that was given.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RepliesTo<'a> {
    /// The `messageId` that was given.
    message_id: Option<&'a str>,
    /// WhatsApp's id that was given.
    provider_id: Option<&'a str>,
}

/// The template of a message.
#[derive(Serialize, ToSchema)]
struct SentTemplate<'a> {
    /// Its name.
    name: &'a str,
    /// Its language, such as `pt_BR`.
    language: &'a str,
    /// The values of its parameters, in WhatsApp's own form.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<TemplateComponent>>)]
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
        let is_failed = message.public_status(clock::now()) == "failed";
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
                ReceivedFields::new(message.received.as_deref())
            },
            sequence: &message.history_key,
            timestamp: message.created_at.to_string(),
            status: message.public_status(clock::now()),
            played_at: time(message.played_at),
            pricing: message.pricing.as_ref(),
            replies_to: message.quoted.as_ref().filter(|_| outbound && !is_reaction).map(RepliesTo::new),
            metadata: message.metadata.as_ref().map(JsonText::json),
            reference: message.reference(),
            error: message.error.as_ref().filter(|_| is_failed),
            expires_in: outbound
                .then(|| message.send_at.unwrap_or(message.created_at).until(message.deadline).as_secs()),
            send_at: time(message.send_at),
            batch_id: message.batch_row.as_ref().map(|row| &row.batch),
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
            Content::Upload { media_id, caption, filename, file, .. } => {
                (response.content, response.caption) = (caption.as_deref(), caption.as_deref());
                response.media = Some(MessageFile::uploaded(media_id.as_str(), file.as_ref()));
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
            "timestamp": "2026-02-03T12:00:00.000Z", "sequence": "1770120000000#msg_xyz789", "status": "read",
            "expiresIn": 86_400,
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
