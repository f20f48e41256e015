//! What `manage` answers, for the OpenAPI document: the router's own table, each endpoint described.

mod customers;
mod operators;

use lambda_http::http::Method;
use serde_json::{Value, json};
use shared::openapi::{Credential, Operation};

use crate::endpoint::{Access, Endpoint};

/// Every path of the table in `endpoint`. The ids of the template stand where a request's would.
const PATHS: [&str; 22] = [
    "/v1/messages",
    "/v1/messages/{messageId}",
    "/v1/messages/{messageId}/status",
    "/v1/instances",
    "/v1/instances/{instanceId}",
    "/v1/instances/{instanceId}/connect",
    "/v1/instances/{instanceId}/disconnect",
    "/v1/instances/{instanceId}/status",
    "/v1/webhooks",
    "/v1/webhooks/inbound",
    "/v1/webhooks/{webhookId}",
    "/v1/webhooks/{webhookId}/rotate",
    "/v1/webhooks/{webhookId}/test",
    "/v1/webhooks/{webhookId}/logs",
    "/v1/webhooks/{webhookId}/replay",
    "/v1/webhooks/{webhookId}/replays/{replayId}",
    "/v1/admin/accounts",
    "/v1/admin/accounts/{accountId}",
    "/v1/admin/accounts/{accountId}/credits",
    "/v1/admin/accounts/{accountId}/webhook",
    "/v1/admin/accounts/{accountId}/keys",
    "/v1/admin/accounts/{accountId}/keys/{keyId}",
];
/// And the longest of them.
const PHONES: &str = "/v1/admin/accounts/{accountId}/phones/{phone}";

/// The calls.
pub fn operations() -> Vec<Operation> {
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let calls = PATHS.iter().chain([&PHONES]).flat_map(|path| methods.iter().map(move |method| (method, *path)));
    calls.filter_map(|(method, path)| Some(describe(method, path, Endpoint::find(method, path).ok()?))).collect()
}

fn describe(method: &Method, path: &'static str, endpoint: Endpoint<'_>) -> Operation {
    let credential = match endpoint.access() {
        Access::Key(_, scope) => Credential::Key(scope),
        Access::Admin => Credential::Admin,
    };
    let call = |id: &str, summary: &str| Operation::new(method.as_str(), path, id, credential, summary);
    match endpoint.access() {
        Access::Key(..) => customers::describe(endpoint, call),
        Access::Admin => operators::describe(endpoint, call),
    }
}

/// `limit`.
fn limited(operation: Operation) -> Operation {
    let schema = json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 50 });
    operation.query("limit", false, schema, "The most rows of the page")
}

/// `limit` and `offset`.
fn numbered(operation: Operation) -> Operation {
    let schema = json!({ "type": "integer", "minimum": 0, "default": 0 });
    limited(operation).query("offset", false, schema, "Rows before the page")
}

fn text() -> Value {
    json!({ "type": "string" })
}

/// Where the only row of an example stands.
fn only_row() -> Value {
    json!({ "total": 1, "limit": 50, "offset": 0, "hasMore": false })
}

/// That nothing follows an example.
fn last_page() -> Value {
    json!({ "hasMore": false, "nextCursor": null })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_endpoint_is_described_once_and_has_its_answer() {
        let operations = operations();
        let ids: BTreeSet<_> = operations.iter().map(|operation| operation.json["operationId"].as_str()).collect();
        assert_eq!((ids.len(), operations.len()), (34, 34));
        for operation in &operations {
            let answers = operation.json["responses"].as_object().expect("answers");
            assert!(answers.keys().any(|status| status.starts_with('2')), "{operation:?}");
        }
    }
}
