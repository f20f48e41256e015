//! The types of messages that customers send: the rules of each, checked when a message is accepted.
//!
//! What customers write in WhatsApp's own form (interactive, location, contacts) is checked whole, with the path of what is
//! wrong, and posted as it was given. Such a type is a struct that derives `Deserialize`: its members are types with limits
//! ([`bounded`]), and [`rules`] are about members together. Members that WhatsApp may have added since are not refused.
//!
//! Limits are those of whatsapp-cloud-api-2026, section 3; where it states none, none is checked.

#![expect(dead_code, reason = "a member whose type is its check is not read")]

mod bounded;
mod contacts;
mod file;
mod interactive;
mod location;
mod parts;
mod portable_json;
mod reaction;
mod rules;
mod schema;
mod template;
mod template_component;
mod text;

use serde_json::value::RawValue;

use crate::http::ApiError;
use crate::message::{Content, ObjectType};

use rules::check;

pub use contacts::Card as ContactCard;
pub use file::{MAX_FILENAME, MEDIA_TYPES, parse_file, parse_upload};
pub use interactive::Interactive;
pub use location::Location;
pub use reaction::parse_reaction;
pub use template::parse_template;
pub use template_component::TemplateComponent;
pub use text::parse_text;

/// The content of a message in WhatsApp's own form, from the field that has the type's name.
pub fn parse_object(object_type: ObjectType, json: Box<RawValue>) -> Result<Content, ApiError> {
    let field: &str = object_type.into();
    portable_json::check(field, &json)?;
    match object_type {
        ObjectType::Interactive => interactive::check(field, &json)?,
        ObjectType::Location => check::<location::Location>(field, &json)?,
        ObjectType::Contacts => check::<contacts::Contacts>(field, &json)?,
    }
    Ok(Content::Object { object_type, object: json.into() })
}
