//! What a person can write, by WhatsApp's type (whatsapp-cloud-api-2026, section 4).

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use shared::provider_ids::is_message_id;

use super::control_error::{ControlError, require};
use super::inbound_file::{self, File};
use super::inbound_shapes::{
    Button, Edit, FormReply, Interactive, Location, Order, Reaction, Revoke, Text, Unsupported,
};

/// The longest text that a person's app sends, in characters.
const MAX_TEXT: usize = 65_536;
/// The most contacts in one message; WhatsApp's apps send up to 257.
const MAX_CARDS: usize = 257;
/// The types, as an error lists them.
const TYPES: &str = "text, image, video, audio, document, sticker, location, contacts, reaction, interactive, button, order, \
    edit, revoke, unsupported";

/// The content of a message that a person writes.
#[derive(Debug)]
pub struct Content {
    /// WhatsApp's type.
    pub kind: String,
    /// The object under the type's name.
    pub object: Value,
    /// The file, whose id, hash and URL are still missing in the object.
    pub file: Option<File>,
}

impl Content {
    /// Reads the object of a type. All of WhatsApp's types but `system`, which a change of a number causes.
    pub fn read(kind: &str, object: Option<Value>) -> Result<Self, ControlError> {
        if !TYPES.split(", ").any(|known| known == kind) {
            return Err(ControlError::invalid("type", format!("must be one of {TYPES}")));
        }
        let object = match object {
            Some(object) => object,
            None if kind == "unsupported" => json!({ "type": "unknown" }),
            None => return Err(ControlError::invalid(kind, format!("is required for a message of type `{kind}`"))),
        };
        let (object, file) = checked(kind, object)?;
        Ok(Self { kind: kind.to_owned(), object, file })
    }
}

fn checked(kind: &str, mut object: Value) -> Result<(Value, Option<File>), ControlError> {
    match kind {
        "text" => {
            let length = parse::<Text>(kind, &object)?.body.chars().count();
            require((1..=MAX_TEXT).contains(&length), "text.body", "must have 1 to 65,536 characters")?;
        }
        "image" | "video" | "audio" | "document" | "sticker" => return inbound_file::read(kind, &object),
        "location" => {
            let Location { latitude, longitude, .. } = parse(kind, &object)?;
            require(latitude.abs() <= 90.0 && longitude.abs() <= 180.0, kind, "must be on the earth")?;
        }
        "contacts" => {
            let cards = parse::<Vec<Map<String, Value>>>(kind, &object)?.len();
            require((1..=MAX_CARDS).contains(&cards), kind, "must be a list of 1 to 257 contacts")?;
        }
        "reaction" => {
            let id = parse::<Reaction>(kind, &object)?.message_id;
            require(is_message_id(&id), "reaction.message_id", "must be WhatsApp's id of a message")?;
        }
        "interactive" => {
            if let Interactive::Nfm { nfm_reply: FormReply { response_json, .. } } = parse(kind, &object)? {
                let is_json = serde_json::from_str::<Value>(&response_json).is_ok();
                require(is_json, "interactive.nfm_reply.response_json", "must be JSON in a text")?;
            }
        }
        "button" => {
            let Button { text, payload } = parse(kind, &object)?;
            object["payload"] = json!(payload.unwrap_or(text)); // the label, if the template sets no payload
        }
        "order" => {
            let lines = parse::<Order>(kind, &object)?.product_items.len();
            require(lines > 0, "order.product_items", "must have an item")?;
        }
        "edit" => return edit(object),
        "revoke" => {
            let id = parse::<Revoke>(kind, &object)?.original_message_id;
            require(is_message_id(&id), "revoke.original_message_id", "must be WhatsApp's id of a message")?;
        }
        _ => drop(parse::<Unsupported>(kind, &object)?),
    }
    Ok((object, None))
}

/// The new content of an own message: its text, or its file with another caption.
fn edit(object: Value) -> Result<(Value, Option<File>), ControlError> {
    let Edit { original_message_id, mut message } = parse("edit", &object)?;
    require(is_message_id(&original_message_id), "edit.original_message_id", "must be WhatsApp's id of a message")?;
    let kind = message.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_editable = matches!(kind.as_str(), "text" | "image" | "video" | "document");
    require(is_editable, "edit.message.type", "must be `text`, `image`, `video` or `document`")?;
    let content = message.remove(&kind).ok_or_else(|| ControlError::invalid(&kind, "is required"));
    let (content, file) =
        content.and_then(|content| checked(&kind, content)).map_err(|error| error.within("edit.message"))?;
    let unknown = message.keys().find(|name| !["type", "context"].contains(&name.as_str()));
    require(unknown.is_none(), "edit.message", "has `type`, the object of that type, and perhaps `context`")?;
    message.insert(kind, content);
    Ok((json!({ "original_message_id": original_message_id, "message": message }), file))
}

/// Why WhatsApp does not show a message of an unsupported type.
pub fn unsupported_errors(in_group: bool) -> Value {
    let code = if in_group { 130_501 } else { 131_051 };
    let title = "Message type unknown";
    let details = json!({ "details": "Message type is currently not supported." });
    json!([{ "code": code, "title": title, "message": title, "error_data": details }])
}

fn parse<T: DeserializeOwned>(kind: &str, object: &Value) -> Result<T, ControlError> {
    T::deserialize(object).map_err(|error| ControlError::unreadable(kind, &error))
}
