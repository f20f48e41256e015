//! The query of a request: what an endpoint does not know is refused, as an unknown field of a body is.

use lambda_http::{Request, RequestExt};

use crate::http::api_error::ApiError;
use crate::text::truncated;

/// Characters of a parameter's name that an error repeats.
const MAX_NAME: usize = 100;

/// Refuses parameters that are not among `known`, naming the first of them.
pub fn refuse_unknown(request: &Request, known: &[&str]) -> Result<(), ApiError> {
    let given = request.query_string_parameters_ref();
    let mut names = given.into_iter().flat_map(|given| given.iter()).map(|(name, _)| name);
    let Some(unknown) = names.find(|name| !known.contains(name)) else { return Ok(()) };
    let unknown = truncated(unknown.to_owned(), MAX_NAME);
    let taken = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let message = format!("`{unknown}` is not a parameter of this query, which has {taken}.");
    Err(ApiError::invalid(unknown, message))
}
