//! Checks the content of a posted message by the table of rules, and by what the table cannot say.

use serde_json::Value;

use super::content_rules::{RULES, Rule};
use super::graph_error::GraphError;

/// A required member is missing (whatsapp-cloud-api-2026, section 13).
const MISSING: i64 = 131_008;
/// A member has a value that is not allowed.
const INVALID: i64 = 131_009;

/// Files, which are named by a link or an id.
const FILES: [&str; 5] = ["image", "video", "audio", "document", "sticker"];

/// Checks the content of a message of this type.
pub fn check(message_type: &str, content: &Value) -> Result<(), GraphError> {
    let content_type = match message_type {
        "interactive" => format!("interactive/{}", content["type"].as_str().unwrap_or_default()),
        _ => message_type.to_owned(),
    };
    let mut rules = RULES.iter().filter(|(rule_type, ..)| *rule_type == content_type).peekable();
    if rules.peek().is_none() || content.is_null() {
        return Err(GraphError::invalid_parameter("the content does not fit its type"));
    }
    for (_, path, rule) in rules {
        check_member(content, path, "", *rule)?;
    }
    if FILES.contains(&message_type) && content["link"].is_string() == content["id"].is_string() {
        return Err(GraphError::new(MISSING, "Either id or link is required."));
    }
    check_together(&content_type, content)
}

/// Checks a member wherever what contains it is there.
fn check_member(value: &Value, path: &str, before: &str, rule: Rule) -> Result<(), GraphError> {
    if let Some(rest) = path.strip_prefix("[]") {
        let elements = value.as_array().map_or(&[][..], Vec::as_slice);
        return elements.iter().enumerate().try_for_each(|(index, element)| {
            check_member(element, rest.trim_start_matches('.'), &format!("{before}[{index}]"), rule)
        });
    }
    if path.is_empty() {
        return holds(Some(value), rule)
            .map_err(|code| GraphError::new(code, format!("{before} is not valid: {rule:?}")));
    }
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (name, rest) = path.split_at(end);
    let before = if before.is_empty() { name.to_owned() } else { format!("{before}.{name}") };
    match (value.get(name), rest.trim_start_matches('.')) {
        (member, "") => {
            holds(member, rule).map_err(|code| GraphError::new(code, format!("{before} is not valid: {rule:?}")))
        }
        (Some(member), rest) => check_member(member, rest, &before, rule),
        // What contains it may be absent, unless it is the body or the action, which every type must have.
        (None, _) if matches!(rule, Rule::Required) && (name == "body" || name == "action") => {
            Err(GraphError::new(MISSING, format!("{before} is missing")))
        }
        (None, _) => Ok(()),
    }
}

/// The code of the error, if a member breaks the rule.
fn holds(member: Option<&Value>, rule: Rule) -> Result<(), i64> {
    let text = member.and_then(Value::as_str);
    let is_kept = match (rule, member) {
        (Rule::Required, Some(_)) => text != Some(""),
        (Rule::Required, None) => return Err(MISSING),
        (Rule::Absent, member) => member.is_none(),
        (_, None) => true,
        (Rule::Characters(most), Some(_)) => text.is_some_and(|text| text.chars().count() <= most),
        (Rule::Elements(least, most), Some(list)) => {
            list.as_array().is_some_and(|list| (least..=most).contains(&list.len()))
        }
        (Rule::OneOf(allowed), Some(_)) => text.is_some_and(|text| allowed.contains(&text)),
    };
    if is_kept { Ok(()) } else { Err(INVALID) }
}

/// Rules about several members of a type.
fn check_together(content_type: &str, content: &Value) -> Result<(), GraphError> {
    let action = &content["action"];
    let problem = match content_type {
        "interactive/button" if repeats(&texts(&action["buttons"], "/reply/title")) => "two buttons have one title",
        "interactive/list" if count(&action["sections"], "rows") > 10 => "the sections have more than 10 rows",
        "interactive/product_list" if count(&action["sections"], "product_items") > 30 => {
            "the sections have more than 30 products"
        }
        "interactive/list" | "interactive/product_list" if lacks_titles(&action["sections"]) => {
            "several sections need titles"
        }
        "interactive/carousel" if differ(&texts(&action["cards"], "/type")) => "the cards have different types",
        "interactive/carousel" if differ(&texts(&action["cards"], "/header/type")) => {
            "the cards have different headers"
        }
        "interactive/carousel" if differ(&texts(&action["cards"], "/action/catalog_id")) => {
            "the cards have different catalogs"
        }
        "interactive/carousel"
            if texts(&action["cards"], "/body/text").iter().any(|text| text.matches('\n').count() > 2) =>
        {
            "a card has more than two line breaks"
        }
        _ => return Ok(()),
    };
    Err(GraphError::new(INVALID, problem))
}

fn texts<'a>(list: &'a Value, pointer: &str) -> Vec<&'a str> {
    let elements = list.as_array().map_or(&[][..], Vec::as_slice);
    elements.iter().filter_map(|element| element.pointer(pointer)?.as_str()).collect()
}

fn lacks_titles(sections: &Value) -> bool {
    let count = sections.as_array().map_or(0, Vec::len);
    count > 1 && texts(sections, "/title").len() < count
}

fn count(sections: &Value, member: &str) -> usize {
    let sections = sections.as_array().map_or(&[][..], Vec::as_slice);
    sections.iter().filter_map(|section| Some(section[member].as_array()?.len())).sum()
}

fn repeats(texts: &[&str]) -> bool {
    (1..texts.len()).any(|index| texts[..index].contains(&texts[index]))
}

fn differ(texts: &[&str]) -> bool {
    texts.windows(2).any(|pair| pair[0] != pair[1])
}
