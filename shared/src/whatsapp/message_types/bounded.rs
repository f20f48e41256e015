//! Texts and lists within limits: an error of `Deserialize` says which limit, and its path says where.

use serde::de::{Deserialize, Deserializer, Error};
use url::Url;

use crate::http::ApiError;
use crate::http::request_body::BROKEN_RULE;
use crate::outbound::customer_url;

/// The most bytes of a URL: what browsers and proxies allow.
pub const MAX_URL: usize = 2048;

/// A text of 1 to `MAX` characters, counted as Unicode scalar values as WhatsApp does, that is not only white space.
pub struct Text<const MAX: usize>(pub String);

/// A text that is not empty. WhatsApp documents no limit.
pub type AnyText = Text<{ usize::MAX }>;

/// A list of `MIN` to `MAX` elements.
pub struct List<T, const MIN: usize, const MAX: usize>(pub Vec<T>);

/// An http or https URL without credentials.
pub struct Link(pub Url);

/// A member that must be absent.
pub struct Absent;

/// The error of a rule that a value breaks: the end of a sentence that begins with its path.
pub fn broken<E: Error>(problem: impl std::fmt::Display) -> E {
    E::custom(format_args!("{BROKEN_RULE}{problem}"))
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let count = text.chars().count();
        if count > MAX {
            return Err(broken(format_args!("has {count} characters; at most {MAX} are allowed.")));
        }
        if text.trim().is_empty() {
            return Err(broken("must not be empty."));
        }
        Ok(Self(text))
    }
}

impl<'de, T: Deserialize<'de>, const MIN: usize, const MAX: usize> Deserialize<'de> for List<T, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = Vec::deserialize(deserializer)?;
        let count = list.len();
        if !(MIN..=MAX).contains(&count) {
            return Err(broken(format_args!("must have {MIN} to {MAX} elements; this has {count}.")));
        }
        Ok(Self(list))
    }
}

impl<'de> Deserialize<'de> for Link {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() > MAX_URL {
            return Err(broken(format_args!("has {} bytes; at most {MAX_URL} are allowed.", text.len())));
        }
        // Parsers of URLs leave them out, and WhatsApp is sent the text.
        if text.chars().any(|symbol| symbol.is_whitespace() || symbol.is_control()) {
            return Err(broken("must not contain blanks."));
        }
        customer_url::parse_media(&text).map(Self).map_err(broken)
    }
}

impl<'de> Deserialize<'de> for Absent {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(broken("is not allowed in this type of message: remove it."))
    }
}

/// Counts characters as Unicode scalar values, as WhatsApp's limits do.
pub fn check_length(field: &str, text: &str, max: usize) -> Result<(), ApiError> {
    let count = text.chars().count();
    if count > max {
        let message = format!("`{field}` has {count} characters; at most {max} are allowed.");
        return Err(ApiError::invalid(field, message));
    }
    Ok(())
}
