//! The aliases that a message gives its sender: in WhatsApp's own words alone, since they join people (docs/adr/0037).

use serde_json::value::RawValue;

use crate::alias::Alias;
use crate::phone_number::PhoneNumber;
use crate::whatsapp::callback_contacts::{Person, aliases_in};
use crate::whatsapp::raw_json::{field, for_each, text};

/// The fields of a message that are aliases of its sender.
const SENDER: [&str; 3] = ["from", "from_user_id", "from_parent_user_id"];
/// The fields of a system message that are aliases of its sender: of before and after the change that it reports.
const CHANGED_IDS: [&str; 5] = ["wa_id", "user_id", "previous_user_id", "parent_user_id", "previous_parent_user_id"];
/// The types of system messages that report such a change.
const IDENTITY_CHANGES: [&str; 2] = ["user_changed_number", "user_changed_user_id"];
/// The type of a message of contact cards.
const CARDS: &str = "contacts";
/// The origin of the card with which somebody answers `request_contact_info`.
const CONTACT_REQUEST: &str = "contact_request";

/// The aliases that a message gives its sender, some of them repeated.
pub(super) fn sender_aliases(kind: &str, message: &RawValue, sender: &Person) -> Vec<Alias> {
    let changes = field(message, "system")
        .filter(|system| text(system, "type").is_some_and(|kind| IDENTITY_CHANGES.contains(&kind.as_str())))
        .into_iter()
        .flat_map(|system| aliases_in(system, &CHANGED_IDS));
    let mut aliases: Vec<Alias> = aliases_in(message, &SENDER).chain(sender.aliases()).chain(changes).collect();
    // A sender whose phone number WhatsApp shows has no other one.
    if kind == CARDS && !aliases.iter().any(|alias| matches!(alias, Alias::Phone(_))) {
        aliases.extend(field(message, CARDS).and_then(requested_phone).map(Alias::Phone));
    }
    aliases
}

/// The sender's phone number in the answer to `request_contact_info` (whatsapp-cloud-api-2026, section 1): one card, which WhatsApp has
/// made, with one number. A card that somebody has picked has another origin and a `vcard`: it may be anybody's.
fn requested_phone(cards: &RawValue) -> Option<PhoneNumber> {
    let card = only(cards)?;
    let is_requested = text(card, "origin").is_some_and(|origin| origin == CONTACT_REQUEST);
    let phones = field(card, "phones").filter(|_| is_requested && field(card, "vcard").is_none())?;
    text(only(phones)?, "wa_id")?.parse().ok()
}

/// The element of a list that has one.
fn only(list: &RawValue) -> Option<&RawValue> {
    let (mut first, mut count) = (None, 0);
    for_each(list, &mut |element| {
        first = first.or(Some(element));
        count += 1;
    });
    first.filter(|_| count == 1)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::whatsapp::callback_contacts::people;

    /// The aliases of the person who sent a message of this type.
    fn names(kind: &str, message: &Value, person: &Value) -> Vec<String> {
        let raw = |json: &Value| serde_json::value::to_raw_value(json).expect("JSON");
        let people = people(&raw(&json!([person])));
        let person = people.values().next().cloned().unwrap_or_default();
        sender_aliases(kind, &raw(message), &person).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_system_message_names_the_aliases_of_before_and_after() {
        let mut changed = json!({ "from": "5511911110001", "system": {
            "type": "user_changed_number", "body": "User A changed from B to C", "wa_id": "5511922220002",
            "user_id": "BR.2", "previous_user_id": "BR.1", "parent_user_id": "BR.ENT.2", "previous_parent_user_id": 5 } });
        let all = ["5511911110001", "5511922220002", "BR.2", "BR.1", "BR.ENT.2"];
        assert_eq!(names("system", &changed, &json!(null)), all);
        changed["system"]["type"] = json!("customer_identity_changed");
        assert_eq!(names("system", &changed, &json!(null)), ["5511911110001"], "of other kinds nothing is known");
    }

    fn card() -> Value {
        json!({ "origin": "contact_request", "phones": [{ "phone": "+55 11 91111-0001", "wa_id": "5511911110001", "type": "CELL" }] })
    }

    #[test]
    fn the_answer_to_a_request_for_it_gives_the_sender_a_phone_number() {
        let answer = json!({ "from_user_id": "BR.15", "contacts": [card()] });
        assert_eq!(names("contacts", &answer, &json!(null)), ["BR.15", "5511911110001"]);
        assert_eq!(names("text", &answer, &json!(null)), ["BR.15"], "a text is no answer");
    }

    #[test]
    fn a_card_that_somebody_shares_says_nothing_of_its_sender() {
        let with = |name: &str, value: Value| {
            let mut card = card();
            card[name] = value;
            card
        };
        let other = json!({ "wa_id": "5511922220002" });
        for cards in [
            json!([with("origin", json!("other"))]),
            json!([with("origin", json!(null))]),
            json!([with("origin", json!(["contact_request"]))]),
            json!([with("vcard", json!("BEGIN:VCARD"))]),
            json!([with("phones", json!([other, other]))]),
            json!([with("phones", json!([]))]),
            json!([with("phones", other.clone())]),
            json!([with("phones", json!([{ "phone": "+55 11 91111-0001" }]))]),
            json!([with("phones", json!([{ "wa_id": "BR.16" }]))]),
            json!([card(), with("phones", json!([other]))]),
            json!([{ "phones": [other] }]),
            card(),
        ] {
            let shared = json!({ "from_user_id": "BR.15", "contacts": cards });
            assert_eq!(names("contacts", &shared, &json!(null)), ["BR.15"], "{shared}");
        }
    }

    #[test]
    fn a_sender_whose_phone_number_is_shown_gets_no_other_from_a_card() {
        let shown = json!({ "from": "5511933330003", "from_user_id": "BR.15", "contacts": [card()] });
        assert_eq!(names("contacts", &shown, &json!(null)), ["5511933330003", "BR.15"]);
        let hidden = json!({ "from_user_id": "BR.15", "contacts": [card()] });
        let person = json!({ "wa_id": "5511933330003" });
        assert_eq!(names("contacts", &hidden, &person), ["BR.15", "5511933330003"], "by the entry in `contacts`");
    }
}
