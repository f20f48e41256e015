//! `cta_url`: a button that opens a URL.

use serde::Deserialize;

use crate::whatsapp::message_types::bounded::{Link, Text};
use crate::whatsapp::message_types::parts::{Body, Footer, Header};
use crate::whatsapp::message_types::rules::{Broken, Rules};

/// A message with a button that opens a URL.
#[derive(Deserialize)]
pub struct CtaUrl {
    header: Option<Header>,
    body: Body<1024>,
    footer: Option<Footer>,
    action: CtaUrlAction,
}

#[derive(Deserialize)]
struct CtaUrlAction {
    name: CtaUrlName,
    parameters: CtaUrlParameters,
}

/// The name of the action.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CtaUrlName {
    /// The only one.
    CtaUrl,
}

/// The button.
#[derive(Deserialize)]
pub struct CtaUrlParameters {
    display_text: Text<20>,
    url: Link,
}

impl Rules for CtaUrl {
    fn check(&self) -> Result<(), Broken> {
        self.header.as_ref().map_or(Ok(()), |header| header.check("header"))
    }
}
