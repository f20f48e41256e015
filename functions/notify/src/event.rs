//! An event: what a webhook is told, in the contract's words and in bytes that survive `JSON.parse`.

use aws_lc_rs::digest;
use serde::Serialize;
use serde_json::value::RawValue;
use shared::clock::Timestamp;
use shared::content::Content;
use shared::failure::Failure;
use shared::ids::WebhookId;
use shared::message::{Message, chat_id};
use shared::state::Transition;

/// Something that happened to a message.
#[derive(Debug)]
pub struct Event {
    /// What happened.
    pub transition: Transition,
    /// The message as it stood afterwards.
    pub message: Message,
    /// When it happened.
    pub at: Timestamp,
}

#[derive(Serialize)]
struct Body<D> {
    event: &'static str,
    timestamp: String,
    data: D,
}

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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
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

impl Event {
    /// What a change of a record tells: the times that the new image has and the old one lacks. So late and reversed
    /// callbacks still tell each transition once, and a write that changes nothing tells nothing.
    pub fn of_change(old: Option<&Message>, new: &Message) -> Vec<Self> {
        let happened = Transition::ALL.into_iter().filter(|transition| {
            new.time_of(*transition).is_some() && old.is_none_or(|old| old.time_of(*transition).is_none())
        });
        happened
            .filter_map(|transition| Some(Self { transition, message: new.clone(), at: new.time_of(transition)? }))
            .collect()
    }

    /// The id under which a webhook is told, however often: the same message, transition and webhook give the same. Its
    /// time is part of it, since a message that failed as `unknown_outcome` and came back may fail once more.
    pub fn id(&self, webhook: &WebhookId) -> String {
        let name = format!("{}/{}/{}/{webhook}", self.message.id, self.transition.event(), self.at.millis());
        let hash = digest::digest(&digest::SHA256, name.as_bytes());
        format!("evt_{}", bs58::encode(&hash.as_ref()[..16]).into_string())
    }

    /// The body. Its time is that of the transition, so that it is the same bytes each time.
    pub fn body(&self) -> String {
        match self.transition {
            Transition::Received => self.body_of(self.received()),
            _ => self.body_of(self.status()),
        }
    }

    fn body_of(&self, data: impl Serialize) -> String {
        let body = Body { event: self.transition.event(), timestamp: self.at.to_string(), data };
        serde_json::to_string(&body).expect("an event serializes")
    }

    fn status(&self) -> Data<'_> {
        let message = &self.message;
        Data {
            message_id: message.id.as_str(),
            instance_id: message.instance_id.as_str(),
            to: message.phone.digits(),
            status: self.transition.state().shown(),
            timestamp: self.at.to_string(),
            metadata: message.metadata_json(),
            error: message.error.as_ref().filter(|_| self.transition == Transition::Failed),
        }
    }

    fn received(&self) -> Received<'_> {
        let message = &self.message;
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
            timestamp: self.at.to_string(),
        }
    }
}
