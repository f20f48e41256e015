//! `location`: a place on the map.

use serde::Deserialize;

use super::bounded::{AnyText, broken};
use super::rules::no_rules;

/// A place.
#[derive(Deserialize)]
pub struct Location {
    latitude: Degrees<90>,
    longitude: Degrees<180>,
    name: Option<AnyText>,
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
