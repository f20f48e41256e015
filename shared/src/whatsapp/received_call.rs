//! The calls of a callback, the field `calls` (whatsapp-cloud-api-2026, section 12). Only that somebody has called is used: a call
//! opens the service window as a message does, also one that nobody answers, and one of the business that the person takes.

use serde_json::value::RawValue;

use crate::alias::Alias;
use crate::clock::Timestamp;
use crate::whatsapp::callback_change::CALLS;
use crate::whatsapp::callback_contacts::{People, aliases_in};
use crate::whatsapp::callback_status::time;
use crate::whatsapp::raw_json::{field, is_object, text, time_of};
use crate::whatsapp::update_frame::Frame;

/// Where a call names who made it, and a status who took it.
const CALLER: [&str; 3] = ["from", "from_user_id", "from_parent_user_id"];
#[rustfmt::skip]
const RECIPIENT: [&str; 4] =
    ["recipient_id", "recipient_user_id", "recipient_parent_user_id", "parent_recipient_user_id"];

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

/// What one of a callback's calls, or of the statuses of calls, is.
pub(super) enum ReadCall {
    /// Somebody has called, or has taken a call.
    Opens(ReceivedCall),
    /// It opens no window, such as a call of the business that still rings.
    Unused,
    Unreadable,
}

impl ReceivedCall {
    /// Reads an element of the list of `frame`: of `calls`, or of the statuses of the business's own.
    pub(super) fn read(frame: &Frame<'_>, call: &RawValue, people: &People) -> ReadCall {
        let fields = match (frame.name, text(call, "status").as_deref()) {
            _ if !is_object(call) => return ReadCall::Unreadable,
            (CALLS, _) if text(call, "direction").is_some_and(|direction| direction == "BUSINESS_INITIATED") => {
                return ReadCall::Unused;
            }
            (CALLS, _) => &CALLER[..],
            (_, Some("ACCEPTED")) => &RECIPIENT[..],
            (_, Some("RINGING" | "REJECTED")) => return ReadCall::Unused,
            _ => return ReadCall::Unreadable,
        };
        match Self::read_fields(frame, call, fields, people) {
            Some(call) => ReadCall::Opens(call),
            // That it began was reported before.
            None if text(call, "event").is_some_and(|event| event == "terminate") => ReadCall::Unused,
            None => ReadCall::Unreadable,
        }
    }

    fn read_fields(frame: &Frame<'_>, call: &RawValue, fields: &[&str], people: &People) -> Option<Self> {
        let mut aliases: Vec<Alias> = aliases_in(call, fields).collect();
        let person = aliases.iter().find_map(|alias| people.get(alias.as_str())).cloned().unwrap_or_default();
        aliases.extend(person.aliases());
        Some(Self {
            number_id: frame.number_id.clone()?,
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::whatsapp::Callback;

    fn read(value: &Value) -> Callback {
        let mut value = value.clone();
        value["metadata"] = json!({ "phone_number_id": "1065" });
        let body = json!({ "entry": [{ "id": "9001", "changes": [{ "field": "calls", "value": value }] }] });
        Callback::read(body.to_string().as_bytes()).expect("a callback")
    }

    #[test]
    fn a_call_of_a_person_is_read_and_one_of_the_business_when_it_is_taken() {
        let call = |direction: &str| {
            json!({ "id": "wacid.A", "from": "5511911110001", "from_user_id": "BR.1", "to": "551140000000", "event": "connect",
                "direction": direction, "timestamp": "1760000002", "session": { "sdp": "v=0" } })
        };
        let contacts = json!([{ "profile": { "name": "Ana", "username": "@ana" }, "wa_id": "5511911110001" }]);
        let callback =
            read(&json!({ "calls": [call("USER_INITIATED"), call("BUSINESS_INITIATED")], "contacts": contacts }));
        let [made] = &callback.calls[..] else { panic!("{callback:?}") };
        assert_eq!(
            (made.from.as_str(), made.name.as_deref(), made.username.as_deref()),
            ("5511911110001", Some("Ana"), Some("ana"))
        );
        assert_eq!((made.time, made.aliases.len()), (Some(Timestamp::from_secs(1_760_000_002)), 3));
        let status = |word: &str| {
            json!({ "id": "wacid.B", "type": "call", "status": word, "timestamp": 1_760_000_003,
            "recipient_id": "5511911110002", "recipient_user_id": "BR.2" })
        };
        let callback = read(&json!({ "statuses": [status("RINGING"), status("ACCEPTED"), status("REJECTED")] }));
        let [taken] = &callback.calls[..] else { panic!("{callback:?}") };
        assert_eq!((taken.from.as_str(), taken.kilobytes()), ("5511911110002", 1));
        assert!(callback.unread.is_empty() && callback.unused == 0);
        let unused = read(&json!({ "statuses": [status("RINGING")], "calls": [call("BUSINESS_INITIATED")] }));
        assert_eq!((unused.unused, unused.unread.len()), (1, 0));
    }

    #[test]
    fn the_end_of_a_call_counts_from_its_beginning() {
        let ended = json!({ "from_user_id": "BR.1", "event": "terminate", "direction": "USER_INITIATED", "start_time": "1760000000",
            "timestamp": "1760003600" });
        let callback = read(&json!({ "calls": [ended, { "event": "terminate" }] }));
        let times: Vec<_> = callback.calls.iter().map(|call| call.time).collect();
        assert_eq!((times, callback.unread.len()), (vec![Some(Timestamp::from_secs(1_760_000_000))], 0));
    }

    #[test]
    fn calls_that_cannot_be_read_are_kept() {
        let tagged = json!({ "id": "wamid.A", "status": "delivered", "biz_opaque_callback_data": "k.msg_1.1.mac" });
        for (odd, kept) in [
            (json!({ "calls": {} }), 1),
            (json!({ "calls": "x" }), 1),
            (json!(null), 1),
            (json!({ "calls": [null, 5, { "from": "a stranger", "event": "connect" }, { "from": "" }] }), 4),
            (json!({ "statuses": [tagged, { "status": "ACCEPTED" }] }), 2),
            (json!({ "calls": [], "messages": [{ "id": "wamid.B" }] }), 1),
        ] {
            let callback = read(&odd);
            assert_eq!((callback.calls.len(), callback.unread.len()), (0, kept), "{odd}");
        }
    }
}
