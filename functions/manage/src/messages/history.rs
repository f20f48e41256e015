//! `GET /v1/messages`: the messages of an instance or of one conversation, newest first.

use lambda_http::Request;
use serde::Serialize;
use serde_json::value::RawValue;
use shared::api_error::ApiError;
use shared::authentication::Caller;
use shared::content::Content;
use shared::ids::{InstanceId, MessageId};
use shared::message::{CHAT_ID, Direction, Message, chat_id};
use shared::message_history::{History, Part};
use shared::phone_number::PhoneNumber;
use utoipa::ToSchema;

use crate::answer::{Answer, CursorPage, unavailable};
use crate::router::Manager;
use crate::{instances, query};

/// A message as a history shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Message)]
pub struct Row {
    message_id: MessageId,
    direction: Direction,
    r#type: String,
    /// The text, or a file's caption.
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<Template>,
    /// WhatsApp's own object, of what came in and is not text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    details: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    chat_id: String,
    timestamp: String,
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SentTemplate)]
struct Template {
    name: String,
    language: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<serde_json::Value>>)]
    components: Option<Box<RawValue>>,
}

/// A page of a history.
pub async fn list(manager: &Manager, caller: &Caller, request: &Request) -> Result<Answer, ApiError> {
    let missing = || ApiError::invalid("instanceId", "is missing: the instance whose messages are asked for");
    let instance = query::text(request, "instanceId").ok_or_else(missing)?;
    let instance = instances::own(manager, caller, &instance).await?.id;
    let phone = other_party(request)?;
    let history = match &phone {
        Some(phone) => History::Chat(&instance, phone),
        None => History::Instance(&instance),
    };
    let limit = query::limit(request)?;
    let (before, after) = (query::text(request, "before"), query::text(request, "after"));
    let cursor = match (before.as_deref(), after.as_deref()) {
        (Some(_), Some(_)) => return Err(ApiError::invalid("after", "does not go with `before`")),
        (Some(id), None) => Some(("before", cursor(manager, &instance, "before", id).await?)),
        (None, Some(id)) => Some(("after", cursor(manager, &instance, "after", id).await?)),
        (None, None) => None,
    };
    let part = match &cursor {
        None => Part::Newest,
        Some(("before", message)) => Part::Before(message),
        Some((_, message)) => Part::After(message),
    };
    let page = manager.books.messages.history(&history, &part, limit).await;
    let (messages, has_more) = page.map_err(unavailable)?;
    // The next page lies in the direction that was asked for: towards older messages, or newer ones after `after`.
    let last = if matches!(part, Part::After(_)) { messages.first() } else { messages.last() };
    let next_cursor = last.filter(|_| has_more).map(|message| message.id.to_string());
    let rows: Vec<Row> = messages.into_iter().map(Row::of).collect();
    Answer::page(&rows, CursorPage { has_more, next_cursor })
}

/// `phone`, or `chatId`, which says the same.
fn other_party(request: &Request) -> Result<Option<PhoneNumber>, ApiError> {
    let of_chat = |chat: String| {
        let phone = chat.strip_prefix(CHAT_ID).and_then(|phone| phone.parse().ok());
        phone.ok_or_else(|| ApiError::invalid("chatId", "must be the chatId of a message"))
    };
    match (query::text(request, "phone"), query::text(request, "chatId")) {
        (Some(_), Some(_)) => {
            Err(ApiError::invalid("chatId", "does not go with `phone`: either says which conversation"))
        }
        (Some(phone), None) => phone
            .parse()
            .map(Some)
            .map_err(|error: shared::phone_number::InvalidPhoneNumber| ApiError::invalid("phone", error.to_string())),
        (None, chat) => chat.map(of_chat).transpose(),
    }
}

/// The message that a page begins at: one of this instance, whose account the caller's is.
async fn cursor(manager: &Manager, instance: &InstanceId, field: &str, id: &str) -> Result<Message, ApiError> {
    let unknown = || ApiError::invalid(field, "must be the messageId of a message of this instance");
    let id: MessageId = id.parse().map_err(|_| unknown())?;
    let found = manager.books.messages.get(&id).await.map_err(unavailable)?;
    found.filter(|message| message.instance_id == *instance).ok_or_else(unknown)
}

impl Row {
    fn of(message: Message) -> Self {
        let phone = message.phone.digits().to_owned();
        let outbound = message.direction == Direction::Outbound;
        let mut row = Self {
            direction: message.direction,
            r#type: message.content.kind().to_owned(),
            content: None,
            media_url: None,
            filename: None,
            template: None,
            details: None,
            from: (!outbound).then(|| phone.clone()),
            to: outbound.then(|| phone.clone()),
            chat_id: chat_id(&message.phone),
            timestamp: message.created_at.to_string(),
            status: message.status.shown(),
            message_id: message.id,
        };
        match message.content {
            Content::Text { body } => row.content = Some(body),
            Content::Media { url, caption, filename, .. } => {
                (row.content, row.media_url, row.filename) = (caption, Some(url), filename);
            }
            Content::Received { text, details, .. } => {
                (row.content, row.details) = (text, RawValue::from_string(details).ok());
            }
            Content::Template { name, language, components } => {
                let components = components.and_then(|text| RawValue::from_string(text).ok());
                row.template = Some(Template { name, language, components });
            }
        }
        row
    }
}
