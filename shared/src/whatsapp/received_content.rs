//! The content of a received message, by WhatsApp's type.

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::json_text::JsonText;
use crate::message::Content;
use crate::text::truncated;
use crate::whatsapp::json_members::Members;
use crate::whatsapp::raw_json::{field, is_object, parse};
use crate::whatsapp::text_limits::MAX_RECEIVED_TEXT;

/// WhatsApp's type of texts.
const TEXT: &str = "text";
/// Where such an object has the text.
const BODY: &str = "body";
/// Where another object may have a text that people read.
const TEXTS: [&[&str]; 6] = [
    &["caption"],
    &["emoji"],
    &["text"], // of a button
    &["button_reply", "title"],
    &["list_reply", "title"],
    &["name"], // of a location
];

/// Whether an object is that of a text, with nothing beside the text.
pub fn is_plain_text(kind: &str, object: &RawValue) -> bool {
    let has_only_text = |members: Members<'_>| members.iter().all(|(name, _)| name == BODY);
    kind == TEXT && Members::read(object).is_some_and(has_only_text)
}

/// The content of a message of type `kind`, from the object under that name. All but a plain text, also a type that is not known,
/// is kept as WhatsApp's own object.
pub fn received_content(kind: &str, object: Option<&RawValue>) -> Content {
    let body = if kind == TEXT { text_at(object, &[BODY]) } else { None };
    let text = match body {
        Some(body) if object.is_some_and(|object| is_plain_text(kind, object)) => {
            return Content::Text { body, no_preview: false };
        }
        Some(body) => Some(body),
        None => TEXTS.into_iter().find_map(|path| text_at(object, path)),
    };
    Content::Received { kind: kind.to_owned(), text, details: details(kind, object) }
}

fn text_at(object: Option<&RawValue>, path: &[&str]) -> Option<String> {
    let text: String = parse(path.iter().try_fold(object?, |object, name| field(object, name))?)?;
    let bytes = text.len();
    let kept = truncated(text, MAX_RECEIVED_TEXT);
    if kept.len() < bytes {
        tracing::warn!(bytes, "callback.text_truncated"); // WhatsApp's apps send none that is so long
    }
    Some(kept)
}

/// WhatsApp's object, whole. One that is no object, such as the list of contacts, is under its name in one.
fn details(kind: &str, object: Option<&RawValue>) -> JsonText {
    let Some(object) = object else { return JsonText::null() };
    if is_object(object) {
        return object.to_owned().into();
    }
    let named = HashMap::from([(kind, object)]);
    serde_json::value::to_raw_value(&named).expect("a name and a value serialize").into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn content(message: &Value) -> Content {
        let kind = message["type"].as_str().expect("a type");
        let object = message.get(kind).map(|object| serde_json::value::to_raw_value(object).expect("JSON"));
        received_content(kind, object.as_deref())
    }

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
            let Content::Received { kind: kept, text: kept_text, details } = content(&message) else {
                panic!("{kind}")
            };
            assert_eq!((kept.as_str(), kept_text.as_deref()), (kind, text));
            let expected =
                if message[kind].is_array() { json!({ kind: message[kind] }) } else { message[kind].clone() };
            assert_eq!(serde_json::from_str::<Value>(details.as_str()).expect("JSON"), expected, "{kind}");
        }
        let text = content(&json!({ "type": "text", "text": { "body": "Hi" } }));
        assert_eq!(text, Content::Text { body: "Hi".to_owned(), no_preview: false });
        let more = json!({ "type": "text", "text": { "body": "Hi", "spans": [] } });
        let Content::Received { kind, text, details } = content(&more) else { panic!("a member beside `body`") };
        assert_eq!((kind.as_str(), text.as_deref()), ("text", Some("Hi")));
        assert_eq!(details.as_str(), more["text"].to_string());
    }

    #[test]
    fn a_text_with_two_bodies_is_kept_whole() {
        let twice: &RawValue = serde_json::from_str(r#"{"body":"Hi","body":"Ho"}"#).expect("JSON");
        let Content::Received { text, details, .. } = received_content("text", Some(twice)) else {
            panic!("two bodies")
        };
        assert_eq!((text.as_deref(), details.as_str()), (Some("Ho"), twice.get()));
    }

    #[test]
    fn an_object_is_kept_whole_whatever_is_in_it() {
        let large = format!(r#"{{"items":[{}0]}}"#, "0,".repeat(20_000));
        for odd in [r#"{"odd":18446744073709551616}"#, r#"{"odd":1e400}"#, &large] {
            assert_eq!(details("order", serde_json::from_str(odd).ok()).as_str(), odd);
        }
        assert_eq!(details("word", serde_json::from_str("5").ok()).as_str(), r#"{"word":5}"#);
    }

    #[test]
    fn a_text_that_no_app_sends_is_cut() {
        let long = "é".repeat(MAX_RECEIVED_TEXT + 1);
        for message in [
            json!({ "type": "text", "text": { "body": long } }),
            json!({ "type": "image", "image": { "caption": long } }),
        ] {
            let (Content::Text { body: text, .. } | Content::Received { text: Some(text), .. }) = content(&message)
            else {
                panic!("a text")
            };
            assert_eq!(text.chars().count(), MAX_RECEIVED_TEXT);
        }
    }
}
