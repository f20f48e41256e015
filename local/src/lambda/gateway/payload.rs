//! The payload format 2.0 of HTTP APIs and function URLs (API Gateway developer guide, "AWS Lambda proxy
//! integrations"): converts requests to events and results to responses.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::net::IpAddr;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use uuid::Uuid;

use super::routes::Route;
use crate::aws::ACCOUNT_ID;

/// The format of the event's `time`, that of the Common Log Format.
const COMMON_LOG_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");

/// Converts a request to an event.
pub fn event(parts: &Parts, body: &[u8], peer: IpAddr, route: &Route) -> Bytes {
    let now = OffsetDateTime::now_utc();
    let mut headers = headers(&parts.headers);
    // The gateway sets these headers itself and ignores the client's.
    headers.insert("x-forwarded-proto".to_owned(), "http".to_owned());
    headers.insert("x-forwarded-for".to_owned(), peer.to_string());
    let host = headers.get("host").cloned().unwrap_or_default();
    let (body, is_base64) = encode(&parts.headers, body);
    let query = parts.uri.query().unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": parts.uri.path(),
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": "local",
            "domainName": host,
            "domainPrefix": "local",
            "http": {
                "method": parts.method.as_str(),
                "path": parts.uri.path(),
                "protocol": "HTTP/1.1",
                "sourceIp": peer.to_string(),
                "userAgent": headers.get("user-agent").cloned().unwrap_or_default(),
            },
            "requestId": Uuid::new_v4().to_string(),
            "routeKey": route.key,
            "stage": "$default",
            "time": now.format(COMMON_LOG_TIME).unwrap_or_default(),
            "timeEpoch": u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or_default(),
        },
        "isBase64Encoded": is_base64,
    });
    for (name, members) in [("pathParameters", &route.parameters), ("queryStringParameters", &query_parameters(query))]
    {
        if !members.is_empty() {
            event[name] = json!(members);
        }
    }
    if !body.is_empty() {
        event["body"] = json!(body);
    }
    Bytes::from(event.to_string())
}

/// The headers, with names in lower case and several values of one name joined by commas.
fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    join_values(headers.iter().map(|(name, value)| (name.as_str().into(), String::from_utf8_lossy(value.as_bytes()))))
}

fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let address = reqwest::Url::parse(&format!("http://localhost/?{query}"));
    join_values(address.iter().flat_map(|address| address.query_pairs()))
}

/// Joins the values of one name by commas, as the gateway does.
fn join_values<'a>(pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, Vec<Cow<'a, str>>> = BTreeMap::new();
    for (name, value) in pairs {
        values.entry(name.into_owned()).or_default().push(value);
    }
    values.into_iter().map(|(name, values)| (name, values.join(","))).collect()
}

/// The body as text, or in base64 if it is not text.
fn encode(headers: &HeaderMap, body: &[u8]) -> (String, bool) {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text_types = ["text/", "application/json", "application/javascript", "application/xml"];
    let is_text = text_types.iter().any(|text| kind.starts_with(text));
    match std::str::from_utf8(body) {
        Ok(text) if is_text => (text.to_owned(), false),
        _ => (STANDARD.encode(body), !body.is_empty()),
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FunctionResponse {
    /// Zero, which is no valid status, if the function gives none.
    status_code: u16,
    headers: BTreeMap<String, Value>,
    cookies: Vec<String>,
    body: Option<String>,
    is_base64_encoded: bool,
}

/// Converts a function's result to a response.
pub fn response(result: &[u8]) -> Result<Response, Box<dyn Error + Send + Sync>> {
    let result: FunctionResponse = serde_json::from_slice(result)?;
    let body = result.body.unwrap_or_default();
    let body = if result.is_base64_encoded { STANDARD.decode(body)? } else { body.into_bytes() };
    let mut response = Response::builder().status(result.status_code);
    for (name, value) in result.headers {
        response = response.header(name, value.as_str().unwrap_or_default());
    }
    for cookie in result.cookies {
        response = response.header(header::SET_COOKIE, cookie);
    }
    Ok(response.body(Body::from(body))?)
}
