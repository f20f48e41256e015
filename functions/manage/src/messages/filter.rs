//! Which messages of a history a request wants.

use shared::clock::{self, Timestamp};
use shared::http::Operation;
use shared::message::{Direction, Message, STATUSES, Span};

use crate::prelude::*;

/// The `status` of messages that failed.
pub const FAILED: &str = "failed";
/// The longest `type`, in bytes.
const MAX_TYPE: usize = 64;
/// What `from` and `to` must be.
const TIME_RULE: &str = "must be a time, such as 2026-02-03T12:00:00Z.";

/// The filters of a request; what is absent selects all.
pub struct Filter<'a> {
    direction: Option<Direction>,
    kind: Option<&'a str>,
    status: Option<&'a str>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl<'a> Filter<'a> {
    /// The filters of a request.
    pub fn from_request(request: ApiRequest<'a>) -> Result<Self, ApiError> {
        let one_of = |name: &str, values: &[&str]| {
            let value = request.query(name);
            if value.is_some_and(|value| !values.contains(&value)) {
                return Err(ApiError::invalid(name, format!("`{name}` must be one of {}.", values.join(", "))));
            }
            Ok(value)
        };
        let direction = one_of("direction", &["inbound", "outbound"])?.map(|direction| match direction {
            "inbound" => Direction::Inbound,
            _ => Direction::Outbound,
        });
        let status = one_of("status", &STATUSES)?;
        let kind = request.query("type");
        if kind.is_some_and(|kind| kind.is_empty() || kind.len() > MAX_TYPE) {
            return Err(ApiError::invalid("type", format!("`type` must have 1 to {MAX_TYPE} characters.")));
        }
        let (from, to) = (request.parse_query("from", TIME_RULE)?, request.parse_query("to", TIME_RULE)?);
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            return Err(ApiError::invalid("to", "`to` must not be before `from`."));
        }
        Ok(Self { direction, kind, status, from, to })
    }

    /// Adds the filters to the description of an operation.
    pub fn describe(operation: Operation) -> Operation {
        let time = || json!({ "type": "string", "format": "date-time" });
        operation
            .query("direction", false, json!({ "enum": ["inbound", "outbound"] }), "Only messages of this direction")
            .query("type", false, json!({ "type": "string" }), "Only messages of this type, such as image")
            .query("status", false, json!({ "enum": STATUSES }), "Only messages with this status")
            .query("from", false, time(), "Only messages that were accepted or received at this time or later")
            .query("to", false, time(), "Only messages that were accepted or received at this time or earlier")
    }

    /// Whether it selects all messages of its period.
    pub const fn selects_all(&self) -> bool {
        self.direction.is_none() && self.kind.is_none() && self.status.is_none()
    }

    /// Whether it selects a message.
    pub fn selects(&self, message: &Message) -> bool {
        self.direction.is_none_or(|direction| message.direction == direction)
            && self.kind.is_none_or(|kind| message.content.kind() == kind)
            && self.status.is_none_or(|status| message.public_status(clock::now()) == status)
            && self.from.is_none_or(|from| from <= message.created_at)
            && self.to.is_none_or(|to| message.created_at <= to)
    }

    /// What of a span lies in the period.
    pub fn narrow(&self, span: Span) -> Span {
        span.within(self.from, self.to)
    }
}
