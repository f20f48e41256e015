//! Message templates: the known ones, and those that were added.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use serde_json::{Value, json};
use uuid::Uuid;

use super::graph_error::GraphError;
use shared::mutex::lock;

/// Name, language, number of body parameters and category: Meta's own template, and that of the API reference.
const BUILT_IN: [(&str, &str, usize, &str); 2] =
    [("hello_world", "en_US", 0, "utility"), ("welcome", "pt_BR", 1, "utility")];
/// The category of a message without a template.
const SERVICE: &str = "service";

/// The templates by name and language.
#[derive(Debug)]
pub struct MessageTemplates(Mutex<HashMap<(String, String), Template>>);

/// What is known of a template.
#[derive(Clone, Debug)]
struct Template {
    /// How many parameters its body has.
    parameters: usize,
    /// In lower case, as prices name it.
    category: String,
}

impl Default for MessageTemplates {
    fn default() -> Self {
        let known = BUILT_IN.map(|(name, language, parameters, category)| {
            ((name.to_owned(), language.to_owned()), Template { parameters, category: category.to_owned() })
        });
        Self(Mutex::new(known.into()))
    }
}

impl MessageTemplates {
    /// Checks that a message's template, if it has one, is known and has all its parameters.
    pub fn check(&self, message: &Value) -> Result<(), GraphError> {
        if message["type"] != "template" {
            return Ok(());
        }
        let template = &message["template"];
        let key = key(template);
        let Some(expected) = lock(&self.0).get(&key).map(|template| template.parameters) else {
            return Err(GraphError::new(132_001, format!("template name ({}) does not exist in {}", key.0, key.1)));
        };
        let given = bodies(template).map(|body| list(&body["parameters"]).len()).sum::<usize>();
        if given == expected {
            return Ok(());
        }
        let details = format!("body: number of localizable_params ({given}) does not match the expected ({expected})");
        Err(GraphError::new(132_000, details))
    }

    /// The category of a message, as prices name it: its template's.
    pub fn category(&self, message: &Value) -> String {
        let known = lock(&self.0);
        known.get(&key(&message["template"])).map_or_else(|| SERVICE.to_owned(), |template| template.category.clone())
    }

    /// Adds a template in the form of Meta's `message_templates` call, approved at once.
    pub fn add(&self, body: &[u8]) -> Result<Value, GraphError> {
        let template: Value =
            serde_json::from_slice(body).map_err(|_| GraphError::invalid_parameter("the body is not JSON"))?;
        for field in ["name", "language", "category"] {
            if text(&template[field]).is_empty() {
                return Err(GraphError::invalid_parameter(format!("The parameter {field} is required.")));
            }
        }
        let Some(body) = bodies(&template).next() else {
            return Err(GraphError::invalid_parameter("components must have a BODY"));
        };
        let key = (text(&template["name"]), text(&template["language"]));
        let mut known = lock(&self.0);
        if known.contains_key(&key) {
            return Err(GraphError::invalid_parameter(format!("{} content for {} already exists", key.1, key.0)));
        }
        let category = text(&template["category"]).to_lowercase();
        known.insert(key, Template { parameters: placeholders(&text(&body["text"])), category });
        let id = format!("{}", Uuid::new_v4().as_u128() % 1_000_000_000_000_000);
        Ok(json!({ "id": id, "status": "APPROVED", "category": template["category"] }))
    }
}

/// The name and language of a message's template.
fn key(template: &Value) -> (String, String) {
    (text(&template["name"]), text(&template["language"]["code"]))
}

/// The components of the type body: Meta writes it in upper case in definitions and in lower case in messages.
fn bodies(template: &Value) -> impl Iterator<Item = &Value> {
    let is_body = |component: &&Value| text(&component["type"]).eq_ignore_ascii_case("body");
    list(&template["components"]).iter().filter(is_body)
}

/// Counts the distinct placeholders of a text, such as `{{1}}`.
fn placeholders(text: &str) -> usize {
    let parts = text.split("{{").skip(1);
    parts.filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name.trim()).collect::<BTreeSet<_>>().len()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
