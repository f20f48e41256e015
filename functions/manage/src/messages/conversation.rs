//! The conversation that a request for messages selects, and the one that each message belongs to.

use std::collections::HashMap;

use shared::alias::Alias;
use shared::contact::Contact;
use shared::ids::InstanceId;
use shared::message::record::{conversation_key, group_chat};
use shared::message::{CHAT_ID_PREFIX, Message};
use shared::phone_number::{InvalidPhoneNumber, PhoneNumber};
use shared::user_id::{InvalidUserId, UserId};
use shared::whatsapp::is_group_id;

use crate::prelude::*;

/// What a request selects.
pub enum Selection {
    /// All messages of the instance.
    Everything,
    /// A person's, under all aliases.
    Person(Box<Contact>),
    /// A group's.
    Group(String),
}

impl Selection {
    /// What `phone`, `userId` or `chatId` selects.
    pub async fn of(state: &AppState, instance: &InstanceId, request: ApiRequest<'_>) -> Result<Self, ApiError> {
        let (phone, user, chat) = (request.query("phone"), request.query("userId"), request.query("chatId"));
        if phone.iter().chain(&user).chain(&chat).count() > 1 {
            let field = if chat.is_some() { "chatId" } else { "userId" };
            return Err(ApiError::invalid(
                field,
                "Only one of `phone`, `userId` and `chatId` can select the conversation.",
            ));
        }
        let alias = if let Some(phone) = phone {
            let phone = phone.parse::<PhoneNumber>();
            phone.map_err(|error: InvalidPhoneNumber| ApiError::invalid("phone", format!("`phone` {error}")))?.into()
        } else if let Some(user) = user {
            let user = user.parse::<UserId>();
            Alias::User(user.map_err(|error: InvalidUserId| ApiError::invalid("userId", format!("`userId` {error}")))?)
        } else if let Some(chat) = chat {
            let unknown = || ApiError::invalid("chatId", "`chatId` must be the `chatId` of a message.");
            let name = chat.strip_prefix(CHAT_ID_PREFIX).ok_or_else(unknown)?;
            if is_group(name) {
                return Ok(Self::Group(name.to_owned()));
            }
            name.parse().map_err(|_| unknown())?
        } else {
            return Ok(Self::Everything);
        };
        let contact = state.contacts.resolve(instance, &alias).await.map_err(unavailable)?;
        Ok(Self::Person(Box::new(contact)))
    }

    /// The keys of the conversations that it consists of; none of everything.
    pub fn conversations(&self, instance: &InstanceId) -> Option<Vec<String>> {
        match self {
            Self::Everything => None,
            Self::Person(contact) => Some(contact.conversations(instance)),
            Self::Group(name) => Some(vec![conversation_key(instance, name)]),
        }
    }

    /// The aliases that name the conversations of these messages, where they are not the messages' own.
    pub async fn chats(
        &self,
        state: &AppState,
        instance: &InstanceId,
        messages: &[Message],
    ) -> Result<HashMap<Alias, Alias>, ApiError> {
        match self {
            Self::Everything => {
                let of_people = messages.iter().filter(|message| message.group().is_none());
                let aliases: Vec<&Alias> = of_people.map(|message| &message.contact).collect();
                state.contacts.chats(instance, &aliases).await.map_err(unavailable)
            }
            Self::Person(contact) => {
                Ok(contact.aliases.iter().map(|alias| (alias.clone(), contact.chat.clone())).collect())
            }
            Self::Group(_) => Ok(HashMap::new()),
        }
    }
}

/// The `chatId` of a message: of a person, the one that all aliases have now.
pub fn chat_id(message: &Message, chats: &HashMap<Alias, Alias>) -> String {
    match chats.get(&message.contact).filter(|_| message.group().is_none()) {
        Some(chat) => format!("{CHAT_ID_PREFIX}{chat}"),
        None => message.chat_id(),
    }
}

fn is_group(name: &str) -> bool {
    name.strip_prefix(&group_chat("")).is_some_and(is_group_id)
}
