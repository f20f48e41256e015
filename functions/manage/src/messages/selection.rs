//! The messages that a request selects, and the conversation that each message belongs to.

use std::collections::{BTreeMap, HashMap};

use shared::alias::Alias;
use shared::aws::TableError;
use shared::batch::InstanceHistory;
use shared::contact::Contact;
use shared::http::request_body::bounded;
use shared::ids::{AccountId, InstanceId};
use shared::message::record_keys::{conversation_key, group_chat, reference_key};
use shared::message::{CHAT_ID_PREFIX, History, HistoryPage, MAX_REFERENCE, Message, Span};
use shared::phone_number::PhoneNumber;
use shared::provider_ids::is_group_id;
use shared::user_id::UserId;

use super::filter::FAILED;
use crate::lookup;
use crate::prelude::*;

/// The parameters of which one may select messages.
const SELECTORS: [&str; 4] = ["phone", "userId", "chatId", "reference"];

/// What a request selects.
pub enum Selection {
    /// All messages of an account's instance.
    Everything(AccountId, InstanceId),
    /// A person's, under all aliases.
    Person(InstanceId, Box<Contact>),
    /// A group's.
    Group(InstanceId, String),
    /// Those with this key of a reference, of one instance or of all.
    Reference(String, Option<InstanceId>),
    /// Those of an account that failed, of one instance or of all.
    Failed(AccountId, Option<InstanceId>),
}

/// The aliases that name conversations, by the instance and the alias that messages have.
pub type Chats = HashMap<(InstanceId, Alias), Alias>;

impl Selection {
    /// What `instanceId`, `phone`, `userId`, `chatId` and `reference` select, and a `status` that has an index.
    pub async fn from_request(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> Result<Self, ApiError> {
        let mut given = SELECTORS.into_iter().filter_map(|name| Some((name, request.query(name)?)));
        let selector = given.next();
        if let Some((other, _)) = given.next() {
            let message = format!("Only one of `{}` can select the messages.", SELECTORS.join("`, `"));
            return Err(ApiError::invalid(other, message));
        }
        if let Some(("reference", reference)) = selector {
            let reference = bounded(reference.to_owned(), "reference", MAX_REFERENCE)?;
            let instance = lookup::any_instance_in_query(state, caller, request).await?;
            return Ok(Self::Reference(reference_key(caller.account(), &reference), instance.map(|found| found.id)));
        }
        if selector.is_none() && request.query("status") == Some(FAILED) {
            let instance = lookup::any_instance_in_query(state, caller, request).await?;
            return Ok(Self::Failed(caller.account().clone(), instance.map(|found| found.id)));
        }
        let instance = lookup::instance_in_query(state, caller, request).await?.id;
        let Some((name, value)) = selector else { return Ok(Self::Everything(caller.account().clone(), instance)) };
        if let Some(group) = value.strip_prefix(CHAT_ID_PREFIX).filter(|group| name == "chatId" && is_group(group)) {
            return Ok(Self::Group(instance, group.to_owned()));
        }
        let contact = state.contacts.resolve(&instance, &alias(name, value)?).await.map_err(unavailable)?;
        Ok(Self::Person(instance, Box::new(contact)))
    }

    /// The keys of the conversations that it consists of; none of others.
    pub fn conversations(&self) -> Vec<String> {
        match self {
            Self::Everything(..) | Self::Reference(..) | Self::Failed(..) => Vec::new(),
            Self::Person(instance, contact) => contact.conversations(instance),
            Self::Group(instance, name) => vec![conversation_key(instance, name)],
        }
    }

    /// The first messages of a span of its history. `conversations` are its own.
    pub async fn page(
        &self,
        state: &AppState,
        conversations: &[String],
        span: &Span,
        limit: usize,
    ) -> Result<HistoryPage, TableError> {
        let (messages, accounts) = (&state.messages, &state.accounts);
        let history = match self {
            Self::Everything(account, instance) => {
                return InstanceHistory { messages, accounts, account, instance }.page(span, limit).await;
            }
            Self::Reference(key, _) => History::Reference(key),
            Self::Failed(account, _) => History::Failed(account),
            Self::Person(..) | Self::Group(..) => History::Conversations(conversations),
        };
        messages.history(&history, span, limit).await
    }

    /// Whether a message of its history belongs to it, or may be the cursor of a page.
    pub fn contains(&self, message: &Message) -> bool {
        match self {
            Self::Everything(_, instance) | Self::Person(instance, _) | Self::Group(instance, _) => {
                message.instance_id == *instance
            }
            Self::Reference(key, instance) => {
                message.reference_key.as_ref() == Some(key) && is_of(message, instance.as_ref())
            }
            Self::Failed(account, instance) => message.account_id == *account && is_of(message, instance.as_ref()),
        }
    }

    /// The aliases that name the conversations of these messages, where they are not the messages' own.
    pub async fn chats(&self, state: &AppState, messages: &[Message]) -> Result<Chats, ApiError> {
        match self {
            Self::Everything(..) | Self::Reference(..) | Self::Failed(..) => chats_of(state, messages).await,
            Self::Person(instance, contact) => {
                let of_person = |alias: &Alias| ((instance.clone(), alias.clone()), contact.chat.clone());
                Ok(contact.aliases.iter().map(of_person).collect())
            }
            Self::Group(..) => Ok(Chats::new()),
        }
    }
}

/// The alias of a person that a parameter names.
fn alias(name: &str, value: &str) -> Result<Alias, ApiError> {
    match name {
        "phone" => {
            let invalid = |error| ApiError::invalid(name, format!("`{name}` {error}"));
            Ok(value.parse::<PhoneNumber>().map_err(invalid)?.into())
        }
        "userId" => {
            let invalid = |error| ApiError::invalid(name, format!("`{name}` {error}"));
            Ok(Alias::User(value.parse::<UserId>().map_err(invalid)?))
        }
        _ => {
            let unknown = || ApiError::invalid("chatId", "`chatId` must be the `chatId` of a message.");
            value.strip_prefix(CHAT_ID_PREFIX).and_then(|alias| alias.parse().ok()).ok_or_else(unknown)
        }
    }
}

/// The aliases that name the conversations of any messages.
pub async fn chats_of(state: &AppState, messages: &[Message]) -> Result<Chats, ApiError> {
    let mut by_instance: BTreeMap<&InstanceId, Vec<&Alias>> = BTreeMap::new();
    for message in messages.iter().filter(|message| message.group().is_none()) {
        by_instance.entry(&message.instance_id).or_default().push(&message.contact);
    }
    let mut chats = Chats::new();
    for (instance, aliases) in by_instance {
        let named = state.contacts.chats(instance, &aliases).await.map_err(unavailable)?;
        chats.extend(named.into_iter().map(|(alias, chat)| ((instance.clone(), alias), chat)));
    }
    Ok(chats)
}

/// The `chatId` of a message: of a person, the one that all aliases have now.
pub fn chat_id(message: &Message, chats: &Chats) -> String {
    let key = (message.instance_id.clone(), message.contact.clone());
    match chats.get(&key).filter(|_| message.group().is_none()) {
        Some(chat) => format!("{CHAT_ID_PREFIX}{chat}"),
        None => message.chat_id(),
    }
}

/// Whether a message belongs to an instance, or to any.
fn is_of(message: &Message, instance: Option<&InstanceId>) -> bool {
    instance.is_none_or(|instance| message.instance_id == *instance)
}

fn is_group(name: &str) -> bool {
    name.strip_prefix(&group_chat("")).is_some_and(is_group_id)
}
