//! What WhatsApp requires of a message's content, as one table of paths (whatsapp-cloud-api, Send; whatsapp-cloud-api-2026,
//! section 3). It does not share the product's own checks, which tests compare with it.

use self::Rule::{Absent, Characters, Elements, OneOf, Required};

/// What must be true of a member.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// It is there, and not empty if it is a text.
    Required,
    /// It is not there.
    Absent,
    /// A text of at most so many characters.
    Characters(usize),
    /// A list of so many elements at least and at most.
    Elements(usize, usize),
    /// One of these texts.
    OneOf(&'static [&'static str]),
}

/// A type of message: `text`, or one of interactive messages, such as `interactive/button`.
pub type ContentType = &'static str;
/// Members within one another; `[]` is each element of a list.
pub type MemberPath = &'static str;

const FILE_HEADERS: &[&str] = &["text", "image", "video", "document"];

/// The rules. Those of a member apply where what contains it is there.
pub const RULES: &[(ContentType, MemberPath, Rule)] = &[
    ("text", "body", Required),
    ("text", "body", Characters(4096)),
    ("image", "caption", Characters(1024)),
    ("video", "caption", Characters(1024)),
    ("document", "caption", Characters(1024)),
    ("audio", "caption", Absent),
    ("sticker", "caption", Absent),
    ("template", "name", Required),
    ("template", "language.code", Required),
    ("location", "latitude", Required),
    ("location", "longitude", Required),
    ("contacts", "", Elements(1, 257)),
    ("contacts", "[].name.formatted_name", Required),
    ("reaction", "message_id", Required),
    ("interactive/button", "header.type", OneOf(FILE_HEADERS)),
    ("interactive/button", "header.text", Characters(60)),
    ("interactive/button", "body.text", Required),
    ("interactive/button", "body.text", Characters(1024)),
    ("interactive/button", "footer.text", Characters(60)),
    ("interactive/button", "action.buttons", Required),
    ("interactive/button", "action.buttons", Elements(1, 3)),
    ("interactive/button", "action.buttons[].type", OneOf(&["reply"])),
    ("interactive/button", "action.buttons[].reply.id", Required),
    ("interactive/button", "action.buttons[].reply.id", Characters(256)),
    ("interactive/button", "action.buttons[].reply.title", Required),
    ("interactive/button", "action.buttons[].reply.title", Characters(20)),
    ("interactive/list", "header.type", OneOf(&["text"])),
    ("interactive/list", "header.text", Characters(60)),
    ("interactive/list", "body.text", Required),
    ("interactive/list", "body.text", Characters(4096)),
    ("interactive/list", "footer.text", Characters(60)),
    ("interactive/list", "action.button", Required),
    ("interactive/list", "action.button", Characters(20)),
    ("interactive/list", "action.sections", Required),
    ("interactive/list", "action.sections", Elements(1, 10)),
    ("interactive/list", "action.sections[].title", Characters(24)),
    ("interactive/list", "action.sections[].rows", Elements(1, 10)),
    ("interactive/list", "action.sections[].rows[].id", Required),
    ("interactive/list", "action.sections[].rows[].id", Characters(200)),
    ("interactive/list", "action.sections[].rows[].title", Required),
    ("interactive/list", "action.sections[].rows[].title", Characters(24)),
    ("interactive/list", "action.sections[].rows[].description", Characters(72)),
    ("interactive/cta_url", "header.type", OneOf(FILE_HEADERS)),
    ("interactive/cta_url", "header.text", Characters(60)),
    ("interactive/cta_url", "body.text", Required),
    ("interactive/cta_url", "body.text", Characters(1024)),
    ("interactive/cta_url", "footer.text", Characters(60)),
    ("interactive/cta_url", "action.name", OneOf(&["cta_url"])),
    ("interactive/cta_url", "action.parameters.display_text", Required),
    ("interactive/cta_url", "action.parameters.display_text", Characters(20)),
    ("interactive/cta_url", "action.parameters.url", Required),
    ("interactive/flow", "body.text", Required),
    ("interactive/flow", "footer.text", Characters(60)),
    ("interactive/flow", "action.name", OneOf(&["flow"])),
    ("interactive/flow", "action.parameters.flow_message_version", OneOf(&["3"])),
    ("interactive/flow", "action.parameters.flow_cta", Required),
    ("interactive/flow", "action.parameters.mode", OneOf(&["draft", "published"])),
    ("interactive/flow", "action.parameters.flow_action", OneOf(&["navigate", "data_exchange"])),
    ("interactive/location_request_message", "body.text", Required),
    ("interactive/location_request_message", "body.text", Characters(1024)),
    ("interactive/location_request_message", "action.name", OneOf(&["send_location"])),
    ("interactive/request_contact_info", "body.text", Required),
    ("interactive/request_contact_info", "action.name", OneOf(&["request_contact_info"])),
    ("interactive/product", "header", Absent),
    ("interactive/product", "footer.text", Characters(60)),
    ("interactive/product", "action.catalog_id", Required),
    ("interactive/product", "action.product_retailer_id", Required),
    ("interactive/product_list", "header.type", OneOf(&["text"])),
    ("interactive/product_list", "header.text", Required),
    ("interactive/product_list", "header.text", Characters(60)),
    ("interactive/product_list", "body.text", Required),
    ("interactive/product_list", "footer.text", Characters(60)),
    ("interactive/product_list", "action.catalog_id", Required),
    ("interactive/product_list", "action.sections", Required),
    ("interactive/product_list", "action.sections", Elements(1, 10)),
    ("interactive/product_list", "action.sections[].product_items", Elements(1, 30)),
    ("interactive/product_list", "action.sections[].product_items[].product_retailer_id", Required),
    ("interactive/catalog_message", "body.text", Required),
    ("interactive/catalog_message", "body.text", Characters(1024)),
    ("interactive/catalog_message", "footer.text", Characters(60)),
    ("interactive/catalog_message", "action.name", OneOf(&["catalog_message"])),
    ("interactive/carousel", "header", Absent),
    ("interactive/carousel", "footer", Absent),
    ("interactive/carousel", "body.text", Required),
    ("interactive/carousel", "body.text", Characters(1024)),
    ("interactive/carousel", "action.cards", Required),
    ("interactive/carousel", "action.cards", Elements(2, 10)),
    ("interactive/carousel", "action.cards[].type", OneOf(&["cta_url", "product"])),
    ("interactive/carousel", "action.cards[].header.type", OneOf(&["image", "video"])),
    ("interactive/carousel", "action.cards[].body.text", Characters(160)),
    ("interactive/carousel", "action.cards[].action.parameters.display_text", Characters(20)),
    ("interactive/carousel", "action.cards[].action.buttons", Elements(1, 3)),
    ("interactive/carousel", "action.cards[].action.buttons[].quick_reply.id", Required),
    ("interactive/carousel", "action.cards[].action.buttons[].quick_reply.title", Required),
];
