//! `carousel`: cards that people swipe through, each with a URL or a product.

use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

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
#[derive(Deserialize, ToSchema)]
#[schema(as = CarouselUrlCard)]
struct UrlCard {
    /// Its place, counted from 0; no two cards have the same.
    card_index: usize,
    /// Always `cta_url`, also with quick replies.
    #[schema(inline)]
    r#type: UrlCardType,
    /// An image or a video: the same in all cards.
    header: Header,
    /// The text of the card.
    body: Option<CardBody>,
    /// A URL, or quick replies.
    action: CardAction,
}

type QuickReplies = List<QuickReplyButton, 1, 3>;

/// The buttons of a card.
#[derive(Deserialize, ToSchema)]
#[schema(as = CarouselCardAction)]
struct CardAction {
    /// Always `cta_url`; absent with `buttons`.
    #[schema(inline)]
    name: Option<CtaUrlName>,
    /// The button that opens a URL; absent with `buttons`.
    parameters: Option<CtaUrlParameters>,
    /// 1 to 3 quick replies.
    #[schema(inline)]
    buttons: Option<QuickReplies>,
}

/// A quick reply of a card.
#[derive(Deserialize, ToSchema)]
struct QuickReplyButton {
    /// The quick reply.
    quick_reply: QuickReply,
}

/// What a quick reply is.
#[derive(Deserialize, ToSchema)]
struct QuickReply {
    /// What the answer contains.
    #[schema(inline)]
    id: AnyText,
    /// What the button shows.
    #[schema(inline)]
    title: AnyText,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum UrlCardType {
    CtaUrl,
}

/// The text of a card.
#[derive(Deserialize, ToSchema)]
#[schema(as = CarouselCardBody)]
struct CardBody {
    /// At most 160 characters, and at most two line breaks.
    #[schema(inline)]
    text: Text<160>,
}

/// A card with a product.
#[derive(Deserialize, ToSchema)]
#[schema(as = CarouselProductCard)]
struct ProductCard {
    /// Its place, counted from 0; no two cards have the same.
    card_index: usize,
    /// Always `product`.
    #[schema(inline)]
    r#type: ProductCardType,
    /// The product: of the same catalog in all cards.
    action: ProductAction,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ProductCardType {
    Product,
}

/// A card of a carousel: all are of one kind.
#[derive(ToSchema)]
#[schema(as = CarouselCard)]
#[serde(untagged)]
enum EitherCard {
    Url(UrlCard),
    Product(ProductCard),
}

/// A message with cards.
#[derive(ToSchema)]
#[schema(as = InteractiveCarousel)]
pub struct EitherCarousel {
    /// The text of the message: at most 1,024 characters.
    #[schema(inline)]
    body: Body<1024>,
    /// The cards.
    action: EitherAction,
}

type EitherCards = List<EitherCard, 2, 10>;

/// The cards of a message.
#[derive(ToSchema)]
#[schema(as = CarouselAction)]
struct EitherAction {
    /// 2 to 10 cards of one kind.
    #[schema(inline)]
    cards: EitherCards,
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
