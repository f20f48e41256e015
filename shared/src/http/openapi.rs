//! The OpenAPI description of an endpoint. Each function describes its own from its request and response types;
//! `cargo run -- openapi` assembles the document.

use lambda_http::http::StatusCode;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::http::error_code::ErrorCode;
use crate::http::openapi_tags;
use crate::http::schema::tidy;

/// Errors of every call with an API key.
const WITH_KEY: [ErrorCode; 7] = [
    ErrorCode::MissingApiKey,
    ErrorCode::InvalidApiKey,
    ErrorCode::ExpiredApiKey,
    ErrorCode::InsufficientPermissions,
    ErrorCode::RateLimitExceeded,
    ErrorCode::InternalError,
    ErrorCode::ServiceUnavailable,
];
/// Errors of every call with an API key that needs no scope.
const WITH_ANY_KEY: [ErrorCode; 6] = [
    ErrorCode::MissingApiKey,
    ErrorCode::InvalidApiKey,
    ErrorCode::ExpiredApiKey,
    ErrorCode::RateLimitExceeded,
    ErrorCode::InternalError,
    ErrorCode::ServiceUnavailable,
];
/// Errors of every call with the admin key.
const WITH_ADMIN_KEY: [ErrorCode; 4] =
    [ErrorCode::MissingApiKey, ErrorCode::InvalidApiKey, ErrorCode::InternalError, ErrorCode::ServiceUnavailable];

/// What authenticates the caller.
#[derive(Clone, Copy, Debug)]
pub enum Credential {
    /// An API key with the scope of this name.
    Key(&'static str),
    /// An API key with any scopes.
    AnyKey,
    /// The admin key.
    Admin,
    /// A token in the path.
    Path,
}

/// An operation.
#[derive(Debug)]
#[must_use]
pub struct Operation {
    /// Its method, in lower case.
    pub method: String,
    /// Its path with `{names}`.
    pub path: &'static str,
    /// Its description.
    pub json: Value,
    /// The schemas that it refers to, by name.
    pub schemas: Map<String, Value>,
    /// The examples of errors that it refers to, by code.
    pub examples: Map<String, Value>,
}

impl Operation {
    /// An operation with its path's parameters and the errors of its credential.
    pub fn new(method: &str, path: &'static str, id: &str, credential: Credential, summary: &str) -> Self {
        let (security, errors) = match credential {
            Credential::Key(scope) => (json!([{ "apiKey": [scope] }]), WITH_KEY.as_slice()),
            Credential::AnyKey => (json!([{ "apiKey": [] }]), WITH_ANY_KEY.as_slice()),
            Credential::Admin => (json!([{ "adminKey": [] }]), WITH_ADMIN_KEY.as_slice()),
            Credential::Path => (json!([]), WITH_KEY.as_slice()),
        };
        let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let parameters: Vec<Value> = names
            .map(|name| {
                let (schema, description) = (json!({ "type": "string" }), path_parameter(name));
                json!({ "name": name, "in": "path", "required": true, "schema": schema, "description": description })
            })
            .collect();
        let json = json!({
            "operationId": id,
            "summary": summary,
            "tags": [openapi_tags::of_path(path)],
            "security": security,
            "parameters": parameters,
            "responses": {},
        });
        Self { method: method.to_lowercase(), path, json, schemas: Map::new(), examples: Map::new() }.errors(errors)
    }

    /// Allows the admin key as well.
    pub fn or_with_admin_key(mut self) -> Self {
        if let Some(alternatives) = self.json["security"].as_array_mut() {
            alternatives.push(json!({ "adminKey": [] }));
        }
        self
    }

    /// Adds a description: what the summary leaves open.
    pub fn description(mut self, text: &str) -> Self {
        self.json["description"] = json!(text);
        self
    }

    /// Adds a query parameter with its JSON schema.
    pub fn query(self, name: &str, required: bool, schema: Value, description: &str) -> Self {
        self.parameter(json!({
            "name": name, "in": "query", "required": required, "schema": schema, "description": description,
        }))
    }

    /// Adds a header.
    pub fn header(self, name: &str, schema: Value, description: &str) -> Self {
        self.parameter(json!({ "name": name, "in": "header", "schema": schema, "description": description }))
    }

    fn parameter(mut self, parameter: Value) -> Self {
        if let Some(parameters) = self.json["parameters"].as_array_mut() {
            parameters.push(parameter);
        }
        self
    }

    /// Adds a request body with examples by name.
    pub fn body<T: ToSchema>(mut self, required: bool, examples: &[(&str, Value)]) -> Self {
        let schema = add::<T>(&mut self.schemas);
        let examples: Map<_, _> =
            examples.iter().map(|(name, value)| ((*name).to_owned(), json!({ "value": value }))).collect();
        let content = json!({ "application/json": { "schema": schema, "examples": examples } });
        self.json["requestBody"] = json!({ "required": required, "content": content });
        self.errors(&[ErrorCode::InvalidRequest, ErrorCode::PayloadTooLarge])
    }

    /// Adds a response without an envelope.
    pub fn answers<T: ToSchema>(mut self, status: u16, example: Value) -> Self {
        let schema = add::<T>(&mut self.schemas);
        self.answer(status, schema, example)
    }

    /// Adds a response under `data`.
    pub fn answers_data<T: ToSchema>(mut self, status: u16, example: Value) -> Self {
        let data = add::<T>(&mut self.schemas);
        let schema = envelope([("data", data)]);
        self.answer(status, schema, json!({ "success": true, "data": example }))
    }

    /// Adds a page of rows under `data` with its pagination.
    pub fn answers_page<T: ToSchema, P: ToSchema>(mut self, example: Value, pagination: Value) -> Self {
        let (row, page) = (add::<T>(&mut self.schemas), add::<P>(&mut self.schemas));
        let schema = envelope([
            ("data", json!({ "type": "array", "items": row, "description": "The rows of the page." })),
            ("pagination", page),
        ]);
        self.answer(200, schema, json!({ "success": true, "data": [example], "pagination": pagination }))
    }

    /// Adds a response without a body.
    pub fn answers_nothing(mut self) -> Self {
        self.json["responses"]["204"] = json!({ "description": "No Content", "headers": headers() });
        self
    }

    /// Adds a redirect to a URL, without a body.
    pub fn answers_redirect(mut self) -> Self {
        let mut headers = headers();
        headers["Location"] = json!({ "schema": { "type": "string", "format": "uri" } });
        self.json["responses"]["302"] = json!({ "description": "Found", "headers": headers });
        self
    }

    fn answer(mut self, status: u16, schema: Value, example: Value) -> Self {
        let content = json!({ "application/json": { "schema": schema, "example": example } });
        let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let description = reason.unwrap_or("Done");
        self.json["responses"][status.to_string()] =
            json!({ "description": description, "headers": headers(), "content": content });
        self
    }

    /// Adds errors besides those of its credential and body.
    pub fn errors(mut self, codes: &[ErrorCode]) -> Self {
        for code in codes {
            let (name, status): (&str, _) = (code.into(), code.status());
            let mut error = json!({ "code": name, "message": code.meaning(), "requestId": "req_xyz789" });
            if [429, 503].contains(&status.as_u16()) {
                error["retryAfter"] = json!(1);
            }
            let response = &mut self.json["responses"][status.as_str()];
            if response.is_null() {
                let schema = json!({ "$ref": "#/components/schemas/Error" });
                let content = json!({ "application/json": { "schema": schema, "examples": {} } });
                let description = status.canonical_reason().unwrap_or_default();
                *response = json!({ "description": description, "headers": headers(), "content": content });
            }
            response["content"]["application/json"]["examples"][name] =
                json!({ "$ref": format!("#/components/examples/{name}") });
            self.examples.insert(name.to_owned(), json!({ "value": { "success": false, "error": error } }));
        }
        self
    }
}

/// What a parameter of a path is.
fn path_parameter(name: &str) -> String {
    match name {
        "token" => "The secret token of the inbound URL".to_owned(),
        "name" => "The name of the template".to_owned(),
        "phone" => "A phone number in international format, digits only".to_owned(),
        "userId" => "A user id of WhatsApp's".to_owned(),
        _ => format!("The id of the {}", name.trim_end_matches("Id")),
    }
}

/// Adds a type's schema and those it contains, and returns a reference to it.
pub fn add<T: ToSchema>(schemas: &mut Map<String, Value>) -> Value {
    let mut found = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut found);
    for (name, schema) in found {
        let mut schema = json!(schema);
        tidy(&mut schema);
        schemas.insert(name, schema);
    }
    json!({ "$ref": format!("#/components/schemas/{}", T::name()) })
}

fn envelope(rest: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let fields = [("success", json!({ "const": true, "description": "Always true." }))].into_iter().chain(rest);
    let properties: Map<_, _> = fields.map(|(name, schema)| (name.to_owned(), schema)).collect();
    let required: Vec<_> = properties.keys().collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn headers() -> Value {
    json!({ "X-Request-Id": { "$ref": "#/components/headers/RequestId" } })
}
