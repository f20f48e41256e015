//! Whether the components of a message fit its template: what WhatsApp refuses with 132000, 132012, 132018, 131008 or 100.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::http::{ApiError, ErrorCode};
use crate::whatsapp::templates::definition::{Button, Definition, Parts};

/// Types of a text's parameters (whatsapp-cloud-api, Send).
const TEXTS: [&str; 3] = ["text", "currency", "date_time"];
/// Formats of headers that are a file or a place, which a message must bring.
const OBJECTS: [&str; 4] = ["IMAGE", "VIDEO", "DOCUMENT", "LOCATION"];
/// The component of an offer that ends, and the type of its parameter.
const OFFER: &str = "limited_time_offer";
/// The most names in an error.
const MAX_LISTED: usize = 10;
/// The path of a message's components.
const COMPONENTS: &str = "template.components";

/// Components of a message, or of a card of it, and their path.
struct Given<'a> {
    path: String,
    components: &'a [Value],
}

/// A parameter and its path.
struct Parameter<'a> {
    path: String,
    value: &'a Value,
}

impl Parameter<'_> {
    /// Whether it is of a type: some clients write it in upper case, as templates have it.
    fn is_of_type(&self, kind: &str) -> bool {
        self.value["type"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(kind))
    }
}

/// Refuses components that do not fit, with the path of what is wrong.
pub fn check(definition: &Definition, components: Option<&RawValue>) -> Result<(), ApiError> {
    let parsed = components.map(|components| serde_json::from_str::<Vec<Value>>(components.get()));
    let Ok(components) = parsed.transpose().map(Option::unwrap_or_default) else {
        return Ok(());
    };
    let given = Given { path: COMPONENTS.to_owned(), components: &components };
    check_parts(&definition.parts, definition.is_named, &given)?;
    check_cards(definition, &given)
}

fn check_parts(parts: &Parts, is_named: bool, given: &Given<'_>) -> Result<(), ApiError> {
    if let Some(expected) = &parts.body {
        check_texts("body", expected, is_named, given)?;
    }
    match &parts.header {
        None => check_texts("header", &[], is_named, given)?,
        Some(header) if header.format == "TEXT" => check_texts("header", &header.parameters, is_named, given)?,
        Some(header) if OBJECTS.contains(&header.format.as_str()) => {
            check_object(&header.format.to_lowercase(), given)?;
        }
        Some(_) => {}
    }
    if parts.offer_expires {
        check_offer(given)?;
    }
    check_buttons(&parts.buttons, given)
}

fn check_texts(part: &str, expected: &[String], is_named: bool, given: &Given<'_>) -> Result<(), ApiError> {
    let parameters = given.parameters(part);
    let names = listed(expected);
    if parameters.len() != expected.len() {
        let path = given.path_of(part);
        let (count, needed) = (parameters.len(), expected.len());
        let names = if names.is_empty() { names } else { format!(" ({names})") };
        return refuse(&path, format!("the template's {part} has {needed} parameters{names}, the message {count}"));
    }
    for parameter in &parameters {
        if !parameter.value.is_object() {
            return refuse(
                &parameter.path,
                r#"it must be an object, such as {"type": "text", "text": "Ana"}"#.to_owned(),
            );
        }
        if !TEXTS.iter().any(|text| parameter.is_of_type(text)) {
            return refuse(&format!("{}.type", parameter.path), format!("it must be {}", TEXTS.join(", ")));
        }
        if parameter.is_of_type("text") {
            check_text(parameter)?;
        }
    }
    if is_named { check_names(&parameters, expected, &names) } else { Ok(()) }
}

/// Refuses a text that is missing or has line breaks (whatsapp-cloud-api-2026, Template send). Whether WhatsApp takes a number for a text
/// is not documented.
fn check_text(parameter: &Parameter<'_>) -> Result<(), ApiError> {
    let path = format!("{}.text", parameter.path);
    match &parameter.value["text"] {
        Value::Null => refuse(&path, "it is missing".to_owned()),
        Value::String(text) if text.is_empty() => refuse(&path, "it must not be empty".to_owned()),
        Value::String(text) if text.contains(['\n', '\t']) || text.contains("     ") => {
            refuse(&path, "it must be one line, without tabs or more than four spaces in a row".to_owned())
        }
        _ => Ok(()),
    }
}

fn check_names(parameters: &[Parameter<'_>], expected: &[String], names: &str) -> Result<(), ApiError> {
    let name = |parameter: &Parameter<'_>| parameter.value["parameter_name"].as_str().map(str::to_owned);
    for (position, parameter) in parameters.iter().enumerate() {
        let own = name(parameter);
        let is_expected = own.as_ref().is_some_and(|own| expected.contains(own));
        let is_repeated = parameters[..position].iter().any(|earlier| name(earlier) == own);
        if !is_expected || is_repeated {
            let path = format!("{}.parameter_name", parameter.path);
            return refuse(&path, format!("the template's parameters are {names}, each once"));
        }
    }
    Ok(())
}

fn check_object(kind: &str, given: &Given<'_>) -> Result<(), ApiError> {
    match given.parameters("header").as_slice() {
        [parameter] if parameter.is_of_type(kind) => Ok(()),
        [parameter] => refuse(&format!("{}.type", parameter.path), format!("the template's header is {kind}")),
        _ => refuse(&given.path_of("header"), format!("the template's header needs one parameter of the type {kind}")),
    }
}

/// An offer that ends needs the time. Whether WhatsApp takes one that is over is not documented.
fn check_offer(given: &Given<'_>) -> Result<(), ApiError> {
    match given.parameters(OFFER).as_slice() {
        [parameter] if !parameter.is_of_type(OFFER) => {
            refuse(&format!("{}.type", parameter.path), format!("it must be {OFFER}"))
        }
        [parameter] if parameter.value[OFFER]["expiration_time_ms"].is_null() => {
            let path = format!("{}.{OFFER}.expiration_time_ms", parameter.path);
            refuse(&path, "the template's offer needs its end, in milliseconds since 1970".to_owned())
        }
        [_] => Ok(()),
        _ => refuse(&given.path_of(OFFER), format!("the template's offer needs one parameter of the type {OFFER}")),
    }
}

fn check_buttons(buttons: &[Button], given: &Given<'_>) -> Result<(), ApiError> {
    let mut with_parameter = vec![false; buttons.len()];
    for (path, component) in given.of_type("button") {
        let parameters = component["parameters"].as_array().map_or(0, Vec::len);
        if parameters == 0 {
            continue;
        }
        let Some(index) = index_of(&component["index"]) else { return Ok(()) }; // whether WhatsApp takes it is not known
        let Some(button) = buttons.get(index) else {
            let message = format!("the template has {} buttons, counted from 0", buttons.len());
            return refuse(&format!("{path}.index"), message);
        };
        if button.kind == "PHONE_NUMBER" {
            return refuse(&path, "the template's button calls a number and takes no parameters".to_owned());
        }
        let sub_type = component["sub_type"].as_str().unwrap_or_default();
        if let Some(expected) = sub_type_of(&button.kind)
            && !sub_type.eq_ignore_ascii_case(expected)
        {
            return refuse(&format!("{path}.sub_type"), format!("the template's button {index} is {expected}"));
        }
        with_parameter[index] = true;
    }
    let missing = buttons.iter().zip(with_parameter).position(|(button, has)| button.needs_parameter && !has);
    missing.map_or(Ok(()), |index| refuse(&given.path, format!("the template's button {index} needs a parameter")))
}

/// The `sub_type` of components for a type of buttons, where only one is right.
fn sub_type_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "URL" => "url",
        "QUICK_REPLY" => "quick_reply",
        "COPY_CODE" => "copy_code",
        "FLOW" => "flow",
        "CATALOG" => "catalog",
        "MPM" => "mpm",
        _ => return None,
    })
}

fn check_cards(definition: &Definition, given: &Given<'_>) -> Result<(), ApiError> {
    if definition.cards.is_empty() {
        return Ok(());
    }
    let Some((path, carousel)) = given.of_type("carousel").next() else {
        return refuse(&given.path, "the template needs a component of the type carousel".to_owned());
    };
    let cards = carousel["cards"].as_array().map_or(&[][..], Vec::as_slice);
    if cards.is_empty() {
        return refuse(&format!("{path}.cards"), "the template's carousel needs cards".to_owned());
    }
    for (position, card) in cards.iter().enumerate() {
        let path = format!("{path}.cards[{position}]");
        let index = index_of(&card["card_index"]).unwrap_or(position);
        let Some(parts) = definition.cards.get(index) else {
            let message = format!("the template has {} cards, counted from 0", definition.cards.len());
            return refuse(&format!("{path}.card_index"), message);
        };
        let components = card["components"].as_array().map_or(&[][..], Vec::as_slice);
        check_parts(parts, definition.is_named, &Given { path: format!("{path}.components"), components })?;
    }
    Ok(())
}

impl<'a> Given<'a> {
    /// The components of a type, with their paths.
    fn of_type(&self, kind: &str) -> impl Iterator<Item = (String, &'a Value)> {
        let is_kind = |component: &Value| component["type"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(kind));
        let components = self.components.iter().enumerate();
        components.filter(move |(_, it)| is_kind(it)).map(|(at, it)| (format!("{}[{at}]", self.path), it))
    }

    /// The parameters of the components of a type.
    fn parameters(&self, kind: &str) -> Vec<Parameter<'a>> {
        let mut parameters = Vec::new();
        for (path, component) in self.of_type(kind) {
            let given = component["parameters"].as_array().into_iter().flatten().enumerate();
            parameters.extend(given.map(|(at, value)| Parameter { path: format!("{path}.parameters[{at}]"), value }));
        }
        parameters
    }

    /// The path of the parameters of a type, or of all components if there are none of it.
    fn path_of(&self, kind: &str) -> String {
        self.of_type(kind).next().map_or_else(|| self.path.clone(), |(path, _)| format!("{path}.parameters"))
    }
}

/// A position, written as a number or as its text.
fn index_of(value: &Value) -> Option<usize> {
    let of_text = |text: &str| text.parse().ok().filter(|number: &u64| number.to_string() == text);
    let number = value.as_u64().or_else(|| of_text(value.as_str()?))?;
    usize::try_from(number).ok()
}

/// The first of these names.
pub fn listed(names: &[String]) -> String {
    let more = if names.len() > MAX_LISTED { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(MAX_LISTED)].join(", "))
}

fn refuse(path: &str, why: String) -> Result<(), ApiError> {
    Err(ApiError::field(ErrorCode::InvalidTemplateParameters, path, format!("`{path}`: {why}.")))
}
