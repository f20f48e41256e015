//! `send` and `messages`.

use std::io::Read;
use std::path::Path;
use std::{fs, io};

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::arguments::{ListMessages, Messages, Send};
use crate::output::Columns;
use crate::prepared::{CommandError, Fields, Prepared, Shown};
use crate::settings::{Settings, SettingsError};

const COLUMNS: Columns =
    &["messageId", "timestamp", "direction", "to|from", "type", "status", "reference", "error.code", "content"];

/// How a command names its instance.
const INSTANCE: &str = "pass --instance";

/// Sends a message.
pub fn send(send: &Send, settings: &Settings) -> Result<Prepared, CommandError> {
    let given = match &send.body {
        Some(file) => object(file)?,
        None => Map::new(),
    };
    let named = send.instance.clone().or_else(|| given.get("instanceId")?.as_str().map(str::to_owned));
    let body = Fields(given)
        .with("instanceId", Some(settings.instance(named.as_ref(), INSTANCE)?))
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
    Ok(Prepared::customer(Method::POST, &["messages", "send"]).body(body).once(send.idempotency_key.as_ref()))
}

/// Lists messages, shows one or its timeline, or cancels one.
pub fn prepare(command: &Messages, settings: &Settings) -> Result<Prepared, CommandError> {
    match command {
        Messages::List(list) => self::list(list, settings),
        Messages::Get { id, of } => Ok(Prepared::read(&["messages", id], of)),
        Messages::Timeline { id, of } => {
            Ok(Prepared { shown: Shown::Timeline, ..Prepared::read(&["messages", id, "timeline"], of) })
        }
        Messages::Cancel { id } => Ok(Prepared::customer(Method::DELETE, &["messages", id])),
    }
}

fn list(list: &ListMessages, settings: &Settings) -> Result<Prepared, CommandError> {
    Ok(Prepared::read(&["messages"], &list.of)
        .columns(COLUMNS)
        .parameter("instanceId", instance(list, settings)?)
        .parameter("phone", list.phone.as_ref())
        .parameter("reference", list.reference.as_ref())
        .parameter("status", list.status.as_ref())
        .parameter("direction", list.direction.as_ref())
        .parameter("type", list.kind.as_ref())
        .parameter("from", list.from.as_ref())
        .parameter("to", list.to.as_ref())
        .parameter("limit", list.page.limit)
        .parameter("before", list.page.cursor.as_ref()))
}

/// The instance whose messages are listed. The API finds those with a reference, and those that failed, in all instances as well: of
/// another account unless one is named, since the settings' one is not that account's.
fn instance(list: &ListMessages, settings: &Settings) -> Result<Option<String>, SettingsError> {
    let has_failed = list.status.as_deref() == Some("failed") && list.phone.is_none();
    match (&list.reference, has_failed) {
        (Some(_), _) => Ok(list.instance.clone()),
        (None, true) if list.of.account.is_some() => Ok(list.instance.clone()),
        (None, true) => Ok(settings.instance(list.instance.as_ref(), INSTANCE).ok()),
        (None, false) => settings.instance(list.instance.as_ref(), INSTANCE).map(Some),
    }
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
