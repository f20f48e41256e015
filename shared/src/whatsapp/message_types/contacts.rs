//! `contacts`: cards of people to save.

use serde::Deserialize;
use time::Date;
use time::macros::format_description;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::bounded::{AnyText, List, broken};
use super::rules::no_rules;

/// The cards. 257 are the most that WhatsApp has been seen to accept (whatsapp-cloud-api-2026, section 3).
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Contacts(List<Card, 1, 257>);

/// A card of a person.
#[derive(Deserialize, ToSchema)]
#[schema(as = ContactCard)]
pub struct Card {
    /// The name of the person.
    name: Name,
    /// Their phone numbers.
    phones: Option<Vec<Phone>>,
    /// Their e-mail addresses.
    emails: Option<Vec<Email>>,
    /// Their websites.
    urls: Option<Vec<Website>>,
    /// Their postal addresses.
    addresses: Option<Vec<Address>>,
    /// Where they work.
    org: Option<Organization>,
    /// Their birthday, `YYYY-MM-DD`.
    #[schema(inline)]
    birthday: Option<Birthday>,
}

/// A name.
#[derive(Deserialize, ToSchema)]
#[schema(as = ContactName)]
struct Name {
    /// The whole name.
    #[schema(inline)]
    formatted_name: AnyText,
    /// The first name.
    first_name: Option<String>,
    /// The last name.
    last_name: Option<String>,
    /// The middle name.
    middle_name: Option<String>,
    /// What is before the name, such as `Dr.`.
    prefix: Option<String>,
    /// What is after the name, such as `Jr.`.
    suffix: Option<String>,
}

/// A phone number.
#[derive(Deserialize, ToSchema)]
#[schema(as = ContactPhone)]
struct Phone {
    /// The number, as it is shown.
    phone: Option<String>,
    /// Which number it is, such as `CELL` or `WORK`.
    r#type: Option<String>,
    /// WhatsApp's form of the number: with it, the card has a button that opens a conversation.
    wa_id: Option<String>,
}

/// An e-mail address.
#[derive(Deserialize, ToSchema)]
#[schema(as = ContactEmail)]
struct Email {
    /// The address.
    email: Option<String>,
    /// Which address it is, such as `HOME` or `WORK`.
    r#type: Option<String>,
}

/// A website.
#[derive(Deserialize, ToSchema)]
#[schema(as = ContactUrl)]
struct Website {
    /// The URL.
    url: Option<String>,
    /// Which website it is, such as `WORK`.
    r#type: Option<String>,
}

/// A postal address.
#[derive(Deserialize, ToSchema)]
#[schema(as = ContactAddress)]
struct Address {
    /// Street and number.
    street: Option<String>,
    /// The city.
    city: Option<String>,
    /// The state, such as `SP`.
    state: Option<String>,
    /// The postal code.
    zip: Option<String>,
    /// The country's name.
    country: Option<String>,
    /// The country's two letters, such as `br`.
    country_code: Option<String>,
    /// Which address it is, such as `HOME` or `WORK`.
    r#type: Option<String>,
}

/// A workplace.
#[derive(Deserialize, ToSchema)]
#[schema(as = ContactOrganization)]
struct Organization {
    /// The company.
    company: Option<String>,
    /// The department.
    department: Option<String>,
    /// The person's position.
    title: Option<String>,
}

/// A date, `YYYY-MM-DD`.
struct Birthday;

impl PartialSchema for Birthday {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Date);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}

impl ToSchema for Birthday {}

impl<'de> Deserialize<'de> for Birthday {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match Date::parse(&text, format_description!("[year]-[month]-[day]")) {
            Ok(_) => Ok(Self),
            Err(_) => Err(broken("must be a date, such as 1990-12-31.")),
        }
    }
}

no_rules!(Contacts);
