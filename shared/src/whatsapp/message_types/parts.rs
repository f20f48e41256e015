//! What several types of interactive messages have: header, body, footer.

use serde::Deserialize;
use utoipa::ToSchema;

use super::bounded::{AnyText, Link, Text};
use super::rules::Broken;

/// A body of at most `MAX` characters.
#[derive(Deserialize)]
pub struct Body<const MAX: usize> {
    text: Text<MAX>,
}

/// A footer.
#[derive(Deserialize, ToSchema)]
#[schema(as = InteractiveFooter)]
pub struct Footer {
    /// At most 60 characters.
    #[schema(inline)]
    text: Text<60>,
}

/// A header of text alone.
#[derive(Deserialize, ToSchema)]
#[schema(as = InteractiveTextHeader)]
pub struct TextHeader {
    /// Always `text`.
    #[schema(inline)]
    r#type: TextType,
    /// At most 60 characters.
    #[schema(inline)]
    text: Text<60>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum TextType {
    Text,
}

/// A header of text or a file.
#[derive(Deserialize, ToSchema)]
#[schema(as = InteractiveHeader)]
pub struct Header {
    /// Which of its members it has.
    #[schema(inline)]
    r#type: HeaderType,
    /// The text, if `type` is `text`. At most 60 characters.
    #[schema(inline)]
    text: Option<Text<60>>,
    /// The image, if `type` is `image`.
    image: Option<File>,
    /// The video, if `type` is `video`.
    video: Option<File>,
    /// The document, if `type` is `document`.
    document: Option<File>,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq, strum::IntoStaticStr, ToSchema)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum HeaderType {
    Text,
    Image,
    Video,
    Document,
}

/// A file at WhatsApp, or one that WhatsApp fetches.
#[derive(Deserialize, ToSchema)]
#[schema(as = HeaderFile)]
struct File {
    /// WhatsApp's id of the file; `id` or `link`.
    #[schema(inline)]
    id: Option<AnyText>,
    /// The public URL of the file, which WhatsApp fetches.
    #[schema(inline)]
    link: Option<Link>,
    /// The name that WhatsApp shows for a document. At most 255 characters.
    #[schema(inline)]
    filename: Option<Text<255>>,
}

impl Header {
    /// Its type.
    pub const fn header_type(&self) -> HeaderType {
        self.r#type
    }

    /// Checks that it has what its type says, and nothing else.
    pub fn check(&self, path: &str) -> Result<(), Broken> {
        let own: &str = self.r#type.into();
        let members = [
            ("text", self.text.is_some()),
            ("image", self.image.is_some()),
            ("video", self.video.is_some()),
            ("document", self.document.is_some()),
        ];
        for (name, is_given) in members {
            let path = format!("{path}.{name}");
            if name == own && !is_given {
                return Err(Broken::new(path, format!("is required, as the header's `type` is {own}.")));
            }
            if name != own && is_given {
                return Err(Broken::new(path, format!("is not allowed, as the header's `type` is {own}.")));
            }
        }
        let file = self.image.as_ref().or(self.video.as_ref()).or(self.document.as_ref());
        match file {
            Some(File { id: None, link: None, .. }) => {
                Err(Broken::new(format!("{path}.{own}.link"), "is required, or `id`: the file to show."))
            }
            Some(File { id: Some(_), link: Some(_), .. }) => {
                Err(Broken::new(format!("{path}.{own}.link"), "cannot be combined with `id`."))
            }
            _ => Ok(()),
        }
    }
}
