//! `carousel`: cards that people swipe through, each with a URL or a product.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::catalog::ProductAction;
use super::cta_url::{CtaUrlName, CtaUrlParameters};
use crate::http::ApiError;
use crate::http::request_body::parse_value;
use crate::whatsapp::message_types::bounded::{Absent, AnyText, List, Text};
use crate::whatsapp::message_types::parts::{Body, Header, HeaderType};
use crate::whatsapp::message_types::rules::{self, Broken, Rules};

/// The most line breaks in the body of a card.
const MAX_LINE_BREAKS: usize = 2;

/// A message with cards.
#[derive(Deserialize)]
struct Carousel<Card> {
    header: Option<Absent>,
    body: Body<1024>,
    footer: Option<Absent>,
    action: Action<Card>,
}

#[derive(Deserialize)]
#[serde(bound = "Card: Deserialize<'de>")]
struct Action<Card> {
    cards: List<Card, 2, 10>,
}

/// What says of which kind the cards are: all are like the first.
#[derive(Deserialize)]
struct AnyCard {
    r#type: CardType,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CardType {
    CtaUrl,
    Product,
}

/// A card with a URL or with quick replies, which has the same type.
#[derive(Deserialize)]
struct UrlCard {
    card_index: usize,
    r#type: UrlCardType,
    header: Header,
    body: Option<CardBody>,
    action: CardAction,
}

#[derive(Deserialize)]
struct CardAction {
    name: Option<CtaUrlName>,
    parameters: Option<CtaUrlParameters>,
    /// Not on Meta's page: as clients of the Cloud API send it.
    buttons: Option<List<QuickReplyButton, 1, 3>>,
}

#[derive(Deserialize)]
struct QuickReplyButton {
    quick_reply: QuickReply,
}

#[derive(Deserialize)]
struct QuickReply {
    id: AnyText,
    title: AnyText,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum UrlCardType {
    CtaUrl,
}

#[derive(Deserialize)]
struct CardBody {
    text: Text<160>,
}

/// A card with a product.
#[derive(Deserialize)]
struct ProductCard {
    card_index: usize,
    r#type: ProductCardType,
    action: ProductAction,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ProductCardType {
    Product,
}

/// Checks a carousel by the type of its first card.
pub fn check(field: &str, json: &RawValue) -> Result<(), ApiError> {
    let any: Carousel<AnyCard> = parse_value(field, json)?;
    match any.action.cards.0[0].r#type {
        CardType::CtaUrl => rules::check::<Carousel<UrlCard>>(field, json),
        CardType::Product => rules::check::<Carousel<ProductCard>>(field, json),
    }
}

impl Rules for Carousel<UrlCard> {
    fn check(&self) -> Result<(), Broken> {
        let cards = &self.action.cards.0;
        check_indexes(cards.iter().map(|card| card.card_index))?;
        let first = cards[0].header.header_type();
        for (index, card) in cards.iter().enumerate() {
            let path = |member: &str| format!("action.cards[{index}].{member}");
            card.header.check(&path("header"))?;
            let header = card.header.header_type();
            if !matches!(header, HeaderType::Image | HeaderType::Video) {
                return Err(Broken::new(path("header.type"), "must be image or video."));
            }
            match &card.action {
                CardAction { buttons: Some(_), name: None, parameters: None }
                | CardAction { buttons: None, name: Some(_), parameters: Some(_) } => {}
                CardAction { buttons: Some(_), .. } => {
                    return Err(Broken::new(path("action.buttons"), "cannot be combined with a URL."));
                }
                CardAction { name: None, .. } => return Err(Broken::new(path("action.name"), "is required.")),
                _ => return Err(Broken::new(path("action.parameters"), "is required.")),
            }
            if header != first {
                return Err(Broken::new(path("header.type"), "must be the same in all cards."));
            }
            let breaks = card.body.as_ref().map_or(0, |body| body.text.0.trim_end().matches('\n').count());
            if breaks > MAX_LINE_BREAKS {
                let problem = format!("has {breaks} line breaks; at most {MAX_LINE_BREAKS} are allowed.");
                return Err(Broken::new(path("body.text"), problem));
            }
        }
        Ok(())
    }
}

impl Rules for Carousel<ProductCard> {
    fn check(&self) -> Result<(), Broken> {
        let cards = &self.action.cards.0;
        check_indexes(cards.iter().map(|card| card.card_index))?;
        let catalog = |card: &ProductCard| card.action.catalog_id.0.clone();
        match cards.iter().position(|card| catalog(card) != catalog(&cards[0])) {
            Some(index) => {
                let path = format!("action.cards[{index}].action.catalog_id");
                Err(Broken::new(path, "must be the same in all cards."))
            }
            None => Ok(()),
        }
    }
}

/// No two cards have the same number.
fn check_indexes(indexes: impl Iterator<Item = usize>) -> Result<(), Broken> {
    let indexes: Vec<usize> = indexes.collect();
    match (1..indexes.len()).find(|&card| indexes[..card].contains(&indexes[card])) {
        Some(card) => {
            Err(Broken::new(format!("action.cards[{card}].card_index"), "is the number of another card too."))
        }
        None => Ok(()),
    }
}
