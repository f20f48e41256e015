//! What a received message has beside its content that has a form which is not known, and what other elements of a callback's lists
//! have under names that are not known: they are kept as ones that cannot be read as well.

use serde_json::value::RawValue;

use crate::alias::Alias;
use crate::provider_ids::is_message_id;
use crate::whatsapp::json_members::Members;
use crate::whatsapp::raw_json::{field, is_array, is_object, parse};

/// The fields of a message beside its content.
#[rustfmt::skip]
const FIELDS: [&str; 10] = [
    "from", "from_user_id", "from_parent_user_id", "id", "timestamp", "type", "group_id", "context", "referral", "errors",
];

/// Whether what is read of a message beside its content has a form that is not known.
pub(super) fn has_unknown_form(kind: &str, message: &RawValue) -> bool {
    let is_unknown = |object: &RawValue, name: &str, is_known: &dyn Fn(&RawValue) -> bool| {
        field(object, name).is_some_and(|value| value.get() != RawValue::NULL.get() && !is_known(value))
    };
    let is_text =
        |is_known: fn(&str) -> bool| move |json: &RawValue| parse::<String>(json).is_some_and(|it| is_known(&it));
    let has_unknown_member = Members::read(message).is_none_or(|members| {
        let is_null = |json: &RawValue| json.get() == RawValue::NULL.get();
        members.iter().any(|(name, json)| name != kind && !FIELDS.contains(&name) && !is_null(json))
    });
    has_unknown_member
        || is_unknown(message, "referral", &is_object)
        || is_unknown(message, "errors", &is_array)
        || is_unknown(message, "context", &is_object)
        || field(message, "context").is_some_and(|context| {
            is_unknown(context, "id", &is_text(is_message_id))
                || is_unknown(context, "from", &is_text(|from| from.parse::<Alias>().is_ok()))
                || is_unknown(context, "referred_product", &is_object)
                || Members::read(context).is_none_or(|members| members.others(&["referred_product"]).next().is_some())
        })
}

/// Whether an element of a list has lists or objects under other names than these, or is no object of which each name stands once.
pub(super) fn has_unknown_member(element: &RawValue, known: &[&str]) -> bool {
    Members::read(element).is_none_or(|members| members.others(known).next().is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_has_an_unknown_form_beside_the_content_is_noticed() {
        let with = |name: &str, value: Value| {
            let mut message =
                json!({ "from": "5511911110001", "id": "wamid.A", "type": "text", "text": { "body": "oi" } });
            message[name] = value;
            has_unknown_form("text", &serde_json::value::to_raw_value(&message).expect("JSON"))
        };
        for (name, odd) in [
            ("referral", json!("an ad")),
            ("errors", json!({ "code": 1 })),
            ("context", json!([1])),
            ("context", json!({ "id": "x".repeat(300) })),
            ("context", json!({ "from": 5 })),
            ("context", json!({ "referred_product": "SKU" })),
            ("context", json!({ "story": { "id": "1" } })),
            ("payment", json!({ "amount": 1 })),
            ("view_once", json!(true)),
        ] {
            assert!(with(name, odd.clone()), "{name}: {odd}");
        }
        for (name, known) in [
            ("referral", json!(null)),
            ("payment", json!(null)),
            ("errors", json!([])),
            ("context", json!({ "id": null, "new": 1 })),
        ] {
            assert!(!with(name, known.clone()), "{name}: {known}");
        }
    }
}
