//! The people behind the recipients: WhatsApp's form of a phone number, and the user id, both made from the number, so that
//! the same person always has the same ones (whatsapp-cloud-api-2026, sections 1 and 2).

use serde_json::{Value, json};

/// Numbers whose owners WhatsApp knows under another one: the number and its `wa_id`. It cannot be computed, since it depends
/// on when the account was created.
const OTHER_WA_IDS: [(&str, &str); 3] =
    [("5531987650001", "553187650001"), ("525512345678", "5215512345678"), ("541123456789", "5491123456789")];

/// Countries by the beginning of a number; all others are said to be in the first one.
const COUNTRIES: [(&str, &str); 4] = [("1", "US"), ("52", "MX"), ("54", "AR"), ("55", "BR")];

/// A person whom a message was sent to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Person {
    /// WhatsApp's form of the phone number; none if the message was sent to the user id, since the number is withheld.
    pub wa_id: Option<String>,
    /// WhatsApp's own id of the person. Nobody has a parent one, since the business is not enrolled.
    pub user_id: String,
}

impl Person {
    /// The person whom a message reaches, by its `to` without `+`, or its `recipient`.
    pub fn from_recipient(recipient: &str) -> Self {
        if recipient.contains('.') {
            return Self { wa_id: None, user_id: recipient.to_owned() };
        }
        let known = OTHER_WA_IDS.iter().find(|(number, _)| *number == recipient);
        let wa_id = known.map_or(recipient, |(_, wa_id)| wa_id);
        Self { wa_id: Some(wa_id.to_owned()), user_id: user_id(wa_id) }
    }

    /// The person in `contacts` of a response to a message that was sent to `input`.
    pub fn in_response(&self, input: &Value) -> Value {
        match &self.wa_id {
            Some(wa_id) => json!({ "input": input, "wa_id": wa_id }),
            None => json!({ "input": input, "user_id": self.user_id }),
        }
    }

    /// The person in `contacts` of a callback.
    pub fn in_callback(&self) -> Value {
        let mut contact = json!({ "profile": { "name": "Somebody" }, "user_id": self.user_id });
        if let Some(wa_id) = &self.wa_id {
            contact["wa_id"] = json!(wa_id);
        }
        contact
    }
}

/// The digits backwards, behind the country and up to 17 digits.
fn user_id(wa_id: &str) -> String {
    let country = COUNTRIES.iter().find(|(prefix, _)| wa_id.starts_with(prefix)).unwrap_or(&COUNTRIES[0]).1;
    let backwards: String = wa_id.chars().rev().collect();
    format!("{country}.13{backwards:0>15}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_its_wa_id_are_one_person() {
        for (number, wa_id) in OTHER_WA_IDS {
            let person = Person::from_recipient(number);
            assert_eq!(person.wa_id.as_deref(), Some(wa_id));
            assert_eq!(person, Person::from_recipient(wa_id));
        }
        let user_ids: Vec<_> = ["5511999999999", "5511999999998", "15550100001", "4930901820"]
            .map(|number| Person::from_recipient(number).user_id)
            .into();
        assert_eq!(
            user_ids,
            ["BR.13009999999991155", "BR.13008999999991155", "US.13000010000105551", "US.13000000281090394"]
        );
    }

    #[test]
    fn a_person_written_to_by_user_id_shows_no_number() {
        let person = Person::from_recipient("BR.13009999999991155");
        assert_eq!(person.in_callback().get("wa_id"), None);
        let response = json!({ "input": "BR.13009999999991155", "user_id": "BR.13009999999991155" });
        assert_eq!(person.in_response(&json!("BR.13009999999991155")), response);
    }
}
