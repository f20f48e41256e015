//! Rules about several members of a type, beside those that the members' own types are.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::http::ApiError;
use crate::http::request_body::{joined, parse_value};

/// Rules about members of a type together.
pub trait Rules {
    /// The first one that is broken.
    fn check(&self) -> Result<(), Broken> {
        Ok(())
    }
}

/// A rule that is broken.
pub struct Broken {
    /// The path of the member.
    path: String,
    /// The end of a sentence that begins with the path.
    problem: String,
}

impl Broken {
    /// The path of a member, and the end of a sentence that begins with it.
    pub fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { path: path.into(), problem: problem.into() }
    }
}

/// Checks the value of a field by the types of its members, and by its rules.
pub fn check<T: DeserializeOwned + Rules>(field: &str, json: &RawValue) -> Result<(), ApiError> {
    let value: T = parse_value(field, json)?;
    value.check().map_err(|Broken { path, problem }| {
        let path = joined(field, &path);
        ApiError::invalid(&path, format!("`{path}` {problem}"))
    })
}

/// A type without rules about members together.
macro_rules! no_rules {
    ($($name:ty),+) => { $(impl $crate::whatsapp::message_types::rules::Rules for $name {})+ };
}
pub(super) use no_rules;
