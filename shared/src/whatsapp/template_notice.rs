//! What a callback says about a template. It serializes as the data of the event that customers get.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::whatsapp::json_members::Members;
use crate::whatsapp::raw_json::{canonical, explanation, field, id, time_of, word};
use crate::whatsapp::update_frame::NO_REPORTS;

/// Bytes of the JSON of what a template consists of; WhatsApp's have some four kilobytes at most.
const MAX_COMPONENTS: usize = 16 * 1024;
/// The fields of a change that say which template it is about.
const WHICH: [&str; 3] = ["message_template_id", "message_template_name", "message_template_language"];

/// A change of a template. Words of WhatsApp's that are not known are passed on as they are.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplateNotice {
    /// WhatsApp's id of the template.
    pub template_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its language, such as `pt_BR`.
    pub language: Option<String>,
    /// Its status, such as `APPROVED`.
    pub status: Option<String>,
    /// Its category, such as `UTILITY`.
    pub category: Option<String>,
    /// The category before it.
    pub previous_category: Option<String>,
    /// The category that it will have.
    pub upcoming_category: Option<String>,
    /// When it will have that.
    #[schema(format = DateTime)]
    pub category_changes_at: Option<String>,
    /// Its quality, such as `GREEN`.
    pub quality: Option<String>,
    /// The quality before it.
    pub previous_quality: Option<String>,
    /// Why, by a word of WhatsApp's.
    pub reason: Option<String>,
    /// Why, by a sentence of WhatsApp's.
    pub description: Option<String>,
    /// What WhatsApp recommends.
    pub recommendation: Option<String>,
    /// What it consists of now: WhatsApp's own object, with its body as `message_template_element`.
    #[schema(value_type = Option<HashMap<String, serde_json::Value>>)]
    pub components: Option<Box<RawValue>>,
}

impl TemplateNotice {
    /// Reads a change of status.
    pub(super) fn status(value: &RawValue) -> Option<Self> {
        let part = |object: &str, name: &str| field(value, object).and_then(|object| explanation(object, name));
        Some(Self {
            status: Some(word(value, "event")?),
            category: word(value, "message_template_category"),
            reason: word(value, "reason").filter(|reason| reason != "NONE"),
            description: part("other_info", "description").or_else(|| part("rejection_info", "reason")),
            recommendation: part("rejection_info", "recommendation"),
            ..Self::named(value)?
        })
    }

    /// Reads a change of quality.
    pub(super) fn quality(value: &RawValue) -> Option<Self> {
        Some(Self {
            quality: Some(word(value, "new_quality_score")?),
            previous_quality: word(value, "previous_quality_score"),
            ..Self::named(value)?
        })
    }

    /// Reads a change of the category, or the announcement of one.
    pub(super) fn category(value: &RawValue) -> Option<Self> {
        let changes_at = field(value, "category_update_timestamp").and_then(time_of);
        Some(Self {
            category: Some(word(value, "new_category")?),
            previous_category: word(value, "previous_category"),
            upcoming_category: word(value, "correct_category"),
            category_changes_at: changes_at.as_ref().map(Timestamp::to_string),
            ..Self::named(value)?
        })
    }

    /// Reads a change of what the template consists of, without that if it has a form that is not known or cannot be passed on.
    pub(super) fn components(value: &RawValue) -> Option<Self> {
        Some(Self { components: components(value), ..Self::named(value)? })
    }

    fn named(value: &RawValue) -> Option<Self> {
        Some(Self {
            template_id: id(value, "message_template_id"),
            name: explanation(value, "message_template_name").filter(|name| !name.is_empty())?,
            language: word(value, "message_template_language").map(|language| language.replace('-', "_")),
            ..Self::default()
        })
    }
}

/// Whatever a change of a template's components says of them.
fn components(value: &RawValue) -> Option<Box<RawValue>> {
    explanation(value, "message_template_element")?;
    let is_beside = |name: &str| WHICH.contains(&name) || NO_REPORTS.contains(&name);
    let members = Members::read(value)?;
    let members = members.iter().filter(|(name, _)| !is_beside(name));
    let members: Vec<String> = members.map(|(name, json)| format!(r#""{name}":{}"#, json.get())).collect();
    let object = RawValue::from_string(format!("{{{}}}", members.join(","))).ok()?;
    canonical(Some(&object), MAX_COMPONENTS)?.map(|object| object.json().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: &Value) -> Option<Value> {
        let value = serde_json::value::to_raw_value(value).expect("JSON");
        TemplateNotice::components(&value).map(|notice| serde_json::to_value(notice).expect("JSON"))
    }

    #[test]
    fn the_new_components_of_a_template_are_passed_on_whole() {
        let components = json!({ "message_template_element": "Your order, {{1}}", "message_template_title": "Order",
            "message_template_footer": "Shop", "message_template_buttons": [{ "message_template_button_type": "URL",
            "message_template_button_text": "Track", "message_template_button_url": "https://example.com/{{1}}" }],
            "message_template_cards": [{ "of": 2027 }] });
        let mut value = components.clone();
        value["message_template_id"] = json!(1_315_502_779_341_834_i64);
        value["message_template_name"] = json!("order");
        value["message_template_language"] = json!("pt-BR");
        let expected =
            json!({ "templateId": "1315502779341834", "name": "order", "language": "pt_BR", "components": components });
        assert_eq!(read(&value), Some(expected));
    }

    #[test]
    fn a_template_whose_new_components_cannot_be_read_is_named_without_them() {
        let large = "x".repeat(MAX_COMPONENTS);
        for odd in [json!(null), json!(5), json!({ "text": "x" }), json!(large)] {
            let value = json!({ "message_template_name": "order", "message_template_element": odd });
            assert_eq!(read(&value), Some(json!({ "name": "order" })), "{value}");
        }
        assert_eq!(read(&json!({ "message_template_element": "hi" })), None, "of which template?");
    }
}
