//! `send` and `messages`.

use std::io::Read;
use std::path::Path;
use std::{fs, io};

use reqwest::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::arguments::{ListMessages, Messages, Send};
use crate::output::Columns;
use crate::prepared::{CommandError, Fields, Prepared};
use crate::settings::Settings;

const COLUMNS: Columns =
    &["messageId", "timestamp", "direction", "to|from", "type", "status", "reference", "error.code", "content"];

/// Sends a message. Repeated attempts of one command share a key, so that they make one message.
pub fn send(send: &Send, settings: &Settings) -> Result<Prepared, CommandError> {
    let given = match &send.body {
        Some(file) => object(file)?,
        None => Map::new(),
    };
    let named = send.instance.clone().or_else(|| given.get("instanceId")?.as_str().map(str::to_owned));
    let body = Fields(given)
        .with("instanceId", Some(settings.instance(named.as_ref())?))
        .with("to", Some(send.to.as_str()))
        .with("message", send.text.as_deref())
        .with("template", template(send))
        .with("mediaUrl", send.media_url.as_deref())
        .with("mediaId", send.media_id.as_deref())
        .with("mediaType", send.media_type.as_deref())
        .with("caption", send.caption.as_deref())
        .with("filename", send.filename.as_deref())
        .with("quotedMessageId", send.reply_to.as_deref())
        .with("reference", send.reference.as_deref())
        .with("expiresIn", send.expires_in);
    let mut prepared = Prepared::customer(Method::POST, &["messages", "send"]).body(body);
    let key = send.idempotency_key.clone().unwrap_or_else(|| Uuid::new_v4().to_string());
    prepared.call.idempotency_key = Some(key);
    Ok(prepared)
}

/// Lists, shows or cancels.
pub fn prepare(command: &Messages, settings: &Settings) -> Result<Prepared, CommandError> {
    match command {
        Messages::List(list) => self::list(list, settings),
        Messages::Get { id } => Ok(Prepared::customer(Method::GET, &["messages", id])),
        Messages::Cancel { id } => Ok(Prepared::customer(Method::DELETE, &["messages", id])),
    }
}

fn list(list: &ListMessages, settings: &Settings) -> Result<Prepared, CommandError> {
    let instance = settings.instance(list.instance.as_ref());
    // With a reference, those of all instances, unless one is named.
    let instance = if list.reference.is_some() { list.instance.clone() } else { Some(instance?) };
    Ok(Prepared::customer(Method::GET, &["messages"])
        .columns(COLUMNS)
        .parameter("instanceId", instance)
        .parameter("phone", list.phone.as_ref())
        .parameter("reference", list.reference.as_ref())
        .parameter("status", list.status.as_ref())
        .parameter("direction", list.direction.as_ref())
        .parameter("type", list.kind.as_ref())
        .parameter("from", list.from.as_ref())
        .parameter("to", list.to.as_ref())
        .parameter("limit", list.limit)
        .parameter("before", list.cursor.as_ref()))
}

/// The template with its parameters in WhatsApp's form.
fn template(send: &Send) -> Option<Value> {
    let (name, language) = (send.template.as_ref()?, send.language.as_ref()?);
    let mut template = json!({ "name": name, "language": language });
    if !send.parameters.is_empty() {
        let parameters: Vec<Value> =
            send.parameters.iter().map(|text| json!({ "type": "text", "text": text })).collect();
        template["components"] = json!([{ "type": "body", "parameters": parameters }]);
    }
    Some(template)
}

/// The JSON object in a file; `-` is standard input.
fn object(file: &Path) -> Result<Map<String, Value>, CommandError> {
    let shown = file.display().to_string();
    let text = if shown == "-" { read_input() } else { fs::read_to_string(file) };
    let text = text.map_err(|error| CommandError::Unreadable(shown.clone(), error))?;
    serde_json::from_str(&text).map_err(|_| CommandError::NotAnObject(shown))
}

fn read_input() -> io::Result<String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    Ok(text)
}
