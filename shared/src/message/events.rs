//! The events that a change of a message's record publishes.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::event::Event;
use crate::http::EventDescription;
use crate::json_text::JsonText;
use crate::message::content::Content;
use crate::message::failure::Failure;
use crate::message::pricing::Pricing;
use crate::message::received::ReceivedFields;
use crate::message::received_file::{MessageFile, shown};
use crate::message::record::{Direction, Message};
use crate::message::state::{MessageEvent, MessageStatus};

/// The data of `message.received`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReceivedMessageData)]
struct ReceivedData<'a> {
    /// The id of the message.
    message_id: &'a str,
    /// WhatsApp's id of the message, `wamid.…`.
    provider_id: Option<&'a str>,
    /// The instance that received it.
    instance_id: &'a str,
    /// `inbound`, as in lists of messages.
    direction: Direction,
    /// `delivered`, as in lists of messages.
    #[schema(value_type = MessageStatus)]
    status: &'static str,
    /// The conversation: `GET /v1/chats/{chatId}`.
    chat_id: String,
    /// The sender: a phone number, or a user id if WhatsApp shows no number.
    from: &'a str,
    /// Its type: `text`, `image`, `video`, `audio`, `document`, `sticker`, `location`, `contacts`, `reaction`,
    /// `interactive`, or any other type of WhatsApp's, such as `button`, `order` or `unsupported`.
    r#type: &'a str,
    /// The text, a file's caption, or what was tapped.
    content: Option<&'a str>,
    /// WhatsApp's own object, if it is not a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<HashMap<String, serde_json::Value>>)]
    details: Option<&'a RawValue>,
    /// The path of that object, if it has more than 64 KB: `GET /v1/messages/{messageId}/details`.
    #[serde(skip_serializing_if = "Option::is_none")]
    details_url: Option<String>,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<MessageFile<'static>>,
    /// The text below the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'a str>,
    /// The name of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<String>,
    /// The sender's profile name.
    contact_name: Option<&'a str>,
    #[serde(flatten)]
    received: ReceivedFields<'a>,
    /// When it was received.
    #[schema(format = DateTime)]
    timestamp: String,
    /// Sorts the messages of an instance as `GET /v1/messages` does.
    sequence: &'a str,
}

/// The data of the other events.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessageStatusData)]
struct StatusData<'a> {
    /// The id of the message.
    message_id: &'a str,
    /// The instance that sends it.
    instance_id: &'a str,
    /// The recipient, as it was given.
    to: &'a str,
    /// What has happened to it.
    #[schema(value_type = MessageStatus)]
    status: &'static str,
    /// When that happened.
    #[schema(format = DateTime)]
    timestamp: String,
    /// Your own object, as it was sent.
    #[schema(value_type = Option<HashMap<String, serde_json::Value>>)]
    metadata: Option<&'a RawValue>,
    /// Your own number of the message, as it was sent.
    reference: Option<&'a str>,
    /// Why it failed.
    error: Option<&'a Failure>,
    /// WhatsApp's id of the message, `wamid.…`, once WhatsApp has accepted it.
    provider_id: Option<&'a str>,
    /// What the message costs at WhatsApp: in the event of the status with which WhatsApp said it.
    pricing: Option<&'a Pricing>,
}

/// The events of the times that the new image has and the old one lacks. So late and reversed callbacks publish each event
/// once, and a write that changes nothing publishes nothing.
pub fn between(old: Option<&Message>, new: &Message) -> Vec<Event> {
    let is_new =
        |event: MessageEvent| new.time_of(event).filter(|_| old.is_none_or(|old| old.time_of(event).is_none()));
    MessageEvent::ALL.into_iter().filter_map(|event| Some(publication(new, event, is_new(event)?))).collect()
}

fn publication(message: &Message, event: MessageEvent, at: Timestamp) -> Event {
    let owner = (&message.account_id, &message.instance_id);
    let (name, subject) = (event.name(), message.id.as_str());
    let event = match event {
        MessageEvent::Received => Event::new(owner, name, subject, at, received(message, at)),
        _ => Event::new(owner, name, subject, at, status(message, event, at)),
    };
    event.of_message_at(message.created_at)
}

fn status(message: &Message, event: MessageEvent, at: Timestamp) -> StatusData<'_> {
    StatusData {
        message_id: message.id.as_str(),
        instance_id: message.instance_id.as_str(),
        to: message.contact.as_str(),
        status: event.state().public_status(),
        timestamp: at.to_string(),
        metadata: message.metadata.as_ref().map(JsonText::json),
        reference: message.reference(),
        error: message.error.as_ref().filter(|_| event == MessageEvent::Failed),
        provider_id: message.provider_id.as_deref(),
        pricing: message.pricing.as_ref().filter(|_| message.priced_by == Some(event)),
    }
}

fn received(message: &Message, at: Timestamp) -> ReceivedData<'_> {
    let content = match &message.content {
        Content::Text { body, .. } => Some(body.as_str()),
        Content::Received { text, .. } => text.as_deref(),
        _ => None, // never received
    };
    let mut file = message.received_file();
    ReceivedData {
        message_id: message.id.as_str(),
        provider_id: message.provider_id.as_deref(),
        instance_id: message.instance_id.as_str(),
        direction: message.direction,
        status: message.status.public_status(),
        chat_id: message.chat_id(),
        from: message.contact.as_str(),
        r#type: message.content.kind(),
        content,
        details: message.content.details(),
        details_url: message.details_path(),
        caption: content.filter(|_| file.is_some()),
        filename: file.as_mut().and_then(|file| file.filename.take()).and_then(shown),
        media: file.map(|file| MessageFile::received(file, message)),
        contact_name: message.contact_name.as_deref(),
        received: ReceivedFields::new(message.received.as_deref()),
        timestamp: at.to_string(),
        sequence: &message.history_key,
    }
}

/// The descriptions of the events.
pub fn descriptions() -> Vec<EventDescription> {
    vec![
        EventDescription::new::<StatusData<'_>>("message.sent", "WhatsApp has accepted a message"),
        EventDescription::new::<StatusData<'_>>(
            "message.delivered",
            "A message was delivered to the recipient's phone",
        ),
        EventDescription::new::<StatusData<'_>>("message.read", "The recipient has opened a message"),
        EventDescription::new::<StatusData<'_>>("message.failed", "A message will not be delivered"),
        EventDescription::new::<ReceivedData<'_>>("message.received", "Somebody has written to an instance"),
    ]
}
