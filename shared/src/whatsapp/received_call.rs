//! The calls of a callback, the field `calls` (whatsapp-cloud-api-2026, section 12). Only that somebody has called is used: a call
//! opens the service window as a message does, also one that nobody answers, and one of the business that the person takes.

use serde_json::value::RawValue;

use crate::alias::Alias;
use crate::clock::Timestamp;
use crate::whatsapp::callback_change::{CALLS, Change};
use crate::whatsapp::callback_contacts::{People, aliases_in, people};
use crate::whatsapp::message_status::time;
use crate::whatsapp::raw_json::{field, for_each, text, time_of};

/// A call that a person made, or took.
#[derive(Debug)]
pub struct ReceivedCall {
    /// WhatsApp's id of the number.
    pub number_id: String,
    /// The person: the phone number if WhatsApp shows it, otherwise the user id.
    pub from: Alias,
    /// All aliases that WhatsApp gives the person, some of them repeated.
    pub aliases: Vec<Alias>,
    /// The person's profile name, if WhatsApp gives it.
    pub name: Option<String>,
    /// The person's username, if there is one.
    pub username: Option<String>,
    /// When it began, or was taken, according to WhatsApp.
    pub time: Option<Timestamp>,
    /// Bytes of WhatsApp's JSON.
    size: usize,
}

impl ReceivedCall {
    /// Reads the calls of a change. Those that open no window, such as one of the business that still rings, are none.
    pub(super) fn read_all(change: Change<'_>) -> Vec<Self> {
        let mut calls = Vec::new();
        let Some(number_id) = change.number_id() else { return calls };
        let people = change.value("contacts").map_or_else(People::default, people);
        let mut read = |list: &str, is_persons: fn(&RawValue) -> bool, fields: &[&str]| {
            for_each(change.value(list).unwrap_or(RawValue::NULL), &mut |call| {
                if is_persons(call) {
                    calls.extend(Self::read(&number_id, call, fields, &people));
                }
            });
        };
        read(CALLS, is_made_by_person, &["from", "from_user_id", "from_parent_user_id"]);
        let recipient = ["recipient_id", "recipient_user_id", "recipient_parent_user_id", "parent_recipient_user_id"];
        read("statuses", is_taken_by_person, &recipient);
        calls
    }

    fn read(number_id: &str, call: &RawValue, fields: &[&str], people: &People) -> Option<Self> {
        let mut aliases: Vec<Alias> = aliases_in(call, fields).collect();
        let person = aliases.iter().find_map(|alias| people.get(alias.as_str())).cloned().unwrap_or_default();
        aliases.extend(person.aliases());
        Some(Self {
            number_id: number_id.to_owned(),
            from: aliases.first()?.clone(),
            aliases,
            name: person.name,
            username: person.username,
            // The end of a call has the time of its beginning as well.
            time: field(call, "start_time").and_then(time_of).or_else(|| time(call)),
            size: call.get().len(),
        })
    }

    /// Kilobytes of it, as the quota counts them.
    pub fn kilobytes(&self) -> i64 {
        1 + i64::try_from(self.size / 1024).unwrap_or_default()
    }
}

fn is_made_by_person(call: &RawValue) -> bool {
    text(call, "direction").is_none_or(|direction| direction != "BUSINESS_INITIATED")
}

fn is_taken_by_person(status: &RawValue) -> bool {
    text(status, "status").is_some_and(|status| status == "ACCEPTED")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: &Value) -> Vec<ReceivedCall> {
        let mut value = value.clone();
        value["metadata"] = json!({ "phone_number_id": "1065" });
        let json = serde_json::value::to_raw_value(&json!({ "field": "calls", "value": value })).expect("JSON");
        ReceivedCall::read_all(Change { id: None, time: None, json: &json })
    }

    #[test]
    fn a_call_of_a_person_is_read_and_one_of_the_business_when_it_is_taken() {
        let call = |direction: &str| {
            json!({ "id": "wacid.A", "from": "5511911110001", "from_user_id": "BR.1", "to": "551140000000", "event": "connect",
                "direction": direction, "timestamp": "1760000002", "session": { "sdp": "v=0" } })
        };
        let contacts = json!([{ "profile": { "name": "Ana", "username": "@ana" }, "wa_id": "5511911110001" }]);
        let calls =
            read(&json!({ "calls": [call("USER_INITIATED"), call("BUSINESS_INITIATED")], "contacts": contacts }));
        let [made] = &calls[..] else { panic!("{calls:?}") };
        assert_eq!(
            (made.from.as_str(), made.name.as_deref(), made.username.as_deref()),
            ("5511911110001", Some("Ana"), Some("ana"))
        );
        assert_eq!((made.time, made.aliases.len()), (Some(Timestamp::from_secs(1_760_000_002)), 3));
        let status = |word: &str| {
            json!({ "id": "wacid.B", "type": "call", "status": word, "timestamp": 1_760_000_003,
            "recipient_id": "5511911110002", "recipient_user_id": "BR.2" })
        };
        let taken = read(&json!({ "statuses": [status("RINGING"), status("ACCEPTED"), status("REJECTED")] }));
        let [taken] = &taken[..] else { panic!("{taken:?}") };
        assert_eq!((taken.from.as_str(), taken.kilobytes()), ("5511911110002", 1));
    }

    #[test]
    fn the_end_of_a_call_counts_from_its_beginning_and_nobodys_call_is_none() {
        let ended = json!({ "from_user_id": "BR.1", "event": "terminate", "direction": "USER_INITIATED", "start_time": "1760000000",
            "timestamp": "1760003600" });
        let calls = read(&json!({ "calls": [ended, { "from": "a stranger" }, 5, { "from": "" }] }));
        assert_eq!(calls.iter().map(|call| call.time).collect::<Vec<_>>(), [Some(Timestamp::from_secs(1_760_000_000))]);
        assert!(read(&json!({ "calls": {} })).is_empty() && read(&json!(null)).is_empty());
    }
}
