//! A change of the user id by which WhatsApp knows somebody (whatsapp-cloud-api-2026, section 1).

use std::str::FromStr;

use serde_json::value::RawValue;

use crate::alias::Alias;
use crate::phone_number::PhoneNumber;
use crate::user_id::UserId;
use crate::whatsapp::json_members::Members;
use crate::whatsapp::raw_json::{field, is_object, parse};
use crate::whatsapp::update_frame::NO_REPORTS;

/// The objects of a change: each has the id of before and the one of now.
const IDS: [&str; 2] = ["user_id", "parent_user_id"];

/// Another user id of somebody.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UserIdChange {
    /// All that the person is known by: the user ids of before and of now, the phone number, and the parents' ids.
    pub aliases: Vec<Alias>,
}

impl UserIdChange {
    /// Reads a change; none if it does not name both user ids, if anything else stands in the place of an alias, or if it has a list or an
    /// object under a name that is not known.
    pub(super) fn read(change: &RawValue) -> Option<Self> {
        let known = [&IDS[..], &NO_REPORTS].concat();
        let has_others = Members::read(change)?.others(&known).next().is_some();
        let [user_ids, parents] = [ids(change, IDS[0])?, ids(change, IDS[1])?];
        let phone = optional::<PhoneNumber>(change, "wa_id")?.map(Alias::Phone);
        if has_others || user_ids.contains(&None) {
            return None;
        }
        let users = |ids: [Option<UserId>; 2]| ids.into_iter().flatten().map(Alias::User);
        Some(Self { aliases: users(user_ids).chain(phone).chain(users(parents)).collect() })
    }
}

/// The ids of before and of now in an object of this name, as far as they are there. None if something else is.
fn ids(change: &RawValue, name: &str) -> Option<[Option<UserId>; 2]> {
    let Some(ids) = field(change, name).filter(|ids| ids.get() != RawValue::NULL.get()) else {
        return Some([None, None]);
    };
    is_object(ids).then_some(())?;
    Some([optional(ids, "previous")?, optional(ids, "current")?])
}

/// A field that may be absent, null or empty. None if it is something else.
fn optional<T: FromStr>(object: &RawValue, name: &str) -> Option<Option<T>> {
    let Some(text) = field(object, name).map(parse::<Option<String>>) else { return Some(None) };
    text?.filter(|text| !text.is_empty()).map(|text| text.parse()).transpose().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(change: &Value) -> Option<Vec<String>> {
        let raw = serde_json::value::to_raw_value(change).expect("JSON");
        UserIdChange::read(&raw).map(|change| change.aliases.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_change_names_all_aliases_of_the_person() {
        let mut change = json!({ "wa_id": "5511911110001", "detail": "x", "timestamp": "1760000003",
            "user_id": { "previous": "BR.1", "current": "BR.2" },
            "parent_user_id": { "previous": "BR.ENT.1", "current": "BR.ENT.2" } });
        let all = ["BR.1", "BR.2", "5511911110001", "BR.ENT.1", "BR.ENT.2"].map(str::to_owned).to_vec();
        assert_eq!(read(&change), Some(all));
        change["wa_id"] = json!("");
        change["parent_user_id"] = json!({ "previous": null, "current": "BR.ENT.2" });
        assert_eq!(read(&change), Some(["BR.1", "BR.2", "BR.ENT.2"].map(str::to_owned).to_vec()));
        change["parent_user_id"] = json!(null);
        assert_eq!(read(&change), Some(["BR.1", "BR.2"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_change_of_a_form_that_is_not_known_is_not_read() {
        let with = |name: &str, value: Value| {
            let mut change = json!({ "user_id": { "previous": "BR.1", "current": "BR.2" } });
            change[name] = value;
            change
        };
        for odd in [
            with("user_id", json!({ "previous": "BR.1" })),
            with("user_id", json!({ "previous": "", "current": "BR.2" })),
            with("user_id", json!({ "previous": "BR.1", "current": "5511911110001" })),
            with("user_id", json!("BR.2")),
            with("user_id", json!(null)),
            with("wa_id", json!("BR.1")),
            with("wa_id", json!(5)),
            with("parent_user_id", json!("BR.ENT.1")),
            with("parent_user_id", json!({ "current": 5 })),
            with("usernames", json!({ "current": "ana" })),
            json!([]),
            json!(null),
        ] {
            assert_eq!(read(&odd), None, "{odd}");
        }
    }
}
