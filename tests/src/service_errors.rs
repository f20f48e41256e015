//! The errors of each service when it is throttled or unavailable, which a proxy answers in its name.

use axum::body::Body;
use axum::http::{Response, StatusCode};

/// Which service is called.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Service {
    /// DynamoDB or its streams.
    DynamoDb,
    /// SQS.
    Sqs,
    /// S3.
    S3,
    /// WhatsApp.
    WhatsApp,
    /// A customer's webhook, or our own API.
    Web,
}

impl Service {
    /// The service by a call's `X-Amz-Target` and path.
    pub fn of(target: &str, path: &str) -> Self {
        match target.split('.').next().unwrap_or_default() {
            "AmazonSQS" => Self::Sqs,
            service if service.starts_with("DynamoDB") => Self::DynamoDb,
            _ if path.contains("/outbound/") || path.contains("/inbound/") => Self::S3,
            _ if path.starts_with("/v1/") || !(path.ends_with("/messages") || path.ends_with("/media")) => Self::Web,
            _ => Self::WhatsApp,
        }
    }

    /// The throttling error (DynamoDB developer guide, "Error handling"; SQS API reference, "Common errors";
    /// whatsapp-cloud-api, Errors).
    pub fn throttled(self) -> Response<Body> {
        match self {
            Self::DynamoDb => aws(400, "com.amazon.coral.availability#ThrottlingException"),
            Self::Sqs => aws(400, "com.amazonaws.sqs#RequestThrottled"),
            Self::S3 => s3("SlowDown"),
            Self::WhatsApp => graph(400, 130_429),
            Self::Web => response(429, "text/plain", "slow down".to_owned()),
        }
    }

    /// The error of a service that is unavailable.
    pub fn unavailable(self) -> Response<Body> {
        match self {
            Self::DynamoDb => aws(500, "com.amazonaws.dynamodb.v20120810#InternalServerError"),
            Self::Sqs => aws(503, "com.amazonaws.sqs#ServiceUnavailable"),
            Self::S3 => s3("ServiceUnavailable"),
            Self::WhatsApp | Self::Web => response(503, "text/html", "<html>Service unavailable</html>".to_owned()),
        }
    }
}

fn aws(status: u16, error: &str) -> Response<Body> {
    response(status, "application/x-amz-json-1.0", format!(r#"{{"__type":"{error}","message":"by the proxy"}}"#))
}

fn s3(code: &str) -> Response<Body> {
    let error = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>by the proxy</Message></Error>");
    response(503, "application/xml", error)
}

fn graph(status: u16, code: u32) -> Response<Body> {
    let error =
        format!(r#"{{"error":{{"message":"(#{code}) Rate limit hit","type":"OAuthException","code":{code}}}}}"#);
    response(status, "application/json", error)
}

fn response(status: u16, kind: &str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(kind) = kind.parse() {
        response.headers_mut().insert("content-type", kind);
    }
    response
}
