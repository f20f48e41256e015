//! The settings of an instance that Pombo itself follows. All others are the customer's own.

use serde::Serialize;
use serde_json::value::RawValue;
use strum::EnumString;
use utoipa::ToSchema;

use crate::instance::record::Instance;
use crate::whatsapp::raw_json::{field, parse};

/// The name of the setting.
const OUTSIDE_WINDOW: &str = "outsideWindow";

/// What becomes of a message that WhatsApp would deliver within the 24-hour window only, outside it.
#[derive(Clone, Copy, Debug, Default, EnumString, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum OutsideWindow {
    /// It is sent, and WhatsApp decides.
    #[default]
    Send,
    /// It is refused before it is charged, when it is known that the window is closed.
    Refuse,
}

impl OutsideWindow {
    /// What settings say of it, the default if nothing; none if it is something else.
    pub fn read(settings: &RawValue) -> Option<Self> {
        match field(settings, OUTSIDE_WINDOW) {
            Some(word) => parse::<String>(word)?.parse().ok(),
            None => Some(Self::default()),
        }
    }
}

impl Instance {
    /// What becomes of its messages outside the window. Of a word that an earlier version has stored unchecked: they are sent.
    pub fn outside_window(&self) -> OutsideWindow {
        self.settings.as_ref().and_then(|settings| OutsideWindow::read(settings.json())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_beside_others_and_an_unknown_word_is_none() {
        for (settings, read) in [
            ("{}", Some(OutsideWindow::Send)),
            (r#"{"color":"red","outsideWindow":"refuse"}"#, Some(OutsideWindow::Refuse)),
            (r#"{"\ud83d":1,"outsideWindow":"send"}"#, Some(OutsideWindow::Send)),
            (r#"{"outsideWindow":"Refuse"}"#, None),
            (r#"{"outsideWindow":null}"#, None),
            (r#"{"outsideWindow":true}"#, None),
        ] {
            assert_eq!(OutsideWindow::read(serde_json::from_str(settings).expect("JSON")), read, "{settings}");
        }
    }
}
