//! The API's OpenAPI document, assembled from the functions' operations and events. `docs/openapi.json` is a copy of it:
//! update it with `cargo run -- openapi >docs/openapi.json`.

use serde_json::{Map, Value, json};
use shared::http::{Envelope, EventDescription, openapi, openapi_tags};
use shared::{batch, contact, instance, media, message};

/// What the document says about the whole API.
const DESCRIPTION: &str = "Sends WhatsApp messages: an accepted message is never lost, never sent twice, never stuck.\n\n\
    Every request has an API key: `Authorization: Bearer <api key>`. Bodies are JSON; unknown fields and query parameters are \
    refused. Times are in UTC, as `2026-02-03T12:00:00.000Z`. Every answer has the header `X-Request-Id`, and that of a call with \
    an API key says how many requests are left (`X-RateLimit-Remaining`). An error has a `code` for programs and a `message` for \
    people; `retryAfter` says in how many seconds the same request may be repeated.\n\n\
    `POST /v1/messages/send` takes an `Idempotency-Key`: with it, a request can be repeated until it is answered, and one \
    message is sent.\n\n\
    Pombo serves the same public API as EnviaAI, which the header `X-EnviaAI-Signature` of webhooks is named after.";
/// The body of each event, as the stack published it: `tests/tests/end_to_end/event_examples.rs` compares and writes it.
const EVENT_EXAMPLES: &str = include_str!("../../docs/events.json");

/// The OpenAPI 3.1 document as JSON text.
pub fn document() -> String {
    let (mut paths, mut schemas, mut examples) = (Map::new(), Map::new(), Map::new());
    openapi::add::<Envelope<'_>>(&mut schemas);
    for operation in send::openapi::operations().into_iter().chain(manage::openapi::operations()) {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = operation.json;
        schemas.extend(operation.schemas);
        examples.extend(operation.examples);
    }
    let webhooks = webhooks(&mut schemas);
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Pombo",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": servers(),
        "tags": used_tags(&paths),
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": schemas,
            "examples": examples,
            "securitySchemes": {
                "apiKey": {
                    "type": "http", "scheme": "bearer",
                    "description": "An API key of an account, `pombo_…`, with the scopes that an operation names.",
                },
                "adminKey": {
                    "type": "http", "scheme": "bearer",
                    "description": "The deployment's admin key, which only its operator has.",
                },
            },
            "headers": {
                "RequestId": {
                    "description": "The id of the request, as in the logs",
                    "required": true,
                    "schema": { "type": "string" },
                },
            },
        },
    });
    serde_json::to_string_pretty(&document).expect("JSON becomes text")
}

/// The deployment that serves the document, or another.
fn servers() -> Value {
    json!([
        { "url": "/", "description": "The deployment that serves this document" },
        {
            "url": "{address}",
            "description": "Any deployment",
            "variables": { "address": {
                "default": "http://127.0.0.1:3000",
                "description": "On AWS the output `ApiUrl` of the stack; on a laptop what `cargo run` prints",
            } },
        },
    ])
}

/// The tags of the operations, and that of the events.
fn used_tags(paths: &Map<String, Value>) -> Vec<Value> {
    let mut tags: Vec<Value> = openapi_tags::all()
        .filter(|(name, _)| paths.keys().any(|path| openapi_tags::of_path(path) == *name))
        .map(|(name, description)| json!({ "name": name, "description": description }))
        .collect();
    tags.push(json!({ "name": "Events", "description": "What webhooks receive." }));
    tags
}

/// The events with their examples, and a schema of them all.
fn webhooks(schemas: &mut Map<String, Value>) -> Map<String, Value> {
    let examples: Value = serde_json::from_str(EVENT_EXAMPLES).expect("docs/events.json is JSON");
    let mut webhooks = Map::new();
    let (mut types, mut mapping) = (Vec::new(), Map::new());
    for event in events() {
        let reference = format!("#/components/schemas/{}", event.schema_name());
        types.push(json!({ "$ref": reference }));
        mapping.insert(event.name.to_owned(), json!(reference));
        webhooks.insert(event.name.to_owned(), event.entry(&examples[event.name]));
        schemas.extend(event.schemas);
    }
    let event = json!({
        "description": "The body of a request to a webhook.",
        "oneOf": types,
        "discriminator": { "propertyName": "event", "mapping": mapping },
    });
    schemas.insert("WebhookEvent".to_owned(), event);
    webhooks
}

fn events() -> Vec<EventDescription> {
    let mut events = message::events::descriptions();
    events.extend(instance::events::descriptions());
    events.extend(media::events::descriptions());
    events.push(contact::event::description());
    events.push(batch::events::description());
    events.extend(receive::event_descriptions());
    events.extend(notify::event_descriptions());
    events
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shared::webhook::{EVENTS, LISTED_EVENTS, OPERATOR_EVENTS};

    use super::*;

    /// Calls `check` with each schema of a member, and its path.
    fn members(path: &str, json: &Value, check: &mut impl FnMut(&str, &Value)) {
        match json {
            Value::Object(object) => {
                for (name, value) in object {
                    let path = format!("{path}/{name}");
                    // An example may have a member of this name.
                    if let ("properties", Some(properties), false) =
                        (name.as_str(), value.as_object(), path.contains("example"))
                    {
                        properties.iter().for_each(|(name, schema)| check(&format!("{path}/{name}"), schema));
                    }
                    members(&path, value, check);
                }
            }
            Value::Array(values) => {
                values.iter().enumerate().for_each(|(at, value)| members(&format!("{path}/{at}"), value, check))
            }
            _ => {}
        }
    }

    fn parsed() -> Value {
        serde_json::from_str(&document()).expect("JSON")
    }

    #[test]
    fn every_member_of_every_schema_is_described() {
        let document = parsed();
        let (mut count, mut undescribed) = (0, Vec::new());
        members("", &document, &mut |path, schema| {
            count += 1;
            let target =
                schema["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
            let described = [Some(schema), target].into_iter().flatten();
            let mut texts = described.filter_map(|schema| schema["description"].as_str());
            if !texts.any(|text| !text.trim().is_empty()) {
                undescribed.push(path.to_owned());
            }
        });
        assert!(count > 300 && undescribed.is_empty(), "of {count} without a description: {undescribed:#?}");
    }

    #[test]
    fn every_operation_has_a_tag_that_is_described_and_every_parameter_a_description() {
        let document = parsed();
        let tags = document["tags"].as_array().expect("tags").iter().map(|tag| &tag["name"]);
        let tags: BTreeSet<_> = tags.map(|name| name.as_str().expect("a name")).collect();
        let operations = document["paths"].as_object().expect("paths").values().filter_map(Value::as_object);
        for operation in operations.flat_map(|path| path.values()) {
            let id = &operation["operationId"];
            assert!(operation["tags"][0].as_str().is_some_and(|tag| tags.contains(tag)), "{id}");
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{id}");
            for parameter in operation["parameters"].as_array().expect("parameters") {
                assert!(parameter["description"].is_string(), "{id}: {}", parameter["name"]);
            }
        }
    }

    #[test]
    fn every_event_that_is_published_is_described_with_an_example_of_it() {
        let document = parsed();
        let published = EVENTS.into_iter().chain(LISTED_EVENTS).chain(OPERATOR_EVENTS);
        let published: BTreeSet<_> = published.filter(|name| *name != "instance.qr_updated").collect();
        let webhooks = document["webhooks"].as_object().expect("webhooks");
        assert_eq!(webhooks.keys().map(String::as_str).collect::<BTreeSet<_>>(), published);
        for (name, webhook) in webhooks {
            let example = &webhook["post"]["requestBody"]["content"]["application/json"]["example"];
            assert_eq!(&example["event"], name);
        }
    }
}
