//! `button`: up to three quick replies.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::whatsapp::message_types::bounded::{self, Text};
use crate::whatsapp::message_types::parts::{Body, Footer, Header};
use crate::whatsapp::message_types::rules::{Broken, Rules};

/// A message with buttons.
#[derive(Deserialize, ToSchema)]
#[schema(as = InteractiveButton)]
pub struct Button {
    /// What is above the text.
    header: Option<Header>,
    /// The text of the message: at most 1,024 characters.
    #[schema(inline)]
    body: Body<1024>,
    /// What is below the text.
    footer: Option<Footer>,
    /// The buttons.
    action: Action,
}

type Buttons = bounded::List<ReplyButton, 1, 3>;

/// The buttons of a message.
#[derive(Deserialize, ToSchema)]
#[schema(as = ButtonAction)]
struct Action {
    /// 1 to 3 buttons with different titles.
    #[schema(inline)]
    buttons: Buttons,
}

/// A quick reply.
#[derive(Deserialize, ToSchema)]
struct ReplyButton {
    /// Always `reply`.
    #[schema(inline)]
    r#type: ReplyType,
    /// The button.
    reply: Reply,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ReplyType {
    Reply,
}

/// What a button is.
#[derive(Deserialize, ToSchema)]
#[schema(as = ButtonReply)]
struct Reply {
    /// What the answer contains. At most 256 characters.
    #[schema(inline)]
    id: Text<256>,
    /// What the button shows. At most 20 characters.
    #[schema(inline)]
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
