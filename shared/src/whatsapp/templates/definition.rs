//! A template in short: what it is and which parameters it needs. Its texts are not kept.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::whatsapp::raw_json::{field, for_each, parse, text};
use crate::whatsapp::templates::calls::{Template, placeholders};

/// Statuses of templates that WhatsApp does not send (section 7). One that is not known may be sent.
const UNUSABLE: [&str; 6] = ["DELETED", "DISABLED", "IN_APPEAL", "PAUSED", "PENDING", "REJECTED"];
/// The category of templates that people can opt out of.
const MARKETING: &str = "MARKETING";
/// Types of buttons that always have a parameter: the code, or the coupon.
const WITH_PARAMETER: [&str; 2] = ["COPY_CODE", "OTP"];

/// A template in one language.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Definition {
    /// Such as `pt_BR`.
    pub language: String,
    /// WhatsApp's word, such as `APPROVED`.
    pub status: Option<String>,
    /// WhatsApp's word, such as `MARKETING`.
    pub category: Option<String>,
    /// Whether its parameters have names.
    pub is_named: bool,
    /// Its own parts.
    pub parts: Parts,
    /// Those of the cards of a carousel, in their order.
    pub cards: Vec<Parts>,
}

/// The parts of a template, or of a card, that may need parameters.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Parts {
    /// Above the text.
    pub header: Option<Header>,
    /// The names of the text's parameters; none if WhatsApp does not show the text.
    pub body: Option<Vec<String>>,
    /// In their order.
    pub buttons: Vec<Button>,
    /// Whether it is an offer whose end a message names.
    #[serde(default)]
    pub offer_expires: bool,
}

/// What is above a template's text.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Header {
    /// WhatsApp's word, such as `TEXT` or `IMAGE`.
    pub format: String,
    /// The names of its text's parameters.
    pub parameters: Vec<String>,
}

/// A button of a template.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Button {
    /// WhatsApp's word, such as `URL`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether a message must have a parameter for it.
    pub needs_parameter: bool,
}

impl Definition {
    /// The status in which WhatsApp does not send it, if it is in one.
    pub fn unusable_status(&self) -> Option<&str> {
        self.status.as_deref().filter(|status| UNUSABLE.contains(status))
    }

    /// Whether it is refused to people who opted out of marketing.
    pub fn is_marketing(&self) -> bool {
        self.category.as_deref() == Some(MARKETING)
    }
}

impl From<&Template> for Definition {
    fn from(template: &Template) -> Self {
        let mut cards = Vec::new();
        let mut add_cards = |component: &RawValue| {
            if let Some(listed) = field(component, "cards") {
                for_each(listed, &mut |card| {
                    cards.push(field(card, "components").map(Parts::read).unwrap_or_default())
                });
            }
        };
        if let Some(components) = &template.components {
            for_each(components, &mut add_cards);
        }
        Self {
            language: template.language.clone(),
            status: template.status.clone(),
            category: template.category.clone(),
            is_named: template.parameter_format.as_deref() == Some("NAMED"),
            parts: template.components.as_deref().map(Parts::read).unwrap_or_default(),
            cards,
        }
    }
}

impl Parts {
    fn read(components: &RawValue) -> Self {
        let mut parts = Self::default();
        for_each(components, &mut |component| match text(component, "type").as_deref() {
            Some("HEADER") => parts.header = Some(Header::read(component)),
            Some("LIMITED_TIME_OFFER") => {
                let offer = field(component, "limited_time_offer");
                parts.offer_expires =
                    offer.and_then(|offer| parse(field(offer, "has_expiration")?)).unwrap_or_default();
            }
            Some("BODY") => parts.body = text(component, "text").map(|text| placeholders(&text)),
            Some("BUTTONS") => {
                if let Some(buttons) = field(component, "buttons") {
                    for_each(buttons, &mut |button| parts.buttons.push(Button::read(button)));
                }
            }
            _ => {}
        });
        parts
    }
}

impl Header {
    fn read(component: &RawValue) -> Self {
        Self {
            format: text(component, "format").unwrap_or_default(),
            parameters: text(component, "text").map(|text| placeholders(&text)).unwrap_or_default(),
        }
    }
}

impl Button {
    fn read(button: &RawValue) -> Self {
        let kind = text(button, "type").unwrap_or_default();
        let has_placeholder = text(button, "url").is_some_and(|url| !placeholders(&url).is_empty());
        Self { needs_parameter: has_placeholder || WITH_PARAMETER.contains(&kind.as_str()), kind }
    }
}
