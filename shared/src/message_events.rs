//! What a change of a message's record tells.

use crate::clock::Timestamp;
use crate::content::Content;
use crate::failure::Failure;
use crate::message::{Message, chat_id};
use crate::state::Transition;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::event::Event;

/// What is told of a message that came in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Received<'a> {
    message_id: &'a str,
    instance_id: &'a str,
    chat_id: String,
    from: &'a str,
    r#type: &'a str,
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Box<RawValue>>,
    contact_name: Option<&'a str>,
    is_group: bool,
    timestamp: String,
}

/// What is told of a message that was sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    message_id: &'a str,
    instance_id: &'a str,
    to: &'a str,
    status: &'static str,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Failure>,
}

/// The times that the new image has and the old one lacks. So late and reversed callbacks still tell each transition
/// once, and a write that changes nothing tells nothing.
pub fn of_change(old: Option<&Message>, new: &Message) -> Vec<Event> {
    let happened = |transition: Transition| {
        new.time_of(transition).filter(|_| old.is_none_or(|old| old.time_of(transition).is_none()))
    };
    Transition::ALL.into_iter().filter_map(|transition| Some(of(new, transition, happened(transition)?))).collect()
}

fn of(message: &Message, transition: Transition, at: Timestamp) -> Event {
    let owner = (&message.account_id, &message.instance_id);
    let (name, subject) = (transition.event(), message.id.as_str());
    match transition {
        Transition::Received => Event::new(owner, name, subject, at, received(message, at)),
        _ => Event::new(owner, name, subject, at, status(message, transition, at)),
    }
}

fn status(message: &Message, transition: Transition, at: Timestamp) -> Status<'_> {
    Status {
        message_id: message.id.as_str(),
        instance_id: message.instance_id.as_str(),
        to: message.phone.digits(),
        status: transition.state().shown(),
        timestamp: at.to_string(),
        metadata: message.metadata_json(),
        error: message.error.as_ref().filter(|_| transition == Transition::Failed),
    }
}

fn received(message: &Message, at: Timestamp) -> Received<'_> {
    let (content, details) = match &message.content {
        Content::Text { body } => (Some(body.as_str()), None),
        Content::Received { text, details, .. } => (text.as_deref(), Some(details)),
        Content::Media { .. } | Content::Template { .. } => (None, None), // never comes in as such
    };
    Received {
        message_id: message.id.as_str(),
        instance_id: message.instance_id.as_str(),
        chat_id: chat_id(&message.phone),
        from: message.phone.digits(),
        r#type: message.content.kind(),
        content,
        details: details.and_then(|text| RawValue::from_string(text.clone()).ok()),
        contact_name: message.contact_name.as_deref(),
        is_group: false, // the Cloud API has no groups
        timestamp: at.to_string(),
    }
}
