//! A request to send a message: its body, parsed and checked once.

use std::time::Duration;

use serde_json::value::RawValue;
use shared::alias::Alias;
use shared::canonical_json::canonical_object;
use shared::clock::Timestamp;
use shared::http::request_body::{self, bounded, required};
use shared::http::{ApiError, ErrorCode};
use shared::ids::{InstanceId, MessageId};
use shared::json_text::JsonText;
use shared::message::record::MAX_EXPIRES_IN;
use shared::message::{Content, MAX_REFERENCE, Quoted};
use shared::provider_ids::is_message_id;

use crate::content;
use crate::send_request_body::{InboundSendRequestBody, SendRequestBody};

/// How far ahead a message is scheduled at most (contract-2, Batches and schedules).
const MAX_SEND_AT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How long a `sendAt` may be past: clocks differ, and the message leaves at once.
const SEND_AT_MARGIN: Duration = Duration::from_secs(60);

/// A valid request to send a message.
#[derive(Debug)]
pub struct SendRequest {
    /// The instance to send from.
    pub instance_id: InstanceId,
    /// The recipient.
    pub to: Alias,
    /// The message's content.
    pub content: Content,
    /// The message that it replies or reacts to.
    pub quoted: Option<Quoted>,
    /// The customer's JSON object, canonical.
    pub metadata: Option<JsonText>,
    /// The customer's own number of it.
    pub reference: Option<String>,
    /// How long the message may wait to be sent.
    pub expires_in: Duration,
    /// When to send it.
    pub send_at: Option<Timestamp>,
}

impl SendRequest {
    /// Parses the body of `POST /v1/messages/send`.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        Self::try_from(request_body::parse::<SendRequestBody>(body)?)
    }

    /// Parses the body of a request to an inbound URL of `instance`.
    pub fn parse_inbound(body: &[u8], instance: &InstanceId) -> Result<Self, ApiError> {
        let body: InboundSendRequestBody = request_body::parse(body)?;
        Self::try_from(body.with_instance(instance)?)
    }
}

impl TryFrom<SendRequestBody> for SendRequest {
    type Error = ApiError;

    fn try_from(body: SendRequestBody) -> Result<Self, ApiError> {
        Ok(Self {
            instance_id: instance_id(body.instance_id.as_deref())?,
            to: recipient(body.to.as_deref())?,
            quoted: match &body.reaction {
                Some(reaction) => Some(quoted("reaction.messageId", &reaction.message_id)?),
                None => body.quoted_message_id.as_deref().map(|id| quoted("quotedMessageId", id)).transpose()?,
            },
            metadata: body.metadata.as_deref().map(metadata).transpose()?,
            reference: body.reference.clone().map(|text| bounded(text, "reference", MAX_REFERENCE)).transpose()?,
            expires_in: expires_in(body.expires_in)?,
            send_at: body.send_at.as_deref().map(send_at).transpose()?,
            content: content::parse(body)?,
        })
    }
}

fn instance_id(text: Option<&str>) -> Result<InstanceId, ApiError> {
    let text = required(text, "instanceId", "the id of the instance to send from")?;
    text.parse().map_err(|_| unknown_instance())
}

/// The instance of a request does not exist in the caller's account.
pub fn unknown_instance() -> ApiError {
    let message = "`instanceId` must be the id of an instance of this account.";
    ApiError::field(ErrorCode::InvalidInstance, "instanceId", message)
}

fn recipient(text: Option<&str>) -> Result<Alias, ApiError> {
    let text = required(
        text,
        "to",
        "the recipient's phone number in international format, digits only, or WhatsApp's user id",
    )?;
    text.parse().map_err(|error| ApiError::field(ErrorCode::InvalidPhoneNumber, "to", format!("`to` {error}")))
}

/// Refuses a number that certainly lacks its country code. Not part of parsing: earlier versions accepted it, and a repeat may come now.
pub fn check_country_code(to: &Alias) -> Result<(), ApiError> {
    let Alias::Phone(phone) = to else { return Ok(()) };
    if !phone.lacks_country_code() {
        return Ok(());
    }
    let hint = if phone.digits().starts_with("119") { format!(" Is it 55{phone}?") } else { String::new() };
    let message = format!("`to` must begin with the country code: {phone} is no number of +1.{hint}");
    Err(ApiError::field(ErrorCode::InvalidPhoneNumber, "to", message))
}

fn quoted(field: &str, text: &str) -> Result<Quoted, ApiError> {
    if text.starts_with("wamid.") && is_message_id(text) {
        return Ok(Quoted::Provider(text.to_owned()));
    }
    text.parse::<MessageId>().map(Quoted::Message).map_err(|_| {
        let message = format!("`{field}` must be the id of a message, `msg_…`, or WhatsApp's own, `wamid.…`.");
        ApiError::invalid(field, message)
    })
}

fn metadata(json: &RawValue) -> Result<JsonText, ApiError> {
    canonical_object(json).map_err(|error| ApiError::invalid("metadata", format!("`metadata` {error}")))
}

fn expires_in(seconds: Option<u64>) -> Result<Duration, ApiError> {
    let wanted = seconds.map_or(MAX_EXPIRES_IN, Duration::from_secs);
    if wanted.is_zero() || wanted > MAX_EXPIRES_IN {
        let message = format!("`expiresIn` must be from 1 to {} seconds.", MAX_EXPIRES_IN.as_secs());
        return Err(ApiError::invalid("expiresIn", message));
    }
    Ok(wanted)
}

fn send_at(text: &str) -> Result<Timestamp, ApiError> {
    let message = "`sendAt` must be a time with an offset, such as 2026-02-03T09:00:00-03:00.";
    text.parse().map_err(|_| ApiError::invalid("sendAt", message))
}

/// Refuses a `sendAt` that is past or too far ahead of the request. Not part of parsing, since a repeat comes later.
pub fn check_send_at(send_at: Option<Timestamp>, now: Timestamp) -> Result<(), ApiError> {
    let problem = match send_at {
        Some(send_at) if send_at < now.minus(SEND_AT_MARGIN) => "must not be in the past",
        Some(send_at) if send_at > now.plus(MAX_SEND_AT) => "must be at most 30 days ahead",
        _ => return Ok(()),
    };
    Err(ApiError::invalid("sendAt", format!("`sendAt` {problem}.")))
}

#[cfg(test)]
mod tests {
    use shared::http::MAX_BODY;

    use super::*;

    fn refusal(body: &str) -> (ErrorCode, String) {
        let error = SendRequest::parse(body.as_bytes()).expect_err(body);
        let is_sentence = error.message.ends_with('.') && !error.message.contains(" at line ");
        assert!(is_sentence, "{}", error.message);
        (error.code, error.field.unwrap_or_default())
    }

    #[test]
    fn the_four_examples_of_the_api_page_are_accepted() {
        for body in [
            r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"Hello! How can I help you today?"}"#,
            r#"{"instanceId":"inst_abc123","to":"5511999999999","mediaUrl":"https://example.com/image.jpg","mediaType":"image","caption":"Check out our new product!"}"#,
            r#"{"instanceId":"inst_abc123","to":"5511999999999","mediaUrl":"https://example.com/invoice.pdf","mediaType":"document","filename":"Invoice-2026-001.pdf","caption":"Here is your invoice"}"#,
            r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"Thanks for your question! Here is the answer...","quotedMessageId":"msg_original123"}"#,
        ] {
            assert!(SendRequest::parse(body.as_bytes()).is_ok(), "{body}");
        }
    }

    #[test]
    fn an_error_names_its_code_and_field() {
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
            (with(r#","message":"hi","reference":"""#), InvalidRequest, "reference"),
            (with(&format!(r#","message":"hi","reference":"{}""#, "x".repeat(65))), InvalidRequest, "reference"),
            (with(r#","message":"hi","reference":12"#), InvalidRequest, "reference"),
            (with(r#","message":"hi","expiresIn":0"#), InvalidRequest, "expiresIn"),
            (with(r#","message":"hi","expiresIn":86401"#), InvalidRequest, "expiresIn"),
            (with(r#","message":"hi","expiresIn":-1"#), InvalidRequest, "expiresIn"),
            (with(r#","message":"hi","metadata":[1]"#), InvalidRequest, "metadata"),
            (with(r#","message":"hi","metadata":{"a":1,"a":2}"#), InvalidRequest, "metadata"),
            (with(r#","mediaUrl":"https://example.com/a.jpg""#), InvalidRequest, "mediaType"),
            (with(r#","mediaType":"image""#), InvalidRequest, "mediaUrl"),
            (with(r#","mediaUrl":"ftp://example.com/a.jpg","mediaType":"image""#), InvalidRequest, "mediaUrl"),
            (with(r#","mediaUrl":"https://me:pw@example.com/a.jpg","mediaType":"image""#), InvalidRequest, "mediaUrl"),
            (with(r#","mediaUrl":"https://example.com/a.gif","mediaType":"gif""#), UnsupportedMediaType, "mediaType"),
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
            (
                with(r#","template":{"name":"a","language":"pt_BR","components":[{"text":"Ana \ud83d"}]}"#),
                InvalidRequest,
                "template.components",
            ),
            (with(r#","template":{"name":"a"}"#), InvalidRequest, "template.language"),
        ] {
            assert_eq!(refusal(&body), (code, field.to_owned()), "{body}");
        }
    }

    #[test]
    fn the_limit_of_a_text_counts_characters_and_not_bytes() {
        let body =
            |length| format!(r#"{{"instanceId":"inst_1","to":"5511999999999","message":"{}"}}"#, "é".repeat(length));
        assert!(SendRequest::parse(body(4096).as_bytes()).is_ok());
        assert!(SendRequest::parse(body(4097).as_bytes()).is_err());
    }

    #[test]
    fn a_body_that_is_too_large_is_refused_before_it_is_parsed() {
        let body = "x".repeat(MAX_BODY + 1);
        assert_eq!(refusal(&body).0, ErrorCode::PayloadTooLarge);
    }
}
