//! `GET /v1/messages`: the messages of an instance or of one conversation, newest first.

use serde_json::value::RawValue;
use shared::ids::{InstanceId, MessageId};
use shared::json_text::JsonText;
use shared::message::received::ReceivedFields;
use shared::message::{Content, Direction, History, Message, ObjectType, Page, Pricing, Quoted};

use super::conversation::{Selection, chat_id};
use crate::lookup;
use crate::pagination::{self, CursorPage};
use crate::prelude::*;

/// A message in a history.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessageResponse<'a> {
    message_id: &'a MessageId,
    /// WhatsApp's id of the message.
    provider_id: Option<&'a str>,
    direction: Direction,
    r#type: &'a str,
    /// The text, or a file's caption.
    #[serialize_always]
    content: Option<&'a str>,
    media_url: Option<&'a str>,
    /// The file, if it was sent by its id.
    media: Option<MediaReference<'a>>,
    filename: Option<&'a str>,
    template: Option<TemplateResponse<'a>>,
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
}

/// A file that was sent by its id.
#[derive(Serialize, ToSchema)]
struct MediaReference<'a> {
    id: &'a str,
}

/// The template of a message.
#[derive(Serialize, ToSchema)]
struct TemplateResponse<'a> {
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
    fn new(message: &'a Message, chat_id: String) -> Self {
        let (phone, outbound) = (message.contact.as_str(), message.direction == Direction::Outbound);
        let mut response = Self {
            message_id: &message.id,
            provider_id: message.provider_id.as_deref(),
            direction: message.direction,
            r#type: message.content.kind(),
            content: None,
            media_url: None,
            media: None,
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
            played_at: message.played_at.map(|time| time.to_string()),
            pricing: message.pricing.as_ref(),
        };
        match &message.content {
            Content::Text { body, .. } => response.content = Some(body),
            Content::Media { url, caption, filename, .. } => {
                response.content = caption.as_deref();
                response.media_url = Some(url);
                response.filename = filename.as_deref();
            }
            Content::Upload { media_id, caption, filename, .. } => {
                response.content = caption.as_deref();
                response.media = Some(MediaReference { id: media_id.as_str() });
                response.filename = filename.as_deref();
            }
            Content::Received { text, .. } => response.content = text.as_deref(),
            Content::Template { name, language, components } => {
                let components = components.as_ref().map(JsonText::json);
                response.template = Some(TemplateResponse { name, language, components });
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

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/messages", customer!(MessagesRead, list)),
    id: "listMessages",
    summary: "List messages, newest first",
    describe: |operation| {
        let row = json!({
            "messageId": "msg_xyz789", "direction": "outbound", "type": "text", "content": "Hello",
            "to": "5511999999999", "chatId": "chat_5511999999999", "timestamp": "2026-02-03T12:00:00.000Z",
            "status": "read",
        });
        let text = || json!({ "type": "string" });
        let operation = operation
            .description(
                "The messages of an instance, or of one of its conversations by `phone`, `userId` or `chatId`. A person's messages \
                under all phone numbers and user ids are one conversation.",
            )
            .query("instanceId", true, text(), "The instance")
            .query("phone", false, text(), "Only messages with the person who has this number")
            .query("userId", false, text(), "Only messages with the person who has this user id of WhatsApp's")
            .query("chatId", false, text(), "Only messages of this conversation")
            .query("before", false, text(), "Only messages older than this one")
            .query("after", false, text(), "Only messages newer than this one");
        pagination::describe_cursor_page::<MessageResponse<'_>>(operation, row)
            .errors(&[ErrorCode::InvalidRequest, ErrorCode::InstanceNotFound])
    },
};

async fn list(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let instance = lookup::instance_in_query(state, caller, request).await?.id;
    let selection = Selection::of(state, &instance, request).await?;
    let conversations = selection.conversations(&instance);
    let history = conversations.as_deref().map_or(History::Instance(&instance), History::Conversations);
    let limit = pagination::limit(request)?;
    let (before, after) = (request.query("before"), request.query("after"));
    if before.is_some() && after.is_some() {
        return Err(ApiError::invalid("after", "`after` cannot be combined with `before`."));
    }
    let before = cursor(state, &instance, "before", before).await?;
    let after = cursor(state, &instance, "after", after).await?;
    let page = match (&before, &after) {
        (Some(message), _) => Page::Before(message),
        (None, Some(message)) => Page::After(message),
        (None, None) => Page::Newest,
    };
    let (messages, has_more) = state.messages.history(&history, &page, limit).await.map_err(unavailable)?;
    let chats = selection.chats(state, &instance, &messages).await?;
    let mut rows = Vec::with_capacity(messages.len());
    for message in &messages {
        let row = MessageResponse::new(message, chat_id(message, &chats));
        rows.push(serde_json::value::to_raw_value(&row).map_err(ApiError::internal)?);
    }
    // The next page is in the requested direction: newer messages with `after`, older ones otherwise.
    let kept = match after {
        Some(_) => rows.len() - pagination::fitting(rows.iter().rev())..rows.len(),
        None => 0..pagination::fitting(rows.iter()),
    };
    let has_more = has_more || kept.len() < rows.len();
    let last = if after.is_some() { messages.get(kept.start) } else { messages[kept.clone()].last() };
    let next_cursor = last.filter(|_| has_more).map(|message| message.id.to_string());
    ApiResponse::page(&rows[kept], CursorPage { has_more, next_cursor })
}

/// The message at which a page begins: one of the instance.
async fn cursor(
    state: &AppState,
    instance: &InstanceId,
    field: &str,
    id: Option<&str>,
) -> Result<Option<Message>, ApiError> {
    let Some(id) = id else { return Ok(None) };
    let unknown =
        || ApiError::invalid(field, format!("`{field}` must be the `messageId` of a message of this instance."));
    let id: MessageId = id.parse().map_err(|_| unknown())?;
    let found = state.messages.get(&id).await.map_err(unavailable)?;
    found.filter(|message| message.instance_id == *instance).map(Some).ok_or_else(unknown)
}
