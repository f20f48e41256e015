//! The query of a request: what an endpoint does not know is refused, as an unknown field of a body is, and what it knows twice.

use lambda_http::{Request, RequestExt};

use crate::http::api_error::ApiError;
use crate::text::truncated;

/// Characters of a parameter's name that an error repeats.
const MAX_NAME: usize = 100;

/// Refuses parameters that are not among `known`, or are there twice, naming the first of them.
pub fn refuse_unknown(request: &Request, known: &[&str]) -> Result<(), ApiError> {
    let given = request.query_string_parameters_ref();
    let names = || given.into_iter().flat_map(|given| given.iter()).map(|(name, _)| name);
    // API Gateway joins the values of a repeated one, and servers differ in which they take.
    if let Some(repeated) = known.iter().find(|known| names().filter(|name| name == *known).count() > 1) {
        return Err(ApiError::invalid(*repeated, format!("`{repeated}` is more than once in this query.")));
    }
    let mut names = names();
    let Some(unknown) = names.find(|name| !known.contains(name)) else { return Ok(()) };
    let unknown = truncated(unknown.to_owned(), MAX_NAME);
    let taken = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let message = format!("`{unknown}` is not a parameter of this query, which has {taken}.");
    Err(ApiError::invalid(unknown, message))
}
