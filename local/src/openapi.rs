//! The API's OpenAPI document, assembled from the functions' operations. `docs/openapi.json` is a copy of it: update it
//! with `cargo run -- openapi >docs/openapi.json`.

use serde_json::{Map, json};
use shared::http::{Envelope, openapi};

/// What the document says about the whole API.
const DESCRIPTION: &str = "Sends WhatsApp messages: an accepted message is never lost, never sent twice, never stuck. \
    Pombo serves the same public API as EnviaAI, which the header `X-EnviaAI-Signature` of webhooks is named after.";

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
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Pombo",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "examples": examples,
            "securitySchemes": {
                "apiKey": { "type": "http", "scheme": "bearer", "description": "An account's API key" },
                "adminKey": { "type": "http", "scheme": "bearer", "description": "The deployment's admin key" },
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
