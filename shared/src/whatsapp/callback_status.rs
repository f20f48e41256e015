//! The statuses of a callback.

use serde_json::value::RawValue;
use strum::EnumString;

use crate::alias::Alias;
use crate::clock::Timestamp;
use crate::message::Pricing;
use crate::provider_ids::{is_message_id, is_type_name};
use crate::whatsapp::callback_contacts::{People, aliases_in};
use crate::whatsapp::graph_error::GraphError;
use crate::whatsapp::raw_json::{field, for_each, is_object, parse, text, time_of};

/// A status of a message, and the number that it was sent from.
#[derive(Debug)]
pub struct StatusUpdate {
    /// WhatsApp's id of the number.
    pub number_id: String,
    /// The status.
    pub status: CallbackStatus,
}

/// What WhatsApp reports of a message.
#[derive(Clone, Copy, Debug, EnumString, Eq, PartialEq)]
#[strum(serialize_all = "lowercase")]
pub enum ReportedStatus {
    /// It left.
    Sent,
    /// It reached the phone.
    Delivered,
    /// The recipient opened it.
    Read,
    /// The recipient played it, a voice message.
    Played,
    /// It will not be delivered.
    Failed,
}

/// One of a callback's `statuses` that is about a message of ours.
#[derive(Debug)]
pub struct CallbackStatus {
    /// WhatsApp's id of the message, if it is given.
    pub id: Option<String>,
    /// What is reported.
    pub status: ReportedStatus,
    /// When it happened, according to WhatsApp.
    pub time: Option<Timestamp>,
    /// The tag that was sent with the message.
    pub tag: String,
    /// The aliases that WhatsApp gives the recipient, some of them repeated; none of a group.
    pub recipient: Vec<Alias>,
    /// Why it failed.
    pub errors: Vec<GraphError>,
    /// What the message costs. WhatsApp says it with `sent` and with one of `delivered` and `read`.
    pub pricing: Option<Pricing>,
}

/// What one of a callback's `statuses` is.
pub(super) enum ReadStatus {
    Status(CallbackStatus),
    /// It has no tag: its message was not sent by us.
    Untagged,
    Unreadable,
}

impl CallbackStatus {
    /// Reads a status. It must have its word and the message's tag; nothing else that is odd in it loses it.
    pub(super) fn read(status: &RawValue, people: &People) -> ReadStatus {
        if !is_object(status) {
            return ReadStatus::Unreadable;
        }
        let Some(tag) = field(status, "biz_opaque_callback_data").filter(|tag| tag.get() != RawValue::NULL.get())
        else {
            return ReadStatus::Untagged;
        };
        let Some(tag) = parse(tag) else { return ReadStatus::Unreadable };
        let Some(word) = text(status, "status").and_then(|word| word.parse().ok()) else {
            return ReadStatus::Unreadable;
        };
        let mut errors = Vec::new();
        if let Some(list) = field(status, "errors") {
            for_each(list, &mut |error| errors.extend(GraphError::read(error)));
        }
        ReadStatus::Status(Self {
            id: text(status, "id").filter(|id| is_message_id(id)),
            status: word,
            time: time(status),
            tag,
            recipient: recipient(status, people),
            errors,
            pricing: field(status, "pricing").and_then(pricing),
        })
    }
}

/// What a message costs; none if nothing of it can be read. Words that are not known are kept.
fn pricing(pricing: &RawValue) -> Option<Pricing> {
    let word = |name: &str| text(pricing, name).filter(|word| is_type_name(word));
    let read = Pricing {
        category: word("category"),
        r#type: word("type"),
        billable: field(pricing, "billable").and_then(parse::<bool>),
    };
    Some(read).filter(|read| *read != Pricing::default())
}

/// The aliases of a status's recipient. The parent's id has two names (whatsapp-cloud-api-2026, section 1). `contacts` is of all
/// statuses of the callback: of it only the recipient's own entry counts.
fn recipient(status: &RawValue, people: &People) -> Vec<Alias> {
    if text(status, "recipient_type").is_some_and(|kind| kind == "group") {
        return Vec::new();
    }
    let fields = ["recipient_id", "recipient_user_id", "recipient_parent_user_id", "parent_recipient_user_id"];
    let mut aliases: Vec<Alias> = aliases_in(status, &fields).collect();
    if let Some(person) = aliases.iter().find_map(|alias| people.get(alias.as_str())) {
        aliases.extend(person.aliases());
    }
    aliases
}

/// The time of a status or of a message: seconds since the epoch, as text or as a number.
pub(super) fn time(update: &RawValue) -> Option<Timestamp> {
    field(update, "timestamp").and_then(time_of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatsapp::callback_contacts::people;

    fn read(json: &str) -> ReadStatus {
        CallbackStatus::read(serde_json::from_str(json).expect("JSON"), &People::new())
    }

    #[test]
    fn a_recipient_has_the_aliases_of_its_own_entry_in_contacts_and_a_group_has_none() {
        let contacts = r#"[{"wa_id":"5511900000001","user_id":"BR.1"},{"wa_id":"553187650001","user_id":"BR.2"}]"#;
        let people = people(serde_json::from_str(contacts).expect("JSON"));
        let names = |fields: &str| -> Vec<String> {
            let json = format!(r#"{{"status":"sent","biz_opaque_callback_data":"t",{fields}}}"#);
            let read = CallbackStatus::read(serde_json::from_str(&json).expect("JSON"), &people);
            let ReadStatus::Status(status) = read else { panic!("a status") };
            status.recipient.iter().map(ToString::to_string).collect()
        };
        assert_eq!(names(r#""recipient_id":"553187650001""#), ["553187650001", "553187650001", "BR.2"]);
        let parents =
            r#""recipient_user_id":"BR.9","recipient_parent_user_id":"BR.ENT.9","parent_recipient_user_id":"BR.ENT.8""#;
        assert_eq!(names(parents), ["BR.9", "BR.ENT.9", "BR.ENT.8"]);
        for odd in
            [r#""recipient_id":5,"recipient_user_id":null"#, r#""recipient_id":"Y2FwaV9n""#, r#""recipient_id":"""#]
        {
            assert!(names(odd).is_empty(), "{odd}");
        }
        assert!(names(r#""recipient_id":"553187650001","recipient_type":"group""#).is_empty());
    }

    #[test]
    fn a_status_needs_only_its_word_and_its_tag() {
        for odd in [
            "",
            r#","id":5,"timestamp":"soon","errors":null"#,
            r#","id":"wamid.\u0000","timestamp":1e400,"errors":{"code":1}"#,
            r#","recipient_id":null,"errors":[{"title":"no code"},null,[]],"pricing":"free","cost":1e400"#,
        ] {
            let ReadStatus::Status(status) =
                read(&format!(r#"{{"status":"failed","biz_opaque_callback_data":"t"{odd}}}"#))
            else {
                panic!("{odd}")
            };
            assert_eq!((status.status, status.tag.as_str()), (ReportedStatus::Failed, "t"), "{odd}");
            assert!(status.id.is_none() && status.time.is_none() && status.errors.is_empty(), "{odd}");
        }
    }

    #[test]
    fn the_first_error_with_a_code_counts_and_times_may_be_numbers() {
        let json = r#"{"status":"failed","biz_opaque_callback_data":"t","id":"wamid.A","timestamp":1760000002,
            "errors":[{"title":"without a code"},{"code":"131026"}]}"#;
        let ReadStatus::Status(status) = read(json) else { panic!("a status") };
        assert_eq!((status.errors[0].code, status.id.as_deref()), (131_026, Some("wamid.A")));
        assert_eq!(status.time, Some(Timestamp::from_secs(1_760_000_002)));
    }

    #[test]
    fn prices_are_read_with_words_that_are_not_known_and_within_bounds() {
        let price = |json: &str| {
            let status = format!(r#"{{"status":"read","biz_opaque_callback_data":"t","pricing":{json}}}"#);
            let ReadStatus::Status(status) = read(&status) else { panic!("{json}") };
            status.pricing
        };
        let full = price(r#"{"billable":true,"pricing_model":"PMP","type":"regular","category":"general_purpose_ai"}"#);
        let word = |text: &str| Some(text.to_owned());
        let expected = Pricing { category: word("general_purpose_ai"), r#type: word("regular"), billable: Some(true) };
        assert_eq!(full, Some(expected));
        let long = format!(r#"{{"category":"{}","type":5,"billable":"yes"}}"#, "x".repeat(65));
        for odd in ["null", r#""free""#, "[]", "{}", long.as_str(), r#"{"category":"a b"}"#] {
            assert_eq!(price(odd), None, "{odd}");
        }
        let without_type = price(r#"{"type":null,"category":"service"}"#);
        assert_eq!(without_type, Some(Pricing { category: word("service"), ..Pricing::default() }));
    }

    #[test]
    fn a_status_of_an_unknown_kind_is_unreadable_and_one_without_a_tag_is_not_ours() {
        let tags = [r#"["t"]"#, r#"{"t":1}"#, "5"]
            .map(|tag| format!(r#"{{"status":"sent","biz_opaque_callback_data":{tag}}}"#));
        let odd = [r#""text""#, "[]", "null", r#"{"biz_opaque_callback_data":"t"}"#];
        for json in odd.into_iter().chain(tags.iter().map(String::as_str)) {
            assert!(matches!(read(json), ReadStatus::Unreadable), "{json}");
        }
        let warned = r#"{"status":"warned","biz_opaque_callback_data":"t"}"#;
        assert!(matches!(read(warned), ReadStatus::Unreadable));
        for untagged in [r#"{"id":"wamid.A","status":"sent"}"#, r#"{"status":"sent","biz_opaque_callback_data":null}"#]
        {
            assert!(matches!(read(untagged), ReadStatus::Untagged));
        }
    }
}
