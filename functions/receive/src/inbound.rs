//! A message that came in: of one of our numbers, recorded once however often WhatsApp repeats it.

use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use shared::arrival::Arrival;
use shared::canonical_json;
use shared::clock;
use shared::conditional_write::TableError;
use shared::content::Content;
use shared::instance::NumberOwner;
use shared::message::Message;
use shared::message_table::{MessageTable, Written};
use shared::meter;

use crate::callback::InboundMessage;
use crate::status_update::occurred;

/// The most of an object of WhatsApp's that is kept when it can't be kept as JSON, in bytes.
const MAX_DETAILS: usize = 32 * 1024;

/// Records a message, kept for `retention`.
pub async fn store(
    messages: &MessageTable,
    owner: NumberOwner,
    inbound: InboundMessage,
    retention: Duration,
) -> Result<(), TableError> {
    let at = occurred(inbound.time(), clock::now());
    let arrival = Arrival {
        account_id: owner.account_id,
        instance_id: owner.instance_id,
        number_id: inbound.number_id,
        provider_id: inbound.provider_id,
        from: inbound.from,
        contact_name: inbound.contact_name,
        content: content(&inbound.kind, &inbound.json),
        quoted: inbound.quoted,
    };
    let message = Message::received(arrival, meter::new_nonce(), at, retention);
    if matches!(messages.insert(&message).await?, Written::Done(_)) {
        let kind = message.content.kind();
        tracing::info!(message_id = %message.id, instance_id = %message.instance_id, kind, "message.received");
    }
    Ok(())
}

/// What a message says, by its type; a type that nobody has seen is kept as it is.
fn content(kind: &str, message: &Value) -> Content {
    let object = &message[kind];
    if let ("text", Some(body)) = (kind, object["body"].as_str()) {
        return Content::Text { body: body.to_owned() };
    }
    let words = [
        &object["caption"],
        &object["emoji"],
        &object["text"], // of a button
        &object["button_reply"]["title"],
        &object["list_reply"]["title"],
        &object["name"], // of a place
    ];
    let text = words.into_iter().find_map(Value::as_str).map(str::to_owned);
    Content::Received { kind: kind.to_owned(), text, details: details(object) }
}

/// An object as JSON that a webhook can repeat; one that can't be repeated so is kept as a text.
fn details(object: &Value) -> String {
    let text = object.to_string();
    let json = RawValue::from_string(text.clone()).ok();
    json.and_then(|json| canonical_json::canonical_value(&json).ok()).unwrap_or_else(|| {
        let kept: String = text.chars().take(MAX_DETAILS / 4).collect();
        Value::String(kept).to_string()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_type_is_kept_with_what_it_says_in_words() {
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
            let Content::Received { kind: kept, text: words, details } = content(kind, &message) else {
                panic!("{kind}")
            };
            assert_eq!((kept.as_str(), words.as_deref()), (kind, text));
            assert_eq!(serde_json::from_str::<Value>(&details).expect("JSON"), message[kind], "{kind}");
        }
        let text = content("text", &json!({ "type": "text", "text": { "body": "Hi" } }));
        assert_eq!(text, Content::Text { body: "Hi".to_owned() });
    }

    #[test]
    fn what_can_t_be_repeated_as_json_is_kept_as_a_text() {
        let large = json!({ "odd": 18_446_744_073_709_551_615u64 });
        assert_eq!(serde_json::from_str::<Value>(&details(&large)).expect("JSON"), json!(large.to_string()));
    }
}
