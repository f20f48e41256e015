//! What a callback says about a template. It serializes as the data of the event that customers get.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::whatsapp::raw_json::{explanation, field, id, time_of, word};

/// A change of a template. Words of WhatsApp's that are not known are passed on as they are.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, ToSchema)]
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
            ..Self::of(value)?
        })
    }

    /// Reads a change of quality.
    pub(super) fn quality(value: &RawValue) -> Option<Self> {
        Some(Self {
            quality: Some(word(value, "new_quality_score")?),
            previous_quality: word(value, "previous_quality_score"),
            ..Self::of(value)?
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
            ..Self::of(value)?
        })
    }

    fn of(value: &RawValue) -> Option<Self> {
        Some(Self {
            template_id: id(value, "message_template_id"),
            name: explanation(value, "message_template_name").filter(|name| !name.is_empty())?,
            language: word(value, "message_template_language").map(|language| language.replace('-', "_")),
            ..Self::default()
        })
    }
}
