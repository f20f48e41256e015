//! The messages of a callback.

use serde_json::value::RawValue;

use crate::alias::Alias;
use crate::clock::Timestamp;
use crate::message::received::{Context, Received, ReferredProduct};
use crate::provider_ids::{is_group_id, is_message_id, is_type_name};
use crate::text::truncated;
use crate::user_id::UserId;
use crate::whatsapp::callback_contacts::People;
use crate::whatsapp::callback_status::time;
use crate::whatsapp::lone_surrogates;
use crate::whatsapp::raw_json::{canonical, field, is_array, is_object, parse, text};
use crate::whatsapp::received_content::is_plain_text;
use crate::whatsapp::sender_aliases::sender_aliases;
use crate::whatsapp::text_limits::MAX_PROFILE_NAME;
use crate::whatsapp::unknown_form::has_unknown_form;

/// Bytes of WhatsApp's object with the content. A message with a larger one is kept as one that cannot be read: a response of
/// the API could not hold it (`manage`'s `pagination`).
pub const MAX_OBJECT: usize = 2 * 1024 * 1024;
/// Bytes of a referral and of errors, which are always kept with the record.
const MAX_EXTRA: usize = 16 * 1024;
/// The most bytes of a message that count: no more of it is kept.
const MAX_COUNTED: usize = MAX_OBJECT;

/// The types of messages that are about another one, and where they name it (whatsapp-cloud-api-2026, section 4).
const TARGETS: [(&str, &str); 3] =
    [("reaction", "message_id"), ("edit", "original_message_id"), ("revoke", "original_message_id")];

/// One of a callback's `messages`.
#[derive(Debug)]
pub struct ReceivedMessage {
    /// WhatsApp's id of the number that received it.
    pub number_id: String,
    /// WhatsApp's id of the message.
    pub provider_id: String,
    /// Its sender: the phone number if WhatsApp shows it, otherwise the user id.
    pub from: Alias,
    /// All aliases that WhatsApp gives the sender, some of them repeated.
    pub aliases: Vec<Alias>,
    /// The sender's profile name, if WhatsApp gives it.
    pub contact_name: Option<String>,
    /// WhatsApp's type of it.
    pub kind: String,
    /// WhatsApp's id of the message that it replies to.
    pub quoted: Option<String>,
    /// When it was received, according to WhatsApp.
    pub time: Option<Timestamp>,
    /// Its place among the messages of its callback; the first is 0.
    pub place: usize,
    /// The object under the name of its type, if it has one.
    pub object: Option<Box<RawValue>>,
    /// What else WhatsApp says of it.
    pub more: Received,
    /// Whether something of that has a form that is not known: the message is kept as one that cannot be read as well.
    pub is_partial: bool,
    /// Bytes of WhatsApp's JSON.
    pub(super) size: usize,
}

impl ReceivedMessage {
    /// Reads a message. It must have a sender, an id and a type.
    pub(super) fn read(number_id: &str, message: &RawValue, people: &People) -> Option<Self> {
        let kind = text(message, "type").filter(|kind| is_type_name(kind))?;
        let from = text(message, "from").filter(|from| !from.is_empty());
        let user_id = text(message, "from_user_id");
        let sender = from.iter().chain(&user_id).find_map(|alias| people.get(alias)).cloned().unwrap_or_default();
        let aliases = sender_aliases(&kind, message, &sender);
        let user_id = user_id.and_then(|id| id.parse().ok()).or(sender.user_id);
        // A user id in place of the phone number is taken for what it is.
        let from = from.and_then(|from| from.parse::<Alias>().ok());
        let from = from.or_else(|| user_id.clone().map(Alias::User))?;
        let parent_user_id = text(message, "from_parent_user_id").and_then(|id| id.parse().ok());
        let object = match field(message, &kind) {
            // Only the text is kept of it, as it is.
            Some(object) if is_plain_text(&kind, object) => {
                RawValue::from_string(lone_surrogates::replace(object.get())).ok()
            }
            object => canonical(object, MAX_OBJECT)?.map(|object| object.json().to_owned()),
        };
        let group = field(message, "group_id").filter(|group| group.get() != "null");
        let is_partial = has_unknown_form(&kind, message);
        let context = field(message, "context").and_then(context).or_else(|| target(&kind, object.as_deref()));
        Some(Self {
            number_id: number_id.to_owned(),
            provider_id: text(message, "id").filter(|id| is_message_id(id))?,
            contact_name: sender.name,
            quoted: context.as_ref().and_then(|context| context.provider_id.clone()),
            time: time(message),
            place: 0,
            object,
            more: Received {
                user_id: user_id.or_else(|| user_of(&from)),
                parent_user_id: parent_user_id.or(sender.parent_user_id),
                username: sender.username,
                // Without its group it would be in its sender's own conversation.
                group_id: group
                    .map(|group| parse::<String>(group).filter(|id| is_group_id(id)).ok_or(()))
                    .transpose()
                    .ok()?,
                context,
                referral: canonical(field(message, "referral").filter(|referral| is_object(referral)), MAX_EXTRA)?,
                errors: canonical(field(message, "errors").filter(|errors| is_array(errors)), MAX_EXTRA)?,
                details_parts: None,
            },
            from,
            aliases,
            kind,
            is_partial,
            size: message.get().len(),
        })
    }

    /// Kilobytes of it, as the quota counts them: one for the record, and those of WhatsApp's JSON.
    pub fn kilobytes(&self) -> i64 {
        1 + i64::try_from(self.size.min(MAX_COUNTED) / 1024).unwrap_or_default()
    }
}

fn user_of(alias: &Alias) -> Option<UserId> {
    match alias {
        Alias::User(user) => Some(user.clone()),
        Alias::Phone(_) => None,
    }
}

/// The message that a reaction, an edit or a revocation is about.
fn target(kind: &str, object: Option<&RawValue>) -> Option<Context> {
    let (_, name) = TARGETS.into_iter().find(|(name, _)| *name == kind)?;
    let provider_id = text(object?, name).filter(|id| is_message_id(id))?;
    Some(Context { provider_id: Some(provider_id), ..Context::default() })
}

/// What a message answers or repeats; none of an empty object.
fn context(context: &RawValue) -> Option<Context> {
    let flag = |name: &str| field(context, name).and_then(parse::<bool>).filter(|it| *it);
    let read = Context {
        message_id: None, // found where the messages are
        provider_id: text(context, "id").filter(|id| is_message_id(id)),
        from: text(context, "from").filter(|from| from.parse::<Alias>().is_ok()),
        forwarded: flag("forwarded"),
        frequently_forwarded: flag("frequently_forwarded"),
        referred_product: field(context, "referred_product").filter(|product| is_object(product)).map(|product| {
            let id = |name: &str| text(product, name).map(|id| truncated(id, MAX_PROFILE_NAME));
            ReferredProduct { catalog_id: id("catalog_id"), product_retailer_id: id("product_retailer_id") }
        }),
    };
    Some(read).filter(|read| *read != Context::default())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::whatsapp::callback_contacts::people;

    fn read(message: &Value, contacts: &Value) -> Option<ReceivedMessage> {
        let raw = |json: &Value| serde_json::value::to_raw_value(json).expect("JSON");
        ReceivedMessage::read("1065", &raw(message), &people(&raw(contacts)))
    }

    fn text_from(sender: Value) -> Value {
        let mut message =
            json!({ "id": "wamid.A", "timestamp": 1_760_000_000, "type": "text", "text": { "body": "oi" } });
        message.as_object_mut().expect("an object").extend(sender.as_object().expect("an object").clone());
        message
    }

    #[test]
    fn a_sender_without_a_phone_number_is_known_by_the_user_id() {
        let contacts = json!([{ "profile": { "name": "Ana", "username": "@ana" }, "user_id": "BR.15",
            "parent_user_id": "BR.ENT.7", "wa_id": "" }]);
        for sender in [
            json!({ "from_user_id": "BR.15" }),
            json!({ "from": "", "from_user_id": "BR.15" }),
            json!({ "from": "BR.15" }),
            json!({ "from": null, "from_user_id": "BR.15" }),
        ] {
            let message = read(&text_from(sender.clone()), &contacts).unwrap_or_else(|| panic!("{sender}"));
            assert_eq!((message.from.as_str(), message.contact_name.as_deref()), ("BR.15", Some("Ana")), "{sender}");
            let more = message.more;
            assert_eq!(
                (more.user_id.map(|id| id.to_string()).as_deref(), more.username.as_deref()),
                (Some("BR.15"), Some("ana"))
            );
            assert_eq!(more.parent_user_id.map(|id| id.to_string()).as_deref(), Some("BR.ENT.7"), "{sender}");
        }
    }

    #[test]
    fn the_phone_number_is_preferred_and_the_user_id_kept() {
        let contacts = json!([{ "profile": { "name": "Ana" }, "user_id": "BR.15", "wa_id": "5511911110001" }]);
        for sender in [json!({ "from": "5511911110001", "from_user_id": "BR.15" }), json!({ "from": "5511911110001" })]
        {
            let message = read(&text_from(sender), &contacts).expect("a message");
            assert_eq!(message.from.as_str(), "5511911110001");
            assert_eq!(message.more.user_id.map(|id| id.to_string()).as_deref(), Some("BR.15"));
        }
        let strange = read(&text_from(json!({ "from": "a stranger", "from_user_id": "BR.15" })), &contacts);
        assert_eq!(strange.expect("a message").from.as_str(), "BR.15");
        assert!(read(&text_from(json!({ "from": "a stranger" })), &contacts).is_none());
    }

    #[test]
    fn context_referral_errors_and_group_are_kept() {
        let mut message = text_from(json!({ "from": "5511911110001", "group_id": "Y2FwaV9ncm91cDox" }));
        message["referral"] = json!({ "source_type": "ad", "ctwa_clid": "CLID" });
        message["errors"] = json!([{ "code": 131_051 }]);
        message["context"] = json!({ "from": "551140000000", "id": "wamid.S", "forwarded": false,
            "referred_product": { "catalog_id": "9", "product_retailer_id": "SKU-1" } });
        let message = read(&message, &json!([])).expect("a message");
        let context = message.more.context.expect("a context");
        assert_eq!((context.provider_id.as_deref(), context.forwarded), (Some("wamid.S"), None));
        assert_eq!(context.referred_product.and_then(|it| it.product_retailer_id).as_deref(), Some("SKU-1"));
        assert_eq!(message.more.referral.expect("kept").as_str(), r#"{"ctwa_clid":"CLID","source_type":"ad"}"#);
        assert!(message.more.errors.is_some() && message.more.group_id.is_some());
        assert_eq!(message.quoted.as_deref(), Some("wamid.S"));
        let plain =
            read(&text_from(json!({ "from": "5511911110001", "context": {} })), &json!(null)).expect("a message");
        assert!(plain.more.context.is_none() && plain.more.referral.is_none());
    }

    #[test]
    fn a_message_of_an_unreadable_group_is_not_read() {
        for group in [json!("x".repeat(300)), json!({}), json!("a b"), json!(5)] {
            let mut message = text_from(json!({ "from": "5511911110001" }));
            message["group_id"] = group.clone();
            assert!(read(&message, &json!([])).is_none(), "it is not in its sender's conversation: {group}");
        }
    }

    #[test]
    fn a_message_with_an_object_that_is_too_large_is_not_read() {
        let mut message = text_from(json!({ "from": "5511911110001" }));
        message["referral"] = json!({ "body": "x".repeat(MAX_EXTRA) });
        assert!(read(&message, &json!([])).is_none());
    }

    #[test]
    fn everything_that_is_kept_of_a_message_counts() {
        let text = json!({ "id": "wamid.A", "from": "5511999999999", "type": "text", "text": { "body": "hi" } });
        let kilobytes = |message: &Value| read(message, &json!([])).expect("a message").kilobytes();
        assert_eq!(kilobytes(&text), 1);
        for extra in ["text", "referral"] {
            let mut large = text.clone();
            large[extra]["body"] = json!("x".repeat(10 * 1024));
            assert_eq!(kilobytes(&large), 11, "{extra}");
        }
    }
}
