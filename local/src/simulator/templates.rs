//! The message templates that the simulator knows, those that were added to it among them.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use uuid::Uuid;

use super::graph_error::GraphError;

/// Name, language and parameters of the body: Meta's own, and the one of the API's document.
const KNOWN: [(&str, &str, usize); 2] = [("hello_world", "en_US", 0), ("welcome", "pt_BR", 1)];

/// Name and language, and how many parameters the body has.
#[derive(Debug)]
pub struct Templates(Mutex<HashMap<(String, String), usize>>);

impl Default for Templates {
    fn default() -> Self {
        let known = KNOWN.map(|(name, language, count)| ((name.to_owned(), language.to_owned()), count));
        Self(Mutex::new(known.into()))
    }
}

impl Templates {
    /// Whether a message's template, if it has one, is known and filled in.
    pub fn check(&self, message: &Value) -> Result<(), GraphError> {
        if message["type"] != "template" {
            return Ok(());
        }
        let template = &message["template"];
        let key = (text(&template["name"]), text(&template["language"]["code"]));
        let Some(expected) = self.lock().get(&key).copied() else {
            return Err(GraphError::new(132_001, format!("template name ({}) does not exist in {}", key.0, key.1)));
        };
        let given = bodies(template).map(|body| list(&body["parameters"]).len()).sum::<usize>();
        if given == expected {
            return Ok(());
        }
        let details = format!("body: number of localizable_params ({given}) does not match the expected ({expected})");
        Err(GraphError::new(132_000, details))
    }

    /// Adds one as `message_templates` takes it, approved at once.
    pub fn add(&self, body: &[u8]) -> Result<Value, GraphError> {
        let template: Value =
            serde_json::from_slice(body).map_err(|_| GraphError::parameter("the body is not JSON"))?;
        for field in ["name", "language", "category"] {
            if text(&template[field]).is_empty() {
                return Err(GraphError::parameter(format!("The parameter {field} is required.")));
            }
        }
        let Some(body) = bodies(&template).next() else {
            return Err(GraphError::parameter("components must have a BODY"));
        };
        let key = (text(&template["name"]), text(&template["language"]));
        let mut known = self.lock();
        if known.contains_key(&key) {
            return Err(GraphError::parameter(format!("{} content for {} already exists", key.1, key.0)));
        }
        known.insert(key, placeholders(&text(&body["text"])));
        let id = format!("{}", Uuid::new_v4().as_u128() % 1_000_000_000_000_000);
        Ok(json!({ "id": id, "status": "APPROVED", "category": template["category"] }))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(String, String), usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The components of type body, in capitals or not: Meta's definitions and messages differ.
fn bodies(template: &Value) -> impl Iterator<Item = &Value> {
    let is_body = |component: &&Value| text(&component["type"]).eq_ignore_ascii_case("body");
    list(&template["components"]).iter().filter(is_body)
}

/// How many different placeholders, such as `{{1}}`, a text has.
fn placeholders(text: &str) -> usize {
    let opened = text.split("{{").skip(1);
    opened.filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name.trim()).collect::<BTreeSet<_>>().len()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
