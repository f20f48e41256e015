//! The requests that operations make.

use serde_json::{Value, json};

use super::manners::Content;
use super::operations::Operation;
use crate::sweep::evidence::REFERENCE;

/// Components of a template that parsers read differently: half a surrogate pair, numbers beyond what fits, depth.
const ODD_COMPONENTS: [&str; 4] = [
    r#"[{"type":"body","parameters":[{"type":"text","text":"\ud83d"}]}]"#,
    r#"[{"type":"body","parameters":[{"type":"text","text":"x","n":1e400}]}]"#,
    r#"[{"type":"body","parameters":[{"type":"text","text":"x","n":18446744073709551617}]}]"#,
    DEEP,
];
const DEEP: &str = concat!(
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "1",
    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
);
/// Stands for the components in a body.
const PLACEHOLDER: &str = r#""COMPONENTS""#;
/// Stands for the id of a file in a body.
const FILE: &str = "FILE";

/// A request to send.
pub struct Order<'a> {
    /// The message's name.
    pub message: u32,
    /// The account.
    pub account: usize,
    /// Which of its instances.
    pub instance: usize,
    /// Which of its keys.
    pub key: usize,
    /// The inbound URL that it goes through.
    pub url: Option<u32>,
    /// The recipient.
    pub to: &'a str,
    /// The number of the Idempotency-Key.
    pub number: Option<u32>,
    /// The message itself.
    body: Value,
    /// The text of its components, if they are odd.
    components: Option<&'static str>,
}

impl<'a> Order<'a> {
    /// The request of an operation, if it sends.
    pub fn new(operation: &'a Operation) -> Option<Self> {
        match operation {
            Operation::Send { message, account, instance, key, url, to, order, expires_in, content } => {
                let mut body = body_of(*content);
                if let Some(seconds) = expires_in {
                    body["expiresIn"] = (*seconds).into();
                }
                let (message, account, instance, key) = (*message, *account, *instance, *key);
                Some(Self { message, account, instance, key, url: *url, to, number: *order, body, components: None })
            }
            Operation::SendOdd { message, account, instance, to, components } => {
                let (message, account, instance, key) = (*message, *account, *instance, 0);
                let template = json!({ "name": "hello_world", "language": "en_US", "components": "COMPONENTS" });
                let (body, components) = (json!({ "template": template }), ODD_COMPONENTS.get(*components).copied());
                Some(Self { message, account, instance, key, url: None, to, number: None, body, components })
            }
            _ => None,
        }
    }

    /// What the message is known by in its metadata, or in its text.
    pub fn reference(&self) -> String {
        format!("m{}", self.message)
    }

    /// Whether parsers read it differently, so that it must be refused.
    pub const fn is_ambiguous(&self) -> bool {
        self.components.is_some()
    }

    /// Whether it sends a file: through a URL it sends a text.
    pub fn has_file(&self) -> bool {
        self.url.is_none() && self.body["mediaId"] == FILE
    }

    /// The body of the request, with the id of its file if it sends one.
    pub fn text(&self, instance_id: &str, file: Option<&str>) -> String {
        if self.url.is_some() {
            // Such a URL takes neither an instance nor metadata.
            return json!({ "to": self.to, "message": format!("{REFERENCE}{}", self.reference()) }).to_string();
        }
        let mut body = self.body.clone();
        body["instanceId"] = instance_id.into();
        body["to"] = self.to.into();
        if let Some(file) = file {
            body["mediaId"] = file.into();
        }
        body["metadata"] = json!({ "reference": self.reference(), "note": "PRIVATE-METADATA" });
        body.to_string().replace(PLACEHOLDER, self.components.unwrap_or_default())
    }
}

fn body_of(content: Content) -> Value {
    let template = |name: &str| json!({ "template": { "name": name, "language": "en_US" } });
    match content {
        Content::Text => json!({ "message": "PRIVATE-TEXT" }),
        Content::Reply => json!({ "message": "PRIVATE-REPLY", "quotedMessageId": "wamid.PRIVATE" }),
        Content::File => json!({ "mediaId": FILE, "mediaType": "image", "caption": "PRIVATE-CAPTION" }),
        Content::Template => template("hello_world"),
        Content::UnknownTemplate => template("private_offer"),
    }
}
