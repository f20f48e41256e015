//! The body of a send request: parsed once into what may be sent, or refused with the field at fault.

use std::time::Duration;

use crate::content;
use serde::Deserialize;
use serde_json::value::RawValue;
use shared::api_error::{ApiError, ErrorCode};
use shared::canonical_json;
use shared::content::{Content, Quoted};
use shared::ids::{InstanceId, MessageId};
use shared::phone_number::PhoneNumber;
use shared::request_body;
use utoipa::ToSchema;

/// Seconds that a message may wait to be sent (contract: the default and the most).
const MAX_EXPIRES_IN: u64 = 86_400;

/// A message that a customer wants sent.
#[derive(Debug)]
pub struct Order {
    /// The instance to send from.
    pub instance_id: InstanceId,
    /// The recipient.
    pub to: PhoneNumber,
    /// What to send.
    pub content: Content,
    /// What it answers.
    pub quoted: Option<Quoted>,
    /// The customer's JSON, canonical.
    pub metadata: Option<String>,
    /// How long it may wait.
    pub expires_in: Duration,
}

/// The body as the contract's table has it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SendBody)]
pub struct Fields {
    #[schema(required = true, value_type = String)]
    instance_id: Option<String>,
    #[schema(required = true, value_type = String, pattern = "^[1-9][0-9]{6,14}$")]
    to: Option<String>,
    #[schema(max_length = 4096)]
    pub message: Option<String>,
    #[schema(max_length = 2048, pattern = "^https?://")]
    pub media_url: Option<String>,
    pub media_type: Option<String>,
    #[schema(max_length = 255)]
    pub filename: Option<String>,
    #[schema(max_length = 1024)]
    pub caption: Option<String>,
    quoted_message_id: Option<String>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<Box<RawValue>>,
    #[schema(minimum = 1, maximum = 86_400)]
    expires_in: Option<u64>,
    pub template: Option<Template>,
}

/// The contract's `template`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TemplateBody)]
pub struct Template {
    pub name: String,
    pub language: String,
    #[schema(value_type = Option<Vec<serde_json::Value>>)]
    pub components: Option<Box<RawValue>>,
}

/// The body that an inbound URL takes: the instance is the URL's.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = InboundSendBody)]
pub struct InboundFields {
    #[schema(required = true, value_type = String, pattern = "^[1-9][0-9]{6,14}$")]
    to: Option<String>,
    #[schema(max_length = 4096)]
    message: Option<String>,
    #[schema(max_length = 2048, pattern = "^https?://")]
    media_url: Option<String>,
    media_type: Option<String>,
    #[schema(max_length = 255)]
    filename: Option<String>,
    #[schema(max_length = 1024)]
    caption: Option<String>,
}

impl Order {
    /// What a request's body asks for.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        Self::of(request_body::read(body)?)
    }

    /// What the body of a request to an inbound URL asks for.
    pub fn parse_inbound(body: &[u8], instance: &InstanceId) -> Result<Self, ApiError> {
        let InboundFields { to, message, media_url, media_type, filename, caption } = request_body::read(body)?;
        Self::of(Fields {
            instance_id: Some(instance.to_string()),
            to,
            message,
            media_url,
            media_type,
            filename,
            caption,
            quoted_message_id: None,
            metadata: None,
            expires_in: None,
            template: None,
        })
    }

    fn of(fields: Fields) -> Result<Self, ApiError> {
        Ok(Self {
            instance_id: instance_id(fields.instance_id.as_deref())?,
            to: recipient(fields.to.as_deref())?,
            quoted: fields.quoted_message_id.as_deref().map(quoted).transpose()?,
            metadata: fields.metadata.as_deref().map(canonical_metadata).transpose()?,
            expires_in: expires_in(fields.expires_in)?,
            content: content::parse(fields)?,
        })
    }
}

fn instance_id(text: Option<&str>) -> Result<InstanceId, ApiError> {
    let text =
        text.ok_or_else(|| ApiError::invalid("instanceId", "is missing: the id of the instance to send from"))?;
    let unknown =
        |_| ApiError::field(ErrorCode::InvalidInstance, "instanceId", "there is no such instance in this account");
    text.parse().map_err(unknown)
}

fn recipient(text: Option<&str>) -> Result<PhoneNumber, ApiError> {
    let text = text.ok_or_else(|| ApiError::invalid("to", "is missing: the recipient's phone number"))?;
    text.parse().map_err(|error| ApiError::field(ErrorCode::InvalidPhoneNumber, "to", format!("{error}")))
}

fn quoted(text: &str) -> Result<Quoted, ApiError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.starts_with("wamid.") && text.len() <= 256 && plain {
        return Ok(Quoted::Provider(text.to_owned()));
    }
    let parsed = text.parse::<MessageId>();
    parsed
        .map(Quoted::Message)
        .map_err(|error| ApiError::invalid("quotedMessageId", format!("{error}, or WhatsApp's own `wamid.…`")))
}

fn canonical_metadata(json: &RawValue) -> Result<String, ApiError> {
    canonical_json::canonical(json).map_err(|error| ApiError::invalid("metadata", error.to_string()))
}

fn expires_in(seconds: Option<u64>) -> Result<Duration, ApiError> {
    let seconds = seconds.unwrap_or(MAX_EXPIRES_IN);
    if !(1..=MAX_EXPIRES_IN).contains(&seconds) {
        return Err(ApiError::invalid("expiresIn", format!("must be from 1 to {MAX_EXPIRES_IN} seconds")));
    }
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use shared::request_body::MAX_BODY;

    use super::*;

    fn refusal(body: &str) -> (ErrorCode, String) {
        let error = Order::parse(body.as_bytes()).expect_err(body);
        (error.code(), error.at_field().unwrap_or_default().to_owned())
    }

    #[test]
    fn the_page_s_four_examples_are_taken() {
        for body in [
            r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"Hello! How can I help you today?"}"#,
            r#"{"instanceId":"inst_abc123","to":"5511999999999","mediaUrl":"https://example.com/image.jpg","mediaType":"image","caption":"Check out our new product!"}"#,
            r#"{"instanceId":"inst_abc123","to":"5511999999999","mediaUrl":"https://example.com/invoice.pdf","mediaType":"document","filename":"Invoice-2026-001.pdf","caption":"Here is your invoice"}"#,
            r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"Thanks for your question! Here is the answer...","quotedMessageId":"msg_original123"}"#,
        ] {
            assert!(Order::parse(body.as_bytes()).is_ok(), "{body}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_its_code_and_field() {
        use ErrorCode::{InvalidInstance, InvalidPhoneNumber, InvalidRequest, UnsupportedMediaType};
        let with = |rest: &str| format!(r#"{{"instanceId":"inst_1","to":"5511999999999"{rest}}}"#);
        let text = |body: &str| with(&format!(r#","message":"{body}""#));
        let image = |rest: &str| with(&format!(r#","mediaUrl":"https://example.com/a.jpg","mediaType":"image"{rest}"#));
        for (body, code, field) in [
            (String::new(), InvalidRequest, ""),
            ("[]".to_owned(), InvalidRequest, ""),
            (r#"{"to":"55"#.to_owned(), InvalidRequest, ""),
            (format!("{} {{}}", text("hi")), InvalidRequest, ""),
            (r#"{"to":"5511999999999","message":"hi"}"#.to_owned(), InvalidRequest, "instanceId"),
            (r#"{"instanceId":"abc","to":"5511999999999","message":"hi"}"#.to_owned(), InvalidInstance, "instanceId"),
            (r#"{"instanceId":"inst_1","message":"hi"}"#.to_owned(), InvalidRequest, "to"),
            (r#"{"instanceId":"inst_1","to":"+5511999999999","message":"hi"}"#.to_owned(), InvalidPhoneNumber, "to"),
            (r#"{"instanceId":"inst_1","to":5511999999999,"message":"hi"}"#.to_owned(), InvalidRequest, "to"),
            (with(""), InvalidRequest, "message"),
            (text(""), InvalidRequest, "message"),
            (text(&"x".repeat(4097)), InvalidRequest, "message"),
            (with(r#","message":"hi","color":"red""#), InvalidRequest, "color"),
            (with(r#","message":"hi","caption":"x""#), InvalidRequest, "caption"),
            (with(r#","message":"hi","filename":"x""#), InvalidRequest, "filename"),
            (
                with(r#","message":"hi","mediaUrl":"https://example.com/a.jpg","mediaType":"image""#),
                InvalidRequest,
                "message",
            ),
            (with(r#","message":"hi","quotedMessageId":"abc""#), InvalidRequest, "quotedMessageId"),
            (with(r#","message":"hi","expiresIn":0"#), InvalidRequest, "expiresIn"),
            (with(r#","message":"hi","expiresIn":86401"#), InvalidRequest, "expiresIn"),
            (with(r#","message":"hi","expiresIn":-1"#), InvalidRequest, "expiresIn"),
            (with(r#","message":"hi","metadata":[1]"#), InvalidRequest, "metadata"),
            (with(r#","message":"hi","metadata":{"a":1,"a":2}"#), InvalidRequest, "metadata"),
            (with(r#","mediaUrl":"https://example.com/a.jpg""#), InvalidRequest, "mediaType"),
            (with(r#","mediaType":"image""#), InvalidRequest, "mediaUrl"),
            (with(r#","mediaUrl":"ftp://example.com/a.jpg","mediaType":"image""#), InvalidRequest, "mediaUrl"),
            (with(r#","mediaUrl":"https://me:pw@example.com/a.jpg","mediaType":"image""#), InvalidRequest, "mediaUrl"),
            (
                with(r#","mediaUrl":"https://example.com/a.gif","mediaType":"sticker""#),
                UnsupportedMediaType,
                "mediaType",
            ),
            (image(&format!(r#","caption":"{}""#, "x".repeat(1025))), InvalidRequest, "caption"),
            (image(r#","filename":"a.jpg""#), InvalidRequest, "filename"),
            (
                with(r#","mediaUrl":"https://example.com/a.mp3","mediaType":"audio","caption":"x""#),
                InvalidRequest,
                "caption",
            ),
            (with(r#","template":{"name":"a","language":"pt_BR"},"message":"hi""#), InvalidRequest, "message"),
            (with(r#","template":{"name":"","language":"pt_BR"}"#), InvalidRequest, "template.name"),
            (
                with(r#","template":{"name":"a","language":"pt_BR","components":{}}"#),
                InvalidRequest,
                "template.components",
            ),
            (with(r#","template":{"name":"a"}"#), InvalidRequest, "template"),
        ] {
            assert_eq!(refusal(&body), (code, field.to_owned()), "{body}");
        }
    }

    #[test]
    fn a_text_s_limit_counts_characters_and_not_bytes() {
        let body =
            |length| format!(r#"{{"instanceId":"inst_1","to":"5511999999999","message":"{}"}}"#, "é".repeat(length));
        assert!(Order::parse(body(4096).as_bytes()).is_ok());
        assert!(Order::parse(body(4097).as_bytes()).is_err());
    }

    #[test]
    fn a_body_that_is_too_large_is_refused_before_it_is_read() {
        let body = "x".repeat(MAX_BODY + 1);
        assert_eq!(refusal(&body).0, ErrorCode::PayloadTooLarge);
    }
}
