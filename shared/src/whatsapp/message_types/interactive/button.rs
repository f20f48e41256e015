//! `button`: up to three quick replies.

use serde::Deserialize;

use crate::whatsapp::message_types::bounded::{self, Text};
use crate::whatsapp::message_types::parts::{Body, Footer, Header};
use crate::whatsapp::message_types::rules::{Broken, Rules};

/// A message with buttons.
#[derive(Deserialize)]
pub struct Button {
    header: Option<Header>,
    body: Body<1024>,
    footer: Option<Footer>,
    action: Action,
}

#[derive(Deserialize)]
struct Action {
    buttons: bounded::List<ReplyButton, 1, 3>,
}

#[derive(Deserialize)]
struct ReplyButton {
    r#type: ReplyType,
    reply: Reply,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ReplyType {
    Reply,
}

#[derive(Deserialize)]
struct Reply {
    id: Text<256>,
    title: Text<20>,
}

impl Rules for Button {
    fn check(&self) -> Result<(), Broken> {
        self.header.as_ref().map_or(Ok(()), |header| header.check("header"))?;
        let titles: Vec<&str> = self.action.buttons.0.iter().map(|button| button.reply.title.0.as_str()).collect();
        match (1..titles.len()).find(|&index| titles[..index].contains(&titles[index])) {
            Some(index) => {
                let path = format!("action.buttons[{index}].reply.title");
                Err(Broken::new(path, "is the title of another button too: each must have its own."))
            }
            None => Ok(()),
        }
    }
}
