//! JSON that is stored and passed on unchanged: metadata, template components, settings, WhatsApp's own objects.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The text of one valid JSON value.
///
/// Tables hold it as a string, which is checked when an item is read: one that is not JSON makes the item unreadable
/// instead of vanishing. Responses and events write it out unchanged with [`JsonText::json`].
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct JsonText(Box<RawValue>);

impl JsonText {
    /// `null`.
    pub fn null() -> Self {
        Self(RawValue::NULL.to_owned())
    }

    /// The value, which serializes as the JSON that it is.
    pub fn json(&self) -> &RawValue {
        &self.0
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl From<Box<RawValue>> for JsonText {
    fn from(json: Box<RawValue>) -> Self {
        Self(json)
    }
}

impl TryFrom<String> for JsonText {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text).map(Self)
    }
}

impl From<JsonText> for String {
    fn from(text: JsonText) -> Self {
        text.0.get().to_owned()
    }
}

impl PartialEq for JsonText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_json_is_written_out_unchanged_and_other_text_is_refused() {
        let text = r#"{"b":1.0,"a":"\ud800"}"#;
        let stored = serde_json::to_string(text).expect("a JSON string");
        let read: JsonText = serde_json::from_str(&stored).expect("JSON in a string");
        assert_eq!(serde_json::to_string(read.json()).expect("JSON"), text);
        assert_eq!(serde_json::to_string(&read).expect("a string"), stored);
        assert!(serde_json::from_str::<JsonText>(r#""{""#).is_err());
    }
}
