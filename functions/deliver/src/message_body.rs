//! The request body for each kind of message (whatsapp-cloud-api, Send).

use serde_json::{Map, Value, json};
use shared::content::{Content, MediaType};
use shared::message::Message;
use url::Url;

/// What is posted for a message: `quoted` is WhatsApp's id of what it answers, `tag` comes back in callbacks.
pub fn of(message: &Message, quoted: Option<&str>, tag: &str) -> Value {
    let kind = if is_sticker(&message.content) { "sticker" } else { message.content.kind() };
    let mut body = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.phone.with_plus(),
        "biz_opaque_callback_data": tag,
        "type": kind,
    });
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

/// WhatsApp takes a WebP as a sticker alone, and a sticker has no caption (docs/adr/0014).
fn is_sticker(content: &Content) -> bool {
    let Content::Media { media: MediaType::Image, url, caption: None, .. } = content else {
        return false;
    };
    Url::parse(url).is_ok_and(|url| url.path().to_ascii_lowercase().ends_with(".webp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(url: &str, caption: Option<&str>) -> Content {
        Content::Media {
            media: MediaType::Image,
            url: url.to_owned(),
            caption: caption.map(str::to_owned),
            filename: None,
        }
    }

    #[test]
    fn a_webp_without_a_caption_is_a_sticker_and_nothing_else_is() {
        assert!(is_sticker(&image("https://example.com/hello.WebP?size=1", None)));
        assert!(!is_sticker(&image("https://example.com/hello.webp", Some("Look"))));
        assert!(!is_sticker(&image("https://example.com/hello.png?like=.webp", None)));
        assert!(!is_sticker(&Content::Text { body: "hello.webp".to_owned() }));
    }
}
