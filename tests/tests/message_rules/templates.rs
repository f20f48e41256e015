//! Each part of a template, with what fits and what does not: the product and the simulator agree.

use local::simulator::template_check;
use serde_json::{Value, json};
use shared::whatsapp::templates::check::check;
use shared::whatsapp::templates::{Definition, Template};

/// A template as Meta lists it.
struct Listed(Value);

impl Listed {
    fn new(format: &str, components: Value) -> Self {
        Self(json!({ "id": "1", "name": "a", "language": "en", "status": "APPROVED", "parameter_format": format,
            "components": components }))
    }

    /// The path that the product's refusal of a message names, after `template.components`; none if it accepts the message.
    fn refusal(&self, components: &Value) -> Option<String> {
        let template = serde_json::value::to_raw_value(&self.0).expect("JSON");
        let template = Template::read(&template).expect("a template");
        let components = serde_json::value::to_raw_value(components).expect("JSON");
        let error = check(&Definition::from(&template), Some(&components)).err()?;
        assert_eq!(<&str>::from(error.code), "invalid_template_parameters");
        let field = error.field.expect("a field");
        assert!(error.message.starts_with(&format!("`{field}`: ")), "{}", error.message);
        Some(field.strip_prefix("template.components").expect("a path of the components").to_owned())
    }

    /// Both accept each message without a path, and refuse each other one: the product with its path.
    fn assert_fits(&self, messages: &[(Value, Option<&str>)]) {
        for (components, expected) in messages {
            assert_eq!(self.refusal(components).as_deref(), *expected, "{components}");
            let by_whatsapp = template_check::check(&self.0, components);
            assert_eq!(by_whatsapp.is_err(), expected.is_some(), "{components}: {by_whatsapp:?}");
        }
    }
}

fn part(kind: &str, parameters: Value) -> Value {
    json!({ "type": kind, "parameters": parameters })
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

fn named(name: &str) -> Value {
    json!({ "type": "text", "parameter_name": name, "text": "a" })
}

fn button(kind: &str, index: Value) -> Value {
    json!({ "type": "button", "sub_type": kind, "index": index, "parameters": [text("a")] })
}

#[test]
fn a_body_has_exactly_its_parameters() {
    Listed::new("POSITIONAL", json!([{ "type": "BODY", "text": "{{1}} and {{ 2 }}, {{1}}" }])).assert_fits(&[
        (json!([part("body", json!([text("a"), text("b")]))]), None),
        (json!([part("BODY", json!([{ "type": "TEXT", "text": "a" }, { "type": "currency" }]))]), None),
        (json!([part("body", json!([text("a")]))]), Some("[0].parameters")),
        (json!([part("body", json!([text("a"), text("b"), text("c")]))]), Some("[0].parameters")),
        (json!([]), Some("")),
        (json!([{ "type": "body" }]), Some("[0].parameters")),
        (json!([part("body", json!([text("a"), { "type": "image" }]))]), Some("[0].parameters[1].type")),
        (json!([part("body", json!([text("a"), 7]))]), Some("[0].parameters[1]")),
    ]);
}

#[test]
fn a_text_is_one_line_that_is_not_empty() {
    let body = |parameter: Value| json!([part("body", json!([parameter]))]);
    let wrong = Some("[0].parameters[0].text");
    Listed::new("POSITIONAL", json!([{ "type": "BODY", "text": "{{1}}" }])).assert_fits(&[
        (body(text("a    b")), None),
        (body(text("a     b")), wrong),
        (body(text("a\nb")), wrong),
        (body(text("a\tb")), wrong),
        (body(text("")), wrong),
        (body(json!({ "type": "text" })), wrong),
        (body(json!({ "type": "text", "text": null })), wrong),
        (body(json!({ "type": "text", "text": 1001 })), None), // whether WhatsApp takes it is not documented
    ]);
}

#[test]
fn named_parameters_have_the_template_s_names() {
    Listed::new("NAMED", json!([{ "type": "BODY", "text": "{{order_id}} of {{name}}" }])).assert_fits(&[
        (json!([part("body", json!([named("name"), named("order_id")]))]), None),
        (json!([part("body", json!([named("name"), named("name")]))]), Some("[0].parameters[1].parameter_name")),
        (json!([part("body", json!([named("name"), named("order")]))]), Some("[0].parameters[1].parameter_name")),
        (json!([part("body", json!([text("a"), named("order_id")]))]), Some("[0].parameters[0].parameter_name")),
    ]);
}

#[test]
fn a_header_is_of_the_template_s_kind() {
    let file = |kind: &str| json!([part("header", json!([{ "type": kind }]))]);
    Listed::new("POSITIONAL", json!([{ "type": "HEADER", "format": "IMAGE" }])).assert_fits(&[
        (file("image"), None),
        (file("IMAGE"), None),
        (file("video"), Some("[0].parameters[0].type")),
        (json!([]), Some("")),
    ]);
    Listed::new("POSITIONAL", json!([{ "type": "HEADER", "format": "TEXT", "text": "{{1}}" }])).assert_fits(&[
        (json!([part("header", json!([text("a")]))]), None),
        (file("image"), Some("[0].parameters[0].type")),
        (json!([]), Some("")),
    ]);
    Listed::new("POSITIONAL", json!([{ "type": "BODY", "text": "Hi" }]))
        .assert_fits(&[(file("image"), Some("[0].parameters")), (json!([{ "type": "header" }]), None)]);
}

#[test]
fn buttons_have_the_parameters_that_they_need() {
    let buttons = json!([
        { "type": "QUICK_REPLY", "text": "Stop" },
        { "type": "URL", "url": "https://a.b/{{1}}" },
        { "type": "PHONE_NUMBER", "phone_number": "1" },
    ]);
    Listed::new("POSITIONAL", json!([{ "type": "BUTTONS", "buttons": buttons }])).assert_fits(&[
        (json!([button("url", json!("1"))]), None),
        (json!([button("url", json!(1)), button("quick_reply", json!(0))]), None),
        (json!([button("URL", json!("1"))]), None),
        (json!([]), Some("")),
        (json!([button("quick_reply", json!("0"))]), Some("")),
        (json!([button("quick_reply", json!("1"))]), Some("[0].sub_type")),
        (json!([button("url", json!("1")), button("url", json!("3"))]), Some("[1].index")),
        (json!([button("url", json!("1")), button("voice_call", json!("2"))]), Some("[1]")),
    ]);
    Listed::new("POSITIONAL", json!([{ "type": "BUTTONS", "buttons": [{ "type": "OTP" }] }]))
        .assert_fits(&[(json!([button("url", json!("0"))]), None), (json!([]), Some(""))]);
    let link = json!([{ "type": "BUTTONS", "buttons": [{ "type": "URL", "url": "https://a.b" }] }]);
    Listed::new("POSITIONAL", link).assert_fits(&[(json!([]), None)]);
}

#[test]
fn an_offer_that_ends_needs_its_end() {
    let listed = |has_expiration: bool| {
        let offer = json!({ "text": "Expiring!", "has_expiration": has_expiration });
        Listed::new("POSITIONAL", json!([{ "type": "LIMITED_TIME_OFFER", "limited_time_offer": offer }]))
    };
    let end = |end: Value| {
        let end = json!({ "type": "limited_time_offer", "limited_time_offer": { "expiration_time_ms": end } });
        json!([part("limited_time_offer", json!([end]))])
    };
    listed(true).assert_fits(&[
        (end(json!(1_760_000_000_000_u64)), None),
        (json!([]), Some("")),
        (json!([{ "type": "limited_time_offer" }]), Some("[0].parameters")),
        (json!([part("limited_time_offer", json!([text("a")]))]), Some("[0].parameters[0].type")),
        (end(Value::Null), Some("[0].parameters[0].limited_time_offer.expiration_time_ms")),
    ]);
    listed(false).assert_fits(&[(json!([]), None)]);
}

#[test]
fn each_card_fits_its_own() {
    let card = |text: &str| json!({ "components": [{ "type": "HEADER", "format": "IMAGE" }, { "type": "BODY", "text": text }] });
    let listed = json!([
        { "type": "BODY", "text": "Hi" },
        { "type": "CAROUSEL", "cards": [card("{{1}}"), card("none")] },
    ]);
    let image = part("header", json!([{ "type": "image" }]));
    let cards = |cards: Value| json!([{ "type": "carousel", "cards": cards }]);
    let first = json!({ "card_index": 0, "components": [image, part("body", json!([text("a")]))] });
    let second = json!({ "card_index": 1, "components": [image] });
    let bare = json!({ "card_index": 0, "components": [image] });
    let third = json!({ "card_index": 2, "components": [] });
    Listed::new("POSITIONAL", listed).assert_fits(&[
        (cards(json!([first, second])), None),
        (cards(json!([second, first])), None),
        (cards(json!([second, bare])), Some("[0].cards[1].components")),
        (cards(json!([third])), Some("[0].cards[0].card_index")),
        (cards(json!([])), Some("[0].cards")),
        (json!([]), Some("")),
    ]);
}

#[test]
fn what_is_not_known_is_left_to_whatsapp() {
    let accepts = |listed: Value, components: Value| {
        assert_eq!(Listed::new("POSITIONAL", listed).refusal(&components), None, "{components}");
    };
    accepts(
        json!([{ "type": "HEADER", "format": "HOLOGRAM" }]),
        json!([part("header", json!([{ "type": "hologram" }]))]),
    );
    accepts(json!([{ "type": "BODY" }]), json!([])); // its text is not shown
    accepts(json!([{ "type": "BUTTONS", "buttons": [{ "type": "BOOKING" }] }]), json!([button("booking", json!(0))]));
    let shop = json!([{ "type": "BUTTONS", "buttons": [{ "type": "URL", "url": "https://a.b/{{1}}" }] }]);
    accepts(shop.clone(), json!([button("url", Value::Null)]));
    accepts(shop, json!([button("url", json!(0.0))]));
    for components in [json!({}), json!(["body", 7, null]), json!([{ "type": 7 }])] {
        accepts(json!([{ "type": "BODY", "text": "Hi" }]), components);
    }
}

#[test]
fn an_error_names_few_of_many_parameters() {
    let text: String = (0..2000).map(|number| format!("{{{{p{number}}}}}")).collect();
    let listed = Listed::new("NAMED", json!([{ "type": "BODY", "text": text }]));
    let template = serde_json::value::to_raw_value(&listed.0).expect("JSON");
    let error =
        check(&Definition::from(&Template::read(&template).expect("a template")), None).expect_err("none given");
    assert!(error.message.len() < 200 && error.message.contains("p9, …"), "{}", error.message);
}
