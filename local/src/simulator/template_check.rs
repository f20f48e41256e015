//! Whether a message has the parameters that its template needs, as Meta checks it (whatsapp-cloud-api-2026, section 13).

use std::collections::BTreeSet;

use serde_json::Value;

use super::graph_error::GraphError;

/// Characters of a text with its parameters (Template components, Body).
const MAX_TEXT: usize = 1024;

/// Checks the components of a message against those of its template as Meta lists it.
pub fn check(listed: &Value, components: &Value) -> Result<(), GraphError> {
    match listed["status"].as_str() {
        Some("PAUSED") => return Err(GraphError::new(132_015, "Template is Paused")),
        Some("DISABLED") => return Err(GraphError::new(132_016, "Template is Disabled")),
        Some("APPROVED") => {}
        _ => return Err(GraphError::new(132_001, "template is not approved")),
    }
    let is_named = listed["parameter_format"] == "NAMED";
    check_components(&listed["components"], components, is_named)?;
    check_offer(&listed["components"], components)?;
    check_cards(listed, components, is_named)
}

fn check_components(listed: &Value, components: &Value, is_named: bool) -> Result<(), GraphError> {
    for kind in ["header", "body"] {
        let (definition, given) = (find(listed, kind), parameters(components, kind));
        match definition["format"].as_str() {
            Some(format @ ("IMAGE" | "VIDEO" | "DOCUMENT" | "LOCATION")) => check_object(format, &given)?,
            Some("TEXT") | None => {
                if let Some(text) = text_of(definition) {
                    check_text(kind, text, &given, is_named)?;
                }
            }
            Some(_) => {} // a product, for instance
        }
    }
    check_buttons(find(listed, "buttons"), components)
}

fn check_object(format: &str, given: &[&Value]) -> Result<(), GraphError> {
    let received = given.first().and_then(|parameter| parameter["type"].as_str()).unwrap_or("UNKNOWN").to_uppercase();
    if given.len() == 1 && received == format {
        return Ok(());
    }
    Err(GraphError::new(132_012, format!("header: Format mismatch, expected {format}, received {received}")))
}

fn check_text(kind: &str, text: &str, given: &[&Value], is_named: bool) -> Result<(), GraphError> {
    let placeholders = placeholders(text);
    if placeholders.len() != given.len() {
        let (count, expected) = (given.len(), placeholders.len());
        let details = format!(
            "{kind}: number of localizable_params ({count}) does not match the expected number of params ({expected})"
        );
        return Err(GraphError::new(132_000, details));
    }
    let is_text = |parameter: &&&Value| ["text", "currency", "date_time"].iter().any(|text| is_kind(parameter, text));
    if let Some(other) = given.iter().find(|parameter| !is_text(parameter)) {
        return Err(GraphError::new(132_012, format!("{kind}: Format mismatch, received {}", other["type"])));
    }
    given
        .iter()
        .filter(|parameter| is_kind(parameter, "text"))
        .try_for_each(|parameter| check_parameter(kind, parameter))?;
    let names: BTreeSet<&str> = given.iter().filter_map(|parameter| parameter["parameter_name"].as_str()).collect();
    if is_named && names.into_iter().map(str::to_owned).collect::<BTreeSet<_>>() != placeholders {
        return Err(GraphError::new(132_018, format!("{kind}: Parameter name is missing or empty")));
    }
    let parameters: usize = given.iter().map(|parameter| characters(&parameter["text"])).sum();
    if text.chars().count() + parameters > MAX_TEXT {
        return Err(GraphError::new(132_005, format!("{kind}: Translated text is too long")));
    }
    Ok(())
}

fn check_parameter(kind: &str, parameter: &Value) -> Result<(), GraphError> {
    let missing = || GraphError::invalid_parameter(format!("{kind}: Parameter 'text' is mandatory for type 'text'"));
    match &parameter["text"] {
        Value::Null => Err(missing()),
        Value::String(text) if text.is_empty() => Err(missing()),
        Value::String(text) if text.contains(['\n', '\t']) || text.contains("     ") => {
            let details = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces";
            Err(GraphError::new(132_018, format!("{kind}: {details}")))
        }
        _ => Ok(()),
    }
}

fn check_buttons(listed: &Value, components: &Value) -> Result<(), GraphError> {
    let indexes = 0..list(&listed["buttons"]).len();
    for given in list(components).iter().filter(|it| is_kind(it, "button") && !list(&it["parameters"]).is_empty()) {
        let Some(index) = index_of(given).filter(|index| indexes.contains(index)) else {
            return Err(GraphError::new(132_018, "buttons: there is no button at this index"));
        };
        let kind = listed["buttons"][index]["type"].as_str().unwrap_or_default();
        if ["URL", "QUICK_REPLY"].contains(&kind)
            && !given["sub_type"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(kind))
        {
            return Err(GraphError::new(132_018, format!("buttons: Button at index {index} is of type {kind}")));
        }
    }
    for (index, button) in list(&listed["buttons"]).iter().enumerate() {
        let kind = button["type"].as_str().unwrap_or_default();
        let has_placeholder = !placeholders(button["url"].as_str().unwrap_or_default()).is_empty();
        let is_own = |it: &&Value| is_kind(it, "button") && index_of(it) == Some(index);
        let given = list(components).iter().filter(is_own).find(|it| !list(&it["parameters"]).is_empty());
        if given.is_none() && (has_placeholder || kind == "OTP" || kind == "COPY_CODE") {
            return Err(GraphError::new(
                131_008,
                format!("buttons: Button at index {index} of type {kind} requires a parameter"),
            ));
        }
        if given.is_some() && kind == "PHONE_NUMBER" {
            let details = format!("buttons: Button at index {index} is of type Call and does not support parameters");
            return Err(GraphError::invalid_parameter(details));
        }
    }
    Ok(())
}

fn check_offer(listed: &Value, components: &Value) -> Result<(), GraphError> {
    const OFFER: &str = "limited_time_offer";
    let given = parameters(components, OFFER);
    let has_end = |given: &&Value| is_kind(given, OFFER) && !given[OFFER]["expiration_time_ms"].is_null();
    if find(listed, OFFER)[OFFER]["has_expiration"] != true || (given.len() == 1 && given.iter().all(has_end)) {
        return Ok(());
    }
    Err(GraphError::new(131_008, "limited_time_offer: the parameter expiration_time_ms is missing"))
}

fn check_cards(listed: &Value, components: &Value, is_named: bool) -> Result<(), GraphError> {
    let known = list(&find(&listed["components"], "carousel")["cards"]);
    if known.is_empty() {
        return Ok(());
    }
    let given = list(&find(components, "carousel")["cards"]);
    if given.is_empty() {
        return Err(GraphError::new(132_018, "carousel: cards are missing"));
    }
    for (position, card) in given.iter().enumerate() {
        let index = card["card_index"].as_u64().map_or(position, |index| usize::try_from(index).unwrap_or(usize::MAX));
        let Some(definition) = known.get(index) else {
            return Err(GraphError::new(132_018, format!("carousel: there is no card {index}")));
        };
        check_components(&definition["components"], &card["components"], is_named)?;
    }
    Ok(())
}

/// The text of a component: an empty one if there is no component, none if Meta does not show it.
fn text_of(definition: &Value) -> Option<&str> {
    if definition.is_null() { Some("") } else { definition["text"].as_str() }
}

/// The first component of a type, or null: Meta writes types in upper case in templates and in lower case in messages.
fn find<'a>(components: &'a Value, kind: &str) -> &'a Value {
    list(components).iter().find(|component| is_kind(component, kind)).unwrap_or(&Value::Null)
}

fn parameters<'a>(components: &'a Value, kind: &str) -> Vec<&'a Value> {
    let own = list(components).iter().filter(|component| is_kind(component, kind));
    own.flat_map(|component| list(&component["parameters"])).collect()
}

fn is_kind(component: &Value, kind: &str) -> bool {
    component["type"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(kind))
}

/// The position of the button that a component is for, written as a number or as a text.
fn index_of(component: &Value) -> Option<usize> {
    let index = &component["index"];
    let number = index.as_u64().or_else(|| index.as_str()?.parse().ok())?;
    usize::try_from(number).ok()
}

/// The distinct placeholders of a text, such as `{{1}}`.
fn placeholders(text: &str) -> BTreeSet<String> {
    let parts = text.split("{{").skip(1);
    parts.filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name.trim().to_owned()).collect()
}

fn characters(text: &Value) -> usize {
    text.as_str().unwrap_or_default().chars().count()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
