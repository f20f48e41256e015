//! The product's checks of messages against the simulator's table of WhatsApp's rules, which knows nothing of them: one
//! below each limit, at it and above it.

mod templates;

use local::simulator::content_check;
use local::simulator::content_rules::{RULES, Rule};
use serde_json::{Value, json};
use shared::message::ObjectType;
use shared::whatsapp::message_types::parse_object;
use tests::content_examples::examples;

/// An object as the product and the simulator see it.
struct Message {
    content_type: &'static str,
    object: Value,
}

impl Message {
    /// The field of the request that has the object.
    fn field(&self) -> &'static str {
        self.content_type.split('/').next().expect("a type")
    }

    /// The path that the product's refusal names; none if it accepts the object.
    fn refusal(&self) -> Option<String> {
        let object_type = match self.field() {
            "interactive" => ObjectType::Interactive,
            "location" => ObjectType::Location,
            _ => ObjectType::Contacts,
        };
        let json = serde_json::value::to_raw_value(&self.object).expect("JSON");
        let error = parse_object(object_type, json).err()?;
        let path = error.field.expect("a field");
        assert!(error.message.starts_with(&format!("`{path}` ")) && error.message.ends_with('.'), "{}", error.message);
        Some(path)
    }

    /// Whether the simulator refuses it.
    fn is_refused_by_whatsapp(&self) -> bool {
        content_check::check(self.field(), &self.object).is_err()
    }

    /// The same message with another value of a member, or without the member.
    fn with(&self, pointer: &str, value: Option<Value>) -> Self {
        let mut object = self.object.clone();
        match value {
            Some(value) => *object.pointer_mut(pointer).expect(pointer) = value,
            None => {
                let (parent, name) = pointer.rsplit_once('/').expect(pointer);
                object.pointer_mut(parent).and_then(Value::as_object_mut).expect(pointer).remove(name);
            }
        }
        Self { content_type: self.content_type, object }
    }

    fn assert_accepted(&self) {
        assert_eq!(self.refusal(), None, "{} {}", self.content_type, self.object);
        assert!(!self.is_refused_by_whatsapp(), "{} {}", self.content_type, self.object);
    }

    /// Both refuse it, the product with this path.
    fn assert_refused(&self, path: &str) {
        let path = match (self.field(), path) {
            (field, "") => field.to_owned(),
            (field, path) if path.starts_with('[') => format!("{field}{path}"),
            (field, path) => format!("{field}.{path}"),
        };
        assert_eq!(self.refusal().as_deref(), Some(path.as_str()), "{}: {}", self.content_type, self.object);
        assert!(self.is_refused_by_whatsapp(), "{} {path}: {}", self.content_type, self.object);
    }
}

/// The member of an example that a rule is about: in lists, of the first element.
fn pointer(path: &str) -> String {
    let path = path.replace("[]", ".0");
    path.split('.').filter(|name| !name.is_empty()).map(|name| format!("/{name}")).collect()
}

fn list_of(element: &Value, length: usize) -> Value {
    let numbered = |index: usize| {
        let mut element = element.clone();
        if element.get("card_index").is_some() {
            element["card_index"] = json!(index);
        }
        if element.get("reply").is_some() {
            element["reply"]["title"] = json!(format!("Button {index}"));
        }
        element
    };
    (0..length).map(numbered).collect()
}

#[test]
fn each_limit_holds_one_below_at_and_above_it() {
    let mut checked = 0;
    for (content_type, object) in examples() {
        let message = Message { content_type, object };
        message.assert_accepted();
        for (_, path, rule) in RULES.iter().filter(|(rule_type, ..)| *rule_type == content_type) {
            let (pointer, first) = (pointer(path), path.replace("[]", "[0]"));
            let Some(member) = message.object.pointer(&pointer).cloned() else {
                // A header that must not be there, or a card of another kind.
                if matches!(rule, Rule::Absent) {
                    let mut object = message.object.clone();
                    object[*path] = json!({ "type": "text", "text": "x" });
                    Message { content_type, object }.assert_refused(path);
                    checked += 1;
                }
                continue;
            };
            checked += 1;
            match rule {
                Rule::Characters(most) => {
                    for length in [most - 1, *most] {
                        message.with(&pointer, Some(json!("é".repeat(length)))).assert_accepted();
                    }
                    message.with(&pointer, Some(json!("é".repeat(most + 1)))).assert_refused(&first);
                    message.with(&pointer, Some(json!(5))).assert_refused(&first);
                }
                Rule::Elements(least, most) => {
                    for length in [*least, *most] {
                        message.with(&pointer, Some(list_of(&member[0], length))).assert_accepted();
                    }
                    for length in [least - 1, most + 1] {
                        message.with(&pointer, Some(list_of(&member[0], length))).assert_refused(&first);
                    }
                }
                Rule::Required => message.with(&pointer, None).assert_refused(&first),
                Rule::OneOf(_) => message.with(&pointer, Some(json!("other"))).assert_refused(&first),
                Rule::Absent => panic!("{content_type} {path} is in the example"),
            }
        }
    }
    assert!(checked > 80, "{checked} rules");
}

#[test]
fn rules_about_members_together_name_the_one_that_is_wrong() {
    let example = |content_type: &str, number: usize| {
        let (content_type, object) =
            examples().into_iter().filter(|(name, _)| *name == content_type).nth(number).expect("an example");
        Message { content_type, object }
    };
    let (buttons, list) = (example("interactive/button", 0), example("interactive/list", 0));
    let (cards, products) = (example("interactive/carousel", 0), example("interactive/carousel", 2));
    buttons.with("/action/buttons/1/reply/title", Some(json!("yes"))).assert_refused("action.buttons[1].reply.title");
    let row = list.object["action"]["sections"][0]["rows"][0].clone();
    let section = |rows| json!({ "title": "All", "rows": list_of(&row, rows) });
    let untitled = json!([section(1), { "rows": [row] }]);
    list.with("/action/sections", Some(untitled)).assert_refused("action.sections[1].title");
    list.with("/action/sections", Some(json!([section(5), section(5)]))).assert_accepted();
    list.with("/action/sections", Some(json!([section(5), section(6)]))).assert_refused("action.sections");
    let product_list = example("interactive/product_list", 0);
    let item = json!({ "product_retailer_id": "sku" });
    let section = |items| json!({ "title": "All", "product_items": list_of(&item, items) });
    product_list.with("/action/sections", Some(json!([section(15), section(15)]))).assert_accepted();
    product_list.with("/action/sections", Some(json!([section(15), section(16)]))).assert_refused("action.sections");
    let video = json!({ "type": "video", "video": { "id": "1" } });
    cards.with("/action/cards/1/header", Some(video)).assert_refused("action.cards[1].header.type");
    cards.with("/action/cards/1/body/text", Some(json!("a\nb\nc"))).assert_accepted();
    cards.with("/action/cards/1/body/text", Some(json!("a\nb\nc\nd"))).assert_refused("action.cards[1].body.text");
    products
        .with("/action/cards/1/action/catalog_id", Some(json!("2")))
        .assert_refused("action.cards[1].action.catalog_id");
}

/// What the simulator cannot tell, or WhatsApp does not document: the product's own checks.
#[test]
fn what_could_not_be_shown_is_refused_with_its_path() {
    let refusal = |content_type: &'static str, pointer: &str, value: Value| {
        let (_, object) = examples().into_iter().find(|(name, _)| *name == content_type).expect("an example");
        Message { content_type, object }.with(pointer, Some(value)).refusal()
    };
    let file = |file: Value| json!({ "type": "image", "image": file });
    for (content_type, pointer, value, path) in [
        ("location", "/latitude", json!(90.1), "location.latitude"),
        ("location", "/longitude", json!(-180.5), "location.longitude"),
        ("location", "/latitude", json!("north"), "location.latitude"),
        ("location", "/latitude", json!(null), "location.latitude"),
        ("interactive/button", "/body", json!(["hi"]), "interactive.body"),
        ("interactive/button", "/action", json!([[["reply", ["1", "One"]]]]), "interactive.action"),
        ("interactive/button", "/action/buttons/0/type", json!(5), "interactive.action.buttons[0].type"),
        (
            "interactive/flow",
            "/action/parameters/flow_message_version",
            json!(3),
            "interactive.action.parameters.flow_message_version",
        ),
        ("interactive/flow", "/action/name", json!(null), "interactive.action.name"),
        ("contacts", "/0", json!(["Ana"]), "contacts[0]"),
        ("contacts", "/0/name", json!(["Ana"]), "contacts[0].name"),
        (
            "interactive/cta_url",
            "/action/parameters/url",
            json!(" https://example.com"),
            "interactive.action.parameters.url",
        ),
        ("contacts", "/0/birthday", json!("31.12.1990"), "contacts[0].birthday"),
        ("contacts", "/0/birthday", json!("1990-02-30"), "contacts[0].birthday"),
        ("contacts", "/0/phones", json!({}), "contacts[0].phones"),
        ("contacts", "/0/name/formatted_name", json!(" "), "contacts[0].name.formatted_name"),
        ("interactive/button", "/type", json!("dance"), "interactive.type"),
        ("interactive/button", "/header", json!({ "type": "text" }), "interactive.header.text"),
        ("interactive/button", "/header", file(json!({})), "interactive.header.image.link"),
        ("interactive/button", "/header", file(json!({ "link": "ftp://a.b/c" })), "interactive.header.image.link"),
        (
            "interactive/button",
            "/header",
            file(json!({ "id": "1", "link": "https://a.b/c" })),
            "interactive.header.image.link",
        ),
        ("interactive/button", "/header", json!({ "type": "image", "text": "x" }), "interactive.header.text"),
        ("interactive/cta_url", "/action/parameters/url", json!("javascript:x"), "interactive.action.parameters.url"),
        (
            "interactive/cta_url",
            "/action/parameters/url",
            json!("https://me:pw@a.b"),
            "interactive.action.parameters.url",
        ),
        ("interactive/flow", "/action/parameters/flow_id", json!(null), "interactive.action.parameters.flow_id"),
        ("interactive/carousel", "/action/cards/1/action", json!({}), "interactive.action.cards[1].action.name"),
        (
            "interactive/carousel",
            "/action/cards/1/action",
            json!({ "name": "cta_url" }),
            "interactive.action.cards[1].action.parameters",
        ),
        ("interactive/carousel", "/action/cards/1/card_index", json!(0), "interactive.action.cards[1].card_index"),
        ("interactive/carousel", "/action/cards/1/type", json!("product"), "interactive.action.cards[1].type"),
        ("interactive/button", "/body/text", json!(1e300), "interactive.body.text"),
        (
            "interactive/flow",
            "/action/parameters/flow_action_payload/data/name",
            json!(1e300),
            "interactive.action.parameters.flow_action_payload.data.name",
        ),
    ] {
        let refused = refusal(content_type, pointer, value.clone());
        assert_eq!(refused.as_deref(), Some(path), "{content_type} {pointer} {value}");
    }
}

#[test]
fn what_whatsapp_or_its_clients_also_write_is_accepted() {
    let accepts = |content_type: &'static str, pointer: &str, value: Value| {
        let (_, object) = examples().into_iter().find(|(name, _)| *name == content_type).expect("an example");
        let refusal = Message { content_type, object }.with(pointer, Some(value)).refusal();
        assert_eq!(refusal, None, "{content_type} {pointer}");
    };
    accepts("location", "/latitude", json!("37.44216251868683"));
    accepts("contacts", "/0/phones", json!(null));
    accepts("contacts", "/0/org", json!(null));
}

#[test]
fn an_object_with_a_member_twice_is_refused_with_its_place() {
    for (json, path) in [
        (r#"{"latitude":1,"longitude":2,"latitude":3}"#, "location"),
        (r#"{"latitude":1,"longitude":2,"new":{"a":1,"a":2}}"#, "location.new"),
    ] {
        let json = serde_json::value::RawValue::from_string(json.to_owned()).expect("JSON");
        let error = parse_object(ObjectType::Location, json).expect_err("a member twice");
        assert_eq!(error.field.as_deref(), Some(path), "{}", error.message);
    }
}

#[test]
fn members_that_whatsapp_may_have_added_are_passed_on() {
    for (content_type, mut object) in examples() {
        let place = if content_type == "contacts" { &mut object[0] } else { &mut object };
        place["added_next_year"] = json!({ "a": [1, null] });
        assert_eq!(Message { content_type, object }.refusal(), None, "{content_type}");
    }
}
