//! The request body of each type of message (whatsapp-cloud-api, Send).

use serde::Serialize;
use serde_json::value::RawValue;
use url::Url;

use crate::alias::Alias;
use crate::json_text::JsonText;
use crate::message::{Content, MediaType, Message, ObjectType};

#[derive(Serialize)]
struct Body<'a> {
    messaging_product: &'static str,
    recipient_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<&'a str>,
    biz_opaque_callback_data: &'a str,
    r#type: &'a str,
    #[serde(flatten)]
    content: ContentObject<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
}

/// The object with a message's content, under the name of its type.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum ContentObject<'a> {
    Text { body: &'a str, preview_url: bool },
    Image(File<'a>),
    Video(File<'a>),
    Audio(File<'a>),
    Document(File<'a>),
    Sticker(File<'a>),
    Template(Template<'a>),
    Interactive(&'a RawValue),
    Location(&'a RawValue),
    Contacts(&'a RawValue),
    Reaction { message_id: &'a str, emoji: &'a str },
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
struct File<'a> {
    link: Option<&'a str>,
    id: Option<&'a str>,
    caption: Option<&'a str>,
    filename: Option<&'a str>,
    /// Shows audio as a voice message.
    voice: Option<bool>,
}

#[derive(Serialize)]
struct Template<'a> {
    name: &'a str,
    language: Language<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Language<'a> {
    code: &'a str,
}

#[derive(Serialize)]
struct Context<'a> {
    message_id: &'a str,
}

/// WhatsApp's ids of what a message refers to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ProviderIds {
    /// The message that it replies or reacts to.
    pub quoted: Option<String>,
    /// The uploaded file that it shows.
    pub file: Option<String>,
}

/// The body that is posted for a message: `tag` comes back in callbacks. `None` for received messages, which are never sent, for
/// reactions to nothing, and for files that WhatsApp does not have.
pub fn message_body(message: &Message, ids: &ProviderIds, tag: &str) -> Option<String> {
    let quoted = ids.quoted.as_deref();
    // A user id in `to` would be read as a phone number, and the message would be lost (whatsapp-cloud-api-2026, section 1).
    let (to, recipient) = match &message.contact {
        Alias::Phone(phone) => (Some(phone.with_plus()), None),
        Alias::User(user) => (None, Some(user.as_str())),
    };
    let body = Body {
        messaging_product: "whatsapp",
        recipient_type: "individual",
        to,
        recipient,
        biz_opaque_callback_data: tag,
        r#type: posted_type(&message.content),
        content: content_object(&message.content, ids)?,
        context: quoted.filter(|_| !message.content.is_reaction()).map(|message_id| Context { message_id }),
    };
    Some(serde_json::to_string(&body).expect("a body of texts and JSON serializes"))
}

/// WhatsApp's type, which is the contract's except for stickers and voice messages.
fn posted_type(content: &Content) -> &str {
    match content {
        Content::Media { media: MediaType::Voice, .. } | Content::Upload { media: MediaType::Voice, .. } => "audio",
        _ if is_sticker(content) => "sticker",
        _ => content.kind(),
    }
}

fn content_object<'a>(content: &'a Content, ids: &'a ProviderIds) -> Option<ContentObject<'a>> {
    Some(match content {
        Content::Received { .. } => return None,
        Content::Text { body, no_preview } => ContentObject::Text { body, preview_url: !no_preview },
        Content::Media { media, url, caption, filename } => {
            let shown = if is_sticker(content) { MediaType::Sticker } else { *media };
            file_object(shown, (Some(url), None), caption.as_deref(), filename.as_deref())
        }
        Content::Upload { media, caption, filename, .. } => {
            file_object(*media, (None, Some(ids.file.as_deref()?)), caption.as_deref(), filename.as_deref())
        }
        Content::Object { object_type, object } => match object_type {
            ObjectType::Interactive => ContentObject::Interactive(object.json()),
            ObjectType::Location => ContentObject::Location(object.json()),
            ObjectType::Contacts => ContentObject::Contacts(object.json()),
        },
        Content::Reaction { emoji } => ContentObject::Reaction { message_id: ids.quoted.as_deref()?, emoji },
        Content::Template { name, language, components } => ContentObject::Template(Template {
            name,
            language: Language { code: language },
            components: components.as_ref().map(JsonText::json),
        }),
    })
}

fn file_object<'a>(
    media: MediaType,
    (link, id): (Option<&'a str>, Option<&'a str>),
    caption: Option<&'a str>,
    filename: Option<&'a str>,
) -> ContentObject<'a> {
    let file = File { link, id, caption, filename, voice: (media == MediaType::Voice).then_some(true) };
    match media {
        MediaType::Sticker => ContentObject::Sticker(file),
        MediaType::Image => ContentObject::Image(file),
        MediaType::Video => ContentObject::Video(file),
        MediaType::Audio | MediaType::Voice => ContentObject::Audio(file),
        MediaType::Document => ContentObject::Document(file),
    }
}

/// Whether an image is posted as a sticker: WhatsApp accepts a WebP only so, and a sticker has no caption (docs/adr/0014).
fn is_sticker(content: &Content) -> bool {
    let Content::Media { media: MediaType::Image, url, caption: None, .. } = content else {
        return false;
    };
    Url::parse(url).is_ok_and(|url| url.path().to_ascii_lowercase().ends_with(".webp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(url: &str, caption: Option<&str>) -> Content {
        Content::Media {
            media: MediaType::Image,
            url: url.to_owned(),
            caption: caption.map(str::to_owned),
            filename: None,
        }
    }

    #[test]
    fn a_webp_without_a_caption_is_a_sticker_and_nothing_else_is() {
        assert!(is_sticker(&image("https://example.com/hello.WebP?size=1", None)));
        assert!(!is_sticker(&image("https://example.com/hello.webp", Some("Look"))));
        assert!(!is_sticker(&image("https://example.com/hello.png?like=.webp", None)));
        assert!(!is_sticker(&Content::Text { body: "hello.webp".to_owned(), no_preview: false }));
    }

    #[test]
    fn template_components_are_posted_as_they_were_given() {
        let components = JsonText::try_from(r#"[{"text":"\ud83d","big":1e400}]"#.to_owned()).expect("JSON");
        let content =
            Content::Template { name: "hi".to_owned(), language: "pt_BR".to_owned(), components: Some(components) };
        let object = serde_json::to_string(&content_object(&content, &ProviderIds::default())).expect("JSON");
        let expected =
            r#"{"template":{"name":"hi","language":{"code":"pt_BR"},"components":[{"text":"\ud83d","big":1e400}]}}"#;
        assert_eq!(object, expected);
    }
}
