//! `cta_url`: a button that opens a URL.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::whatsapp::message_types::bounded::{Link, Text};
use crate::whatsapp::message_types::parts::{Body, Footer, Header};
use crate::whatsapp::message_types::rules::{Broken, Rules};

/// A message with a button that opens a URL.
#[derive(Deserialize, ToSchema)]
#[schema(as = InteractiveCtaUrl)]
pub struct CtaUrl {
    /// What is above the text.
    header: Option<Header>,
    /// The text of the message: at most 1,024 characters.
    #[schema(inline)]
    body: Body<1024>,
    /// What is below the text.
    footer: Option<Footer>,
    /// The button.
    action: CtaUrlAction,
}

/// The button of a message.
#[derive(Deserialize, ToSchema)]
struct CtaUrlAction {
    /// Always `cta_url`.
    #[schema(inline)]
    name: CtaUrlName,
    /// The button.
    parameters: CtaUrlParameters,
}

/// The name of the action.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CtaUrlName {
    /// The only one.
    CtaUrl,
}

/// The button.
#[derive(Deserialize, ToSchema)]
pub struct CtaUrlParameters {
    /// What the button shows. At most 20 characters.
    #[schema(inline)]
    display_text: Text<20>,
    /// The URL that it opens. At most 2,048 bytes.
    #[schema(inline)]
    url: Link,
}

impl Rules for CtaUrl {
    fn check(&self) -> Result<(), Broken> {
        self.header.as_ref().map_or(Ok(()), |header| header.check("header"))
    }
}
