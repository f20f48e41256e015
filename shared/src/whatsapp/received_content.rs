//! The content of a received message, by WhatsApp's type.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::canonical_json;
use crate::json_text::JsonText;
use crate::message::Content;

/// Characters of an object of WhatsApp's that are kept when it cannot be kept as JSON.
const MAX_DETAILS: usize = 8 * 1024;

/// The content of a message of type `kind`. A type that is not known is kept as WhatsApp's own object.
pub fn received_content(kind: &str, message: &Value) -> Content {
    let object = &message[kind];
    if let ("text", Some(body)) = (kind, object["body"].as_str()) {
        return Content::Text { body: body.to_owned() };
    }
    let texts = [
        &object["caption"],
        &object["emoji"],
        &object["text"], // of a button
        &object["button_reply"]["title"],
        &object["list_reply"]["title"],
        &object["name"], // of a location
    ];
    let text = texts.into_iter().find_map(Value::as_str).map(str::to_owned);
    Content::Received { kind: kind.to_owned(), text, details: details(object) }
}

/// An object as JSON that a webhook can repeat; one that cannot be repeated is kept as a string.
fn details(object: &Value) -> JsonText {
    let json = serde_json::value::to_raw_value(object).expect("a JSON value serializes");
    canonical_json::canonical_value(&json).unwrap_or_else(|_| {
        let kept: String = json.get().chars().take(MAX_DETAILS).collect();
        let kept: Box<RawValue> = serde_json::value::to_raw_value(&kept).expect("a string serializes");
        kept.into()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_type_is_kept_with_its_text() {
        for (message, text) in [
            (
                json!({ "type": "image", "image": { "id": "1", "mime_type": "image/jpeg", "caption": "Look" } }),
                Some("Look"),
            ),
            (
                json!({ "type": "location", "location": { "latitude": -23.5, "longitude": -46.6, "name": "Here" } }),
                Some("Here"),
            ),
            (json!({ "type": "contacts", "contacts": [{ "name": { "formatted_name": "Ana" } }] }), None),
            (json!({ "type": "reaction", "reaction": { "message_id": "wamid.A", "emoji": "👍" } }), Some("👍")),
            (json!({ "type": "button", "button": { "text": "Yes", "payload": "y" } }), Some("Yes")),
            (
                json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": { "id": "1", "title": "One" } } }),
                Some("One"),
            ),
            (json!({ "type": "telepathy", "telepathy": { "thought": 1.50 } }), None),
            (json!({ "type": "unsupported" }), None),
        ] {
            let kind = message["type"].as_str().expect("a type");
            let Content::Received { kind: kept, text: kept_text, details } = received_content(kind, &message) else {
                panic!("{kind}")
            };
            assert_eq!((kept.as_str(), kept_text.as_deref()), (kind, text));
            assert_eq!(serde_json::from_str::<Value>(details.as_str()).expect("JSON"), message[kind], "{kind}");
        }
        let text = received_content("text", &json!({ "type": "text", "text": { "body": "Hi" } }));
        assert_eq!(text, Content::Text { body: "Hi".to_owned() });
    }

    #[test]
    fn an_object_that_cannot_be_repeated_as_json_is_kept_as_a_string() {
        let large = json!({ "odd": 18_446_744_073_709_551_615u64 });
        let kept = details(&large);
        assert_eq!(serde_json::from_str::<Value>(kept.as_str()).expect("JSON"), json!(large.to_string()));
    }
}
