//! Pages of lists: `limit` with `offset`, or `limit` with a cursor.

use std::str::FromStr;

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::http::{ApiError, Operation};
use utoipa::ToSchema;

use crate::api_request::ApiRequest;

/// Rows of a page by default (contract).
const DEFAULT_LIMIT: usize = 50;
/// The most rows of a page (contract).
const MAX_LIMIT: usize = 100;

/// The most bytes of a page's rows: a response of Lambda's has 6 MB at most, and holds the body as a string, in which each
/// quotation mark takes two bytes (Lambda quotas).
const MAX_BYTES: usize = 5 * 1024 * 1024 / 2;

/// The position of a page in the whole list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OffsetPage {
    /// The number of rows in the list.
    pub total: usize,
    /// The most rows of a page.
    pub limit: usize,
    /// Rows before this page.
    pub offset: usize,
    /// Whether rows follow.
    pub has_more: bool,
}

/// The start of the next page.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CursorPage {
    /// Whether rows follow.
    pub has_more: bool,
    /// The cursor that they are requested with.
    pub next_cursor: Option<String>,
}

/// The parameter `limit`.
pub fn limit(request: ApiRequest<'_>) -> Result<usize, ApiError> {
    let rule = format!("must be a number from 1 to {MAX_LIMIT}.");
    let limit = request.parse_query("limit", &rule)?.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(ApiError::invalid("limit", format!("`limit` {rule}")));
    }
    Ok(limit)
}

/// The cursor `after` of a list in the order of time: thirteen digits of milliseconds, and an id of the kind `T`.
pub fn time_cursor<T: FromStr>(request: ApiRequest<'_>) -> Result<Option<&str>, ApiError> {
    match request.query("after") {
        Some(cursor) if !is_time_cursor::<T>(cursor) => Err(unknown_cursor()),
        after => Ok(after),
    }
}

/// Whether a text is a cursor in the order of time: thirteen digits of milliseconds, a `.` and an id.
pub fn is_time_cursor<T: FromStr>(text: &str) -> bool {
    text.split_once('.').is_some_and(|(time, id)| {
        time.len() == 13 && time.bytes().all(|byte| byte.is_ascii_digit()) && id.parse::<T>().is_ok()
    })
}

/// The time of a cursor in the order of time.
pub fn time_of_cursor(cursor: &str) -> Option<Timestamp> {
    cursor.split_once('.')?.0.parse().ok().map(Timestamp::from_millis)
}

/// The refusal of a cursor that no page had.
pub fn unknown_cursor() -> ApiError {
    ApiError::invalid("after", "`after` must be the `nextCursor` of a page.")
}

/// How many of a page's rows fit into a response, at least one: a page of long rows ends early.
pub fn fitting<'a>(rows: impl Iterator<Item = &'a Box<RawValue>>) -> usize {
    let mut size = 0;
    let fit = rows.enumerate().take_while(|(place, row)| {
        size += row.get().len();
        *place == 0 || size <= MAX_BYTES
    });
    fit.count()
}

/// The rows that `limit` and `offset` select.
pub fn offset_page<T>(request: ApiRequest<'_>, rows: Vec<T>) -> Result<(Vec<T>, OffsetPage), ApiError> {
    let limit = limit(request)?;
    let offset = request.parse_query("offset", "must be a number, 0 or more.")?.unwrap_or(0);
    let total = rows.len();
    let rows: Vec<T> = rows.into_iter().skip(offset).take(limit).collect();
    let has_more = offset.saturating_add(rows.len()) < total;
    Ok((rows, OffsetPage { total, limit, offset, has_more }))
}

/// Describes a list with `limit` and `offset`.
pub fn describe_offset_page<T: ToSchema>(operation: Operation, row: Value) -> Operation {
    let schema = json!({ "type": "integer", "minimum": 0, "default": 0 });
    describe_limit(operation)
        .query("offset", false, schema, "Rows before the page")
        .answers_page::<T, OffsetPage>(row, json!({ "total": 1, "limit": 50, "offset": 0, "hasMore": false }))
}

/// Describes a list with `limit` and a cursor.
pub fn describe_cursor_page<T: ToSchema>(operation: Operation, row: Value) -> Operation {
    describe_limit(operation).answers_page::<T, CursorPage>(row, json!({ "hasMore": false, "nextCursor": null }))
}

fn describe_limit(operation: Operation) -> Operation {
    let schema = json!({ "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT });
    operation.query("limit", false, schema, "The most rows of the page")
}
