//! The events that a change of a message's record publishes.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::event::Event;
use crate::json_text::JsonText;
use crate::message::content::Content;
use crate::message::failure::Failure;
use crate::message::pricing::Pricing;
use crate::message::received::ReceivedFields;
use crate::message::received_file::{MessageFile, shown};
use crate::message::record::Message;
use crate::message::state::MessageEvent;

/// The data of `message.received`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReceivedData<'a> {
    message_id: &'a str,
    provider_id: Option<&'a str>,
    instance_id: &'a str,
    chat_id: String,
    from: &'a str,
    r#type: &'a str,
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<MessageFile<'static>>,
    /// The text below a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<String>,
    contact_name: Option<&'a str>,
    #[serde(flatten)]
    received: ReceivedFields<'a>,
    timestamp: String,
    /// Sorts the messages of an instance as its history does.
    sequence: &'a str,
}

/// The data of the other events.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusData<'a> {
    message_id: &'a str,
    instance_id: &'a str,
    to: &'a str,
    status: &'static str,
    timestamp: String,
    metadata: Option<&'a RawValue>,
    reference: Option<&'a str>,
    error: Option<&'a Failure>,
    provider_id: Option<&'a str>,
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
        received: ReceivedFields::of(message.received.as_deref()),
        timestamp: at.to_string(),
        sequence: &message.history_key,
    }
}
