//! The body of a batch: fields of a message that all recipients share, and the recipients, each with the fields that differ.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use lambda_http::http::StatusCode;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use shared::batch::MAX_RECIPIENTS;
use shared::http::request_body::{self, required};
use shared::http::{ApiError, ErrorCode};
use utoipa::openapi::schema::{ArrayBuilder, Object};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::send_request::SendRequest;
use crate::send_request_body::SendRequestBody;

/// The largest body, in bytes (contract-2, Batches).
const MAX_BODY: usize = 1024 * 1024;
/// The most bytes of common fields over all recipients: each message has its own copy of them, and `send` holds all.
const MAX_COMMON: usize = 24 * 1024 * 1024;
/// The field with the recipients.
const RECIPIENTS: &str = "recipients";
/// The field with a file's URL.
const MEDIA_URL: &str = "mediaUrl";
/// The field of a message that cannot be sent in a batch.
pub const REACTION: &str = "reaction";
/// Fields that belong to a batch and not to one of its recipients.
const OF_BATCH: [&str; 2] = ["instanceId", "sendAt"];

/// A request for a batch: the members that its recipients share, and each recipient's own.
pub struct BatchRequest {
    common: Members,
    recipients: Vec<Result<Members, Malformed>>,
}

/// What is wrong with a recipient that is no JSON object of different members.
struct Malformed {
    field: Option<String>,
    message: String,
}

/// The members of a JSON object.
#[derive(Default)]
struct Members(BTreeMap<String, Box<RawValue>>);

impl BatchRequest {
    /// Parses a body as far as it is not about single recipients.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut common: Members = request_body::parse_up_to(MAX_BODY, body)?;
        let recipients = required(common.0.remove(RECIPIENTS), RECIPIENTS, "a list of 1 to 1,000 recipients")?;
        let recipients: Vec<Box<RawValue>> = request_body::parse_value(RECIPIENTS, &recipients)?;
        if !(1..=MAX_RECIPIENTS).contains(&recipients.len()) {
            let count = recipients.len();
            let message = format!("`{RECIPIENTS}` must have 1 to {MAX_RECIPIENTS} recipients; this has {count}.");
            return Err(ApiError::invalid(RECIPIENTS, message));
        }
        let bytes: usize = common.0.iter().map(|(name, value)| name.len() + value.get().len()).sum();
        let most = MAX_COMMON / recipients.len();
        if bytes > most {
            let count = recipients.len();
            let message = format!(
                "The fields that all recipients share have {bytes} bytes; at most {most} are allowed with {count} recipients."
            );
            return Err(ApiError::new(ErrorCode::PayloadTooLarge, message));
        }
        let parsed = recipients.iter().map(|recipient| request_body::parse_value("recipient", recipient));
        Ok(Self { common, recipients: parsed.map(|recipient| recipient.map_err(Malformed::from)).collect() })
    }

    /// How many recipients it has.
    pub fn recipients(&self) -> usize {
        self.recipients.len()
    }

    /// The request of each recipient, or what is wrong with it.
    pub fn rows(&self) -> impl Iterator<Item = Result<SendRequest, ApiError>> {
        self.recipients.iter().map(|recipient| {
            let recipient = recipient.as_ref().map_err(Malformed::error)?;
            if let Some(field) = OF_BATCH.into_iter().find(|field| recipient.0.contains_key(*field)) {
                let message = format!("`{field}` is a field of the batch and not of a recipient: move it.");
                return Err(ApiError::invalid(field, message));
            }
            SendRequest::parse(self.merged(recipient).as_bytes())
        })
    }

    /// The body of one recipient's message.
    fn merged(&self, recipient: &Members) -> String {
        let common = self.common.0.iter().filter(|(name, _)| !recipient.0.contains_key(*name));
        let members =
            common.chain(&recipient.0).map(|(name, value)| format!("{}:{}", serde_json::json!(name), value.get()));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }

    /// The refusal of a batch of which no recipient is acceptable: for what they share, if something is wrong with that, or else
    /// for what is wrong with the first one.
    pub fn none_acceptable(&self, refused: impl IntoIterator<Item = (u16, ApiError)>) -> ApiError {
        let (of_any, mut first) = (self.check_common().err(), None);
        for (index, refusal) in refused {
            if of_any.as_ref().is_some_and(|of_any| is_same(of_any, &refusal)) || self.is_of_common(index, &refusal) {
                return Self::of_batch(refusal);
            }
            first.get_or_insert((index, refusal));
        }
        let Some((index, first)) = first else { return ErrorCode::InvalidRequest.into() };
        let message = format!("None of the recipients is acceptable. The first: {}", first.message);
        let place = match first.field.as_deref() {
            None | Some("") => format!("{RECIPIENTS}[{index}]"),
            Some(field) => format!("{RECIPIENTS}[{index}].{field}"),
        };
        ApiError::field(ErrorCode::InvalidRequest, &place, message)
    }

    /// Checks the message of a recipient without fields of its own.
    fn check_common(&self) -> Result<SendRequest, ApiError> {
        let to = RawValue::from_string(r#""5511999999999""#.to_owned()).expect("a string is JSON");
        SendRequest::parse(self.merged(&Members([("to".to_owned(), to)].into())).as_bytes())
    }

    /// Whether a recipient is refused for a field of the batch that it has not replaced.
    fn is_of_common(&self, index: u16, refusal: &ApiError) -> bool {
        let field = refusal.field.as_deref().unwrap_or_default();
        let member = field.split(['.', '[']).next().unwrap_or_default();
        let own = self.recipients.get(usize::from(index)).and_then(|own| own.as_ref().ok());
        let is_own = own.is_some_and(|own| own.0.contains_key(member));
        (self.common.0.contains_key(member) || OF_BATCH.contains(&member)) && !is_own
    }

    /// The refusal of a batch for a field of its own. That no recipient is acceptable is 400 (contract-2).
    fn of_batch(refusal: ApiError) -> ApiError {
        let is_of_recipients = !refusal.field.as_deref().is_some_and(|field| OF_BATCH.contains(&field));
        let code = match refusal.code {
            code if is_of_recipients && code.status() != StatusCode::BAD_REQUEST => ErrorCode::InvalidRequest,
            code => code,
        };
        ApiError { code, ..refusal }
    }

    /// Whether a recipient gets the file of the batch's `mediaUrl`, and none of its own.
    pub fn has_common_file(&self, index: u16) -> bool {
        let has_file = |members: &Members| members.0.contains_key(MEDIA_URL);
        let own = self.recipients.get(usize::from(index)).and_then(|own| own.as_ref().ok());
        has_file(&self.common) && own.is_some_and(|own| !has_file(own))
    }
}

fn is_same(one: &ApiError, other: &ApiError) -> bool {
    (one.code, &one.field, &one.message) == (other.code, &other.field, &other.message)
}

impl From<ApiError> for Malformed {
    /// The field is that within the recipient.
    fn from(error: ApiError) -> Self {
        let field = error.field.as_deref().and_then(|field| field.strip_prefix("recipient."));
        Self { field: field.map(str::to_owned), message: error.message }
    }
}

impl Malformed {
    fn error(&self) -> ApiError {
        let error = ApiError::new(ErrorCode::InvalidRequest, self.message.clone());
        ApiError { field: self.field.clone(), ..error }
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            members.insert(name, value);
        }
        Ok(Members(members))
    }
}

/// The body of `POST /v1/messages/batch`, for the OpenAPI document: a message's, with recipients in place of `to`.
pub struct BatchBody;

impl BatchBody {
    fn object(change: impl FnOnce(&mut Object)) -> RefOr<Schema> {
        let mut schema = SendRequestBody::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.properties.shift_remove(REACTION);
            change(object);
        }
        schema
    }

    fn recipient() -> RefOr<Schema> {
        Self::object(|object| {
            for field in OF_BATCH {
                object.properties.shift_remove(field);
            }
            object.required = vec!["to".to_owned()];
            object.description = Some("A recipient, with the fields of its message that differ.".to_owned());
        })
    }
}

impl PartialSchema for BatchBody {
    fn schema() -> RefOr<Schema> {
        let recipients =
            ArrayBuilder::new().items(Self::recipient()).min_items(Some(1)).max_items(Some(MAX_RECIPIENTS));
        let recipients =
            recipients.description(Some("The recipients, each with the fields of its message that differ."));
        Self::object(|object| {
            object.properties.shift_remove("to");
            object.properties.insert(RECIPIENTS.to_owned(), RefOr::T(Schema::Array(recipients.build())));
            object.required = vec!["instanceId".to_owned(), RECIPIENTS.to_owned()];
        })
    }
}

impl ToSchema for BatchBody {
    fn name() -> Cow<'static, str> {
        "BatchBody".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        SendRequestBody::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(body: &str) -> Vec<Result<SendRequest, ApiError>> {
        BatchRequest::parse(body.as_bytes()).expect("a batch").rows().collect()
    }

    #[test]
    fn a_recipient_has_the_common_fields_and_its_own_in_their_place() {
        let rows = rows(
            r#"{"instanceId":"inst_1","message":"Hello","reference":"all","recipients":[
                {"to":"5511999999999"},{"to":"5511999999998","reference":"one"},{"to":"x"},{"to":"5511999999997","sendAt":"x"},
                {"to":"5511999999996","colour":1},5,{"to":"1","to":"2"}]}"#,
        );
        let reference = |row: usize| rows[row].as_ref().expect("a row").reference.clone();
        assert_eq!((reference(0).as_deref(), reference(1).as_deref()), (Some("all"), Some("one")));
        let field = |row: usize| rows[row].as_ref().expect_err("no row").field.clone().unwrap_or_default();
        assert_eq!((field(2), field(3), field(4)), ("to".to_owned(), "sendAt".to_owned(), "colour".to_owned()));
        assert_eq!((field(5), field(6)), (String::new(), "to".to_owned()));
    }

    #[test]
    fn what_is_wrong_with_all_recipients_is_told_once_and_by_its_own_name() {
        let refusal = |members: &str, recipients: &str| {
            let body = format!(r#"{{"instanceId":"inst_1"{members},"recipients":[{recipients}]}}"#);
            let batch = BatchRequest::parse(body.as_bytes()).expect("a batch");
            let refused = (0..).zip(batch.rows()).filter_map(|(index, row)| Some((index, row.err()?)));
            let refusal = batch.none_acceptable(refused);
            (refusal.field.unwrap_or_default(), refusal.message.starts_with("None of the recipients"))
        };
        let (two, text) = (r#"{"to":"5511999999999"},{"to":"5511999999998"}"#, r#","message":"Hello""#);
        for (members, recipients, field) in [
            (r#","message":"Hello","expiresIn":0"#, two, "expiresIn"),
            (r#","message":"Hello","expiresIn":0"#, r#"{"to":"+5"},{"to":"5511999999999"}"#, "expiresIn"),
            (r#","template":{"name":"","language":"pt_BR"}"#, two, "template.name"),
            (r#","mediaUrl":"https://example.com/a.jpg""#, two, "mediaType"),
            ("", two, "message"),
        ] {
            assert_eq!(refusal(members, recipients), (field.to_owned(), false), "{members}");
        }
        for (members, recipients, field) in [
            (text, r#"{"to":"+5"},{"to":"+6"}"#, "recipients[0].to"),
            (text, r#"{"to":"5511999999999","expiresIn":0}"#, "recipients[0].expiresIn"),
            (text, r#"{"to":"5511999999999","message":""}"#, "recipients[0].message"),
            (text, r#"{"to":"5511999999999","sendAt":"2026-02-03T12:00:00Z"}"#, "recipients[0].sendAt"),
            (text, "5", "recipients[0]"),
            ("", r#"{"to":"5511999999999","mediaUrl":"https://example.com/a.jpg"}"#, "recipients[0].mediaType"),
        ] {
            assert_eq!(refusal(members, recipients), (field.to_owned(), true), "{recipients}");
        }
    }

    #[test]
    fn a_body_that_is_no_batch_names_the_field() {
        for (body, field) in [
            (r#"{"instanceId":"inst_1","message":"Hello"}"#, "recipients"),
            (r#"{"instanceId":"inst_1","message":"Hello","recipients":[]}"#, "recipients"),
            (r#"{"message":"a","message":"b","recipients":[{"to":"1"}]}"#, "message"),
        ] {
            let refused = BatchRequest::parse(body.as_bytes()).err().expect(body);
            assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::InvalidRequest, Some(field)), "{body}");
        }
        let large = |recipients| {
            let recipients = vec![r#"{"to":"1"}"#; recipients].join(",");
            format!(r#"{{"metadata":"{}","recipients":[{recipients}]}}"#, "x".repeat(100_000))
        };
        assert!(BatchRequest::parse(large(200).as_bytes()).is_ok());
        let refused = BatchRequest::parse(large(300).as_bytes()).err().expect("too much for 300");
        assert_eq!(refused.code, ErrorCode::PayloadTooLarge);
        let many = format!(r#"{{"recipients":[{}]}}"#, vec![r#"{"to":"1"}"#; 1001].join(","));
        assert!(BatchRequest::parse(many.as_bytes()).is_err());
    }
}
