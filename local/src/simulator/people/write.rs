//! What people write: each message is kept as the person's, opens the service window, and is in one callback with all others
//! of its request.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::super::file_store::RECEIVED_LIFE;
use super::super::message_id;
use super::super::state::Simulator;
use super::control_error::ControlError;
use super::inbound_callback::{InboundEvent, InboundUpdate, callback_body};
use super::inbound_message::InboundMessage;
use super::profile::{Profile, Written};

/// The most messages of a request: those of a callback (whatsapp-cloud-api, Callbacks).
const MAX_MESSAGES: usize = 1_000;

impl Simulator {
    /// Writes messages of one person or of several, and returns their ids and how the callback was answered.
    pub(super) async fn write(&self, messages: Vec<(String, InboundMessage)>) -> Result<Value, ControlError> {
        if messages.is_empty() || messages.len() > MAX_MESSAGES {
            return Err(ControlError::invalid("messages", "must have 1 to 1,000 messages"));
        }
        // Nothing is done before everything was checked.
        for (person, message) in &messages {
            self.people.with(person, |profile| may_write(profile, message))?;
        }
        let mut prepared = Vec::with_capacity(messages.len());
        for (person, message) in messages {
            prepared.push((person, self.store_file(message)?));
        }
        let (mut updates, mut written, mut wamids) = (Vec::new(), Vec::new(), HashMap::<String, Vec<String>>::new());
        for (person, message) in prepared {
            let number_id = message.number_id.clone();
            let (wamid, update) = self.people.change(&person, |profile| Ok(self.add(profile, message)))?;
            written.push(json!({ "id": wamid, "from": person, "to": number_id }));
            wamids.entry(person).or_default().push(wamid);
            updates.push(update);
        }
        let people = self.people.clone();
        let acknowledged = move || {
            for (person, wamids) in wamids {
                people.find(&person, |profile| profile.mark_delivered(&wamids));
                people.tell(&person);
            }
        };
        let callback = self.callbacks.send_whole_then(callback_body(updates), &self.clock, acknowledged).await;
        Ok(json!({ "messages": written, "callback": callback }))
    }

    /// Stores the file of a message, and completes its object.
    fn store_file(&self, mut message: InboundMessage) -> Result<InboundMessage, ControlError> {
        let Some(file) = message.content.file.take() else { return Ok(message) };
        let now = self.clock.now();
        let id = self.files.add(&file.mime_type, &file.bytes, now, RECEIVED_LIFE).ok_or_else(|| {
            ControlError::conflict("data", "There is no room for more files: all together have at most 256 MB.")
        })?;
        let kind = message.content.kind.clone();
        let object = &mut message.content.object;
        let object = if kind == "edit" {
            let edited = object["message"]["type"].as_str().unwrap_or_default().to_owned();
            &mut object["message"][edited]
        } else {
            object
        };
        self.files.complete(object, &id, self.base_url(), now);
        Ok(message)
    }

    /// Keeps a message, and returns its id and what its callback says.
    fn add(&self, sender: &mut Profile, message: InboundMessage) -> (String, InboundUpdate) {
        let now = self.clock.now();
        let at = message.timestamp.map_or(now, |seconds| (seconds * 1_000).min(now));
        let (number_id, opens_window) = (message.number_id.clone(), message.opens_window());
        if opens_window {
            let wrote_at = sender.wrote_at.entry(number_id.clone()).or_default();
            *wrote_at = at.max(*wrote_at);
        }
        let wamid = message_id::generate();
        let seconds = message.timestamp.unwrap_or(now / 1_000);
        let json = message.into_callback(sender, &wamid, seconds);
        sender.keep(Written {
            wamid: wamid.clone(),
            number_id: number_id.clone(),
            at,
            message: json.clone(),
            is_delivered: false,
            is_read: false,
        });
        (wamid, InboundUpdate { number_id, contact: Some(sender.contact()), event: InboundEvent::Message(json) })
    }
}

/// Reads the messages of a request of several people; each names its sender in `from`.
pub fn read_many(messages: Vec<Map<String, Value>>) -> Result<Vec<(String, InboundMessage)>, ControlError> {
    let read = |(place, mut message): (usize, Map<String, Value>)| {
        let from = match message.remove("from") {
            Some(Value::String(from)) => Ok(from),
            _ => Err(ControlError::invalid("from", "is required: the phone number or the user id of the sender")),
        };
        let read = from.and_then(|from| Ok((from, InboundMessage::read(message)?)));
        read.map_err(|error| error.within(&format!("messages[{place}]")))
    };
    messages.into_iter().enumerate().map(read).collect()
}

fn may_write(sender: &Profile, message: &InboundMessage) -> Result<(), ControlError> {
    sender.require_contact(&message.number_id)?;
    match message.original() {
        Some(original) if !sender.wrote(&message.number_id, original) => {
            let field = format!("{}.original_message_id", message.content.kind);
            Err(ControlError::invalid(field, "must be the id of a message that the person wrote to this number"))
        }
        _ => Ok(()),
    }
}
