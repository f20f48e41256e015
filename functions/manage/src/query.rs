//! The query string of a list: which part of it is asked for.

use std::str::FromStr;

use lambda_http::{Request, RequestExt};
use shared::api_error::ApiError;

use crate::answer::OffsetPage;

/// Rows of a page unless the caller says otherwise (contract).
const LIMIT: usize = 50;
/// The most rows of a page (contract).
const MAX_LIMIT: usize = 100;

/// A parameter's text, if it is there.
pub fn text(request: &Request, name: &str) -> Option<String> {
    request.query_string_parameters().first(name).map(str::to_owned)
}

/// A parameter that must parse, if it is there.
pub fn parsed<T: FromStr>(request: &Request, name: &str, rule: &str) -> Result<Option<T>, ApiError> {
    let parse = |text: String| text.parse().map_err(|_| ApiError::invalid(name, rule));
    text(request, name).map(parse).transpose()
}

/// `limit`: 50, or 1 to 100.
pub fn limit(request: &Request) -> Result<usize, ApiError> {
    let rule = "must be a number from 1 to 100";
    let limit = parsed(request, "limit", rule)?.unwrap_or(LIMIT);
    if (1..=MAX_LIMIT).contains(&limit) { Ok(limit) } else { Err(ApiError::invalid("limit", rule)) }
}

/// The rows that `limit` and `offset` ask for, and where they stand in the whole.
pub fn page<T>(request: &Request, rows: Vec<T>) -> Result<(Vec<T>, OffsetPage), ApiError> {
    let limit = limit(request)?;
    let offset = parsed(request, "offset", "must be a number, 0 or more")?.unwrap_or(0);
    let total = rows.len();
    let rows: Vec<T> = rows.into_iter().skip(offset).take(limit).collect();
    let has_more = offset.saturating_add(rows.len()) < total;
    Ok((rows, OffsetPage { total, limit, offset, has_more }))
}
