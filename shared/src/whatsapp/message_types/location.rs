//! `location`: a place on the map.

use serde::Deserialize;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::bounded::{AnyText, broken};
use super::rules::no_rules;

/// A place.
#[derive(Deserialize, ToSchema)]
pub struct Location {
    /// Degrees north, from -90 to 90; a text of digits too.
    #[schema(inline)]
    latitude: Degrees<90>,
    /// Degrees east, from -180 to 180; a text of digits too.
    #[schema(inline)]
    longitude: Degrees<180>,
    /// The name of the place.
    #[schema(inline)]
    name: Option<AnyText>,
    /// Its address.
    #[schema(inline)]
    address: Option<AnyText>,
}

/// WhatsApp takes both.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number")]
enum NumberOrText {
    Number(f64),
    Text(String),
}

/// Degrees from `-MAX` to `MAX`.
struct Degrees<const MAX: u8>;

impl<const MAX: u8> PartialSchema for Degrees<MAX> {
    fn schema() -> RefOr<Schema> {
        let types = SchemaType::from_iter([Type::Number, Type::String]);
        ObjectBuilder::new().schema_type(types).minimum(Some(-f64::from(MAX))).maximum(Some(f64::from(MAX))).into()
    }
}

impl<const MAX: u8> ToSchema for Degrees<MAX> {}

impl<'de, const MAX: u8> Deserialize<'de> for Degrees<MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let degrees = match NumberOrText::deserialize(deserializer)? {
            NumberOrText::Number(degrees) => degrees,
            NumberOrText::Text(text) => text.parse().unwrap_or(f64::NAN),
        };
        if degrees.abs() <= f64::from(MAX) {
            Ok(Self)
        } else {
            Err(broken(format_args!("must be from -{MAX} to {MAX} degrees.")))
        }
    }
}

no_rules!(Location);
