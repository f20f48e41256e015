//! The payload format 2.0 of HTTP APIs and function URLs (API Gateway developer guide, "AWS Lambda proxy
//! integrations"): requests as events, answers as responses.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
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
use crate::template::ACCOUNT;

/// How the event writes its time: the Common Log Format's way.
const COMMON_LOG_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");

/// A request as an event.
pub fn event(parts: &Parts, body: &[u8], peer: IpAddr, route: &Route) -> Bytes {
    let now = OffsetDateTime::now_utc();
    let mut headers = headers(&parts.headers);
    // What the gateway itself says of a request, whatever the client says of it.
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
            "accountId": ACCOUNT,
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
    let parameters: BTreeMap<_, _> = route.parameters.iter().cloned().collect();
    for (name, members) in [("pathParameters", parameters), ("queryStringParameters", query_parameters(query))] {
        if !members.is_empty() {
            event[name] = json!(members);
        }
    }
    if !body.is_empty() {
        event["body"] = json!(body);
    }
    Bytes::from(event.to_string())
}

/// Names in lower case; values of one name joined by commas.
fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        joined
            .entry(name.as_str().to_owned())
            .and_modify(|all| *all = format!("{all},{value}"))
            .or_insert(value.into());
    }
    joined
}

fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    let address = reqwest::Url::parse(&format!("http://localhost/?{query}"));
    for (name, value) in address.iter().flat_map(|address| address.query_pairs()) {
        joined
            .entry(name.into_owned())
            .and_modify(|all| *all = format!("{all},{value}"))
            .or_insert_with(|| value.clone().into_owned());
    }
    joined
}

/// Text stays text; everything else comes in base64.
fn encode(headers: &HeaderMap, body: &[u8]) -> (String, bool) {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_text = ["text/", "application/json", "application/javascript", "application/xml"]
        .iter()
        .any(|text| kind.starts_with(text));
    match std::str::from_utf8(body) {
        Ok(text) if is_text => (text.to_owned(), false),
        _ => (STANDARD.encode(body), !body.is_empty()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, Value>,
    #[serde(default)]
    cookies: Vec<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// A function's answer as a response.
pub fn response(answer: &[u8]) -> Result<Response<Body>, String> {
    let answer: Answer = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded {
        STANDARD.decode(body).map_err(|error| error.to_string())?
    } else {
        body.into_bytes()
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code).map_err(|error| error.to_string())?;
    let single = answer.headers.into_iter().map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()));
    let cookies = answer.cookies.into_iter().map(|cookie| (header::SET_COOKIE.to_string(), cookie));
    for (name, value) in single.chain(cookies) {
        let name: HeaderName = name.parse().map_err(|_| format!("{name:?} is not a header's name"))?;
        let value: HeaderValue = value.parse().map_err(|_| format!("the header {name} has an invalid value"))?;
        response.headers_mut().append(name, value);
    }
    Ok(response)
}
