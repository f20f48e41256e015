//! `contacts`: cards of people to save.

use serde::Deserialize;
use time::Date;
use time::macros::format_description;

use super::bounded::{AnyText, List, broken};
use super::rules::no_rules;

/// The cards. 257 are the most that WhatsApp has been seen to accept (whatsapp-cloud-api-2026, section 3).
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Contacts(List<Card, 1, 257>);

#[derive(Deserialize)]
struct Card {
    name: Name,
    phones: Option<Vec<Phone>>,
    emails: Option<Vec<Email>>,
    urls: Option<Vec<Website>>,
    addresses: Option<Vec<Address>>,
    org: Option<Organization>,
    birthday: Option<Birthday>,
}

#[derive(Deserialize)]
struct Name {
    formatted_name: AnyText,
    first_name: Option<String>,
    last_name: Option<String>,
    middle_name: Option<String>,
    prefix: Option<String>,
    suffix: Option<String>,
}

#[derive(Deserialize)]
struct Phone {
    phone: Option<String>,
    r#type: Option<String>,
    wa_id: Option<String>,
}

#[derive(Deserialize)]
struct Email {
    email: Option<String>,
    r#type: Option<String>,
}

#[derive(Deserialize)]
struct Website {
    url: Option<String>,
    r#type: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    street: Option<String>,
    city: Option<String>,
    state: Option<String>,
    zip: Option<String>,
    country: Option<String>,
    country_code: Option<String>,
    r#type: Option<String>,
}

#[derive(Deserialize)]
struct Organization {
    company: Option<String>,
    department: Option<String>,
    title: Option<String>,
}

/// A date, `YYYY-MM-DD`.
struct Birthday;

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
