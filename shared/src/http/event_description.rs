//! The OpenAPI description of an event that webhooks get. Each is described beside the data that it has.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::http::openapi::add;

/// The description of an event.
#[derive(Debug)]
pub struct EventDescription {
    /// Its name in the contract.
    pub name: &'static str,
    /// When it is published: a sentence without a full stop.
    pub summary: &'static str,
    /// The schemas that it has, by name: the event's own is [`EventDescription::schema_name`].
    pub schemas: Map<String, Value>,
}

impl EventDescription {
    /// The description of an event with data of a type.
    pub fn new<T: ToSchema>(name: &'static str, summary: &'static str) -> Self {
        let mut schemas = Map::new();
        let data = add::<T>(&mut schemas);
        Self::with_data(name, summary, &data, schemas)
    }

    /// The description of an event whose data is something that WhatsApp has said, of which an instance is told.
    pub fn of_update<T: ToSchema>(name: &'static str, summary: &'static str) -> Self {
        let mut schemas = Map::new();
        let update = add::<T>(&mut schemas);
        let place = json!({ "type": "object", "required": ["instanceId", "timestamp"], "properties": {
            "instanceId": { "type": "string", "description": "The instance that is told of it." },
            "timestamp": { "type": "string", "format": "date-time", "description": "When WhatsApp said so." },
        } });
        let data = json!({ "description": "What WhatsApp has said.", "allOf": [update, place] });
        Self::with_data(name, summary, &data, schemas)
    }

    fn with_data(name: &'static str, summary: &'static str, data: &Value, mut schemas: Map<String, Value>) -> Self {
        let properties = json!({
            "event": { "type": "string", "const": name, "description": "The name of the event." },
            "timestamp": { "type": "string", "format": "date-time", "description": "When it happened." },
            "test": { "type": "boolean", "description": "True in an event that `POST /v1/webhooks/{webhookId}/test` delivers." },
            "data": data,
        });
        let schema = json!({
            "type": "object", "description": format!("{summary}."), "required": ["event", "timestamp", "data"],
            "properties": properties,
        });
        schemas.insert(schema_name(name), schema);
        Self { name, summary, schemas }
    }

    /// The name of the event's schema.
    pub fn schema_name(&self) -> String {
        schema_name(self.name)
    }

    /// The entry of the document's `webhooks`, with an example.
    pub fn entry(&self, example: &Value) -> Value {
        let text = || json!({ "type": "string" });
        let header = |name: &str, description: &str| json!({ "name": name, "in": "header", "required": true, "schema": text(), "description": description });
        let schema = json!({ "$ref": format!("#/components/schemas/{}", self.schema_name()) });
        let content = json!({ "application/json": { "schema": schema, "example": example } });
        let answer =
            "Answer within five seconds, headers and body included. Anything else is repeated: see docs/webhooks.md.";
        json!({ "post": {
            "operationId": format!("on{}", self.schema_name()),
            "summary": self.summary,
            "description": format!("The event `{}`. It may come more than once, under the same `webhook-id`.", self.name),
            "tags": ["Events"],
            "security": [],
            "parameters": [
                header("webhook-id", "The id of the event for this webhook, the same on every attempt."),
                header("webhook-timestamp", "When the attempt is made, in seconds since 1970."),
                header("webhook-signature", "`v1,` and the base64 HMAC-SHA256 of id, timestamp and body, as Standard Webhooks has it. Two, with a space between them, while the secret is being rotated."),
                header("X-EnviaAI-Signature", "`sha256=` and the hex HMAC-SHA256 of the body."),
            ],
            "requestBody": { "required": true, "content": content },
            "responses": { "2XX": { "description": answer } },
        } })
    }
}

/// `MessageSentEvent` for `message.sent`.
fn schema_name(event: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    event.split(['.', '_']).map(capital).chain(["Event".to_owned()]).collect()
}
