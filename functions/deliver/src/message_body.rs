//! The request body for each kind of message (whatsapp-cloud-api, Send).

use serde_json::{Map, Value, json};
use shared::content::Content;
use shared::message::Message;

/// What is posted for a message: `quoted` is WhatsApp's id of what it answers, `tag` comes back in callbacks.
pub fn of(message: &Message, quoted: Option<&str>, tag: &str) -> Value {
    let mut body = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.phone.with_plus(),
        "biz_opaque_callback_data": tag,
        "type": message.content.kind(),
    });
    let kind = message.content.kind();
    body[kind] = content(&message.content);
    if let Some(id) = quoted {
        body["context"] = json!({ "message_id": id });
    }
    body
}

fn content(content: &Content) -> Value {
    match content {
        Content::Received { .. } => Value::Null, // what came in is never sent
        Content::Text { body } => json!({ "body": body, "preview_url": true }),
        Content::Media { url, caption, filename, .. } => {
            let mut file = Map::from_iter([("link".to_owned(), json!(url))]);
            file.extend(caption.iter().map(|caption| ("caption".to_owned(), json!(caption))));
            file.extend(filename.iter().map(|filename| ("filename".to_owned(), json!(filename))));
            Value::Object(file)
        }
        Content::Template { name, language, components } => {
            let mut template = json!({ "name": name, "language": { "code": language } });
            if let Some(components) = components.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok()) {
                template["components"] = components;
            }
            template
        }
    }
}
