//! `interactive`: messages that people answer with a tap. One file holds one type, or types that share their parts.

mod button;
mod carousel;
mod catalog;
mod cta_url;
mod flow;
mod list;
mod requests;
mod schema;

pub use schema::Interactive;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::http::ApiError;
use crate::http::request_body::{joined, parse_value};
use crate::whatsapp::message_types::rules::check as check_type;

/// A type and its check.
type Row = (&'static str, fn(&str, &RawValue) -> Result<(), ApiError>);

/// The types: to add one takes its row and its file.
const TYPES: [Row; 10] = [
    ("button", check_type::<button::Button>),
    ("list", check_type::<list::List>),
    ("cta_url", check_type::<cta_url::CtaUrl>),
    ("flow", check_type::<flow::Flow>),
    ("location_request_message", check_type::<requests::LocationRequest>),
    ("request_contact_info", check_type::<requests::ContactRequest>),
    ("product", check_type::<catalog::Product>),
    ("product_list", check_type::<catalog::ProductList>),
    ("catalog_message", check_type::<catalog::Catalog>),
    ("carousel", carousel::check),
];

#[derive(Deserialize)]
struct Typed {
    r#type: String,
}

/// Checks an object by its type.
pub fn check(field: &str, json: &RawValue) -> Result<(), ApiError> {
    let Typed { r#type } = parse_value(field, json)?;
    let Some((_, check)) = TYPES.iter().find(|(name, _)| *name == r#type) else {
        let names = TYPES.map(|(name, _)| name).join(", ");
        let path = joined(field, "type");
        return Err(ApiError::invalid(&path, format!("`{path}` must be one of {names}.")));
    };
    check(field, json)
}
