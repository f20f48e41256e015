//! Message templates: the known ones, and those that were added.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::graph_error::GraphError;
use super::template_check;
use shared::mutex::lock;

/// Name, language, text and category: Meta's own template, and that of the API reference.
const BUILT_IN: [(&str, &str, &str, &str); 2] =
    [("hello_world", "en_US", "Hello World", "UTILITY"), ("welcome", "pt_BR", "Olá, {{1}}!", "UTILITY")];
/// The category of a message without a template.
const SERVICE: &str = "service";
/// Templates of a page by default, as Meta's.
const DEFAULT_LIMIT: usize = 25;

/// The templates by name and language, in which order they are listed, as Meta lists them.
#[derive(Debug)]
pub struct MessageTemplates(Mutex<BTreeMap<(String, String), Value>>);

/// Which templates a list or a removal is about.
#[derive(Debug, Deserialize)]
pub struct TemplateQuery {
    /// Those with this in their name, or exactly it for a removal.
    name: Option<String>,
    status: Option<String>,
    language: Option<String>,
    limit: Option<usize>,
    /// The number of templates before the page, as a text.
    after: Option<String>,
    /// The id of the only one to remove.
    hsm_id: Option<String>,
}

/// What `PUT /templates/{name}` changes of a template; what is absent stays.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateChange {
    /// The business account that is told.
    pub business_id: String,
    /// Such as `pt_BR`.
    pub language: String,
    /// Meta's word, such as `PAUSED`.
    pub status: Option<String>,
    /// Meta's word, such as `MARKETING`.
    pub category: Option<String>,
}

impl Default for MessageTemplates {
    fn default() -> Self {
        let templates = Self(Mutex::default());
        for (name, language, text, category) in BUILT_IN {
            let body = json!({ "type": "BODY", "text": text });
            let template = json!({ "name": name, "language": language, "category": category, "components": [body] });
            templates.add(template.to_string().as_bytes()).expect("a template that Meta would take");
        }
        templates
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
        let known = lock(&self.0);
        let Some(listed) = known.get(&key) else {
            return Err(GraphError::new(132_001, format!("template name ({}) does not exist in {}", key.0, key.1)));
        };
        template_check::check(listed, &template["components"])
    }

    /// Gives a template another status, category or quality. Returns it as Meta lists it.
    pub fn change(&self, name: &str, change: &TemplateChange) -> Option<Value> {
        let mut known = lock(&self.0);
        let listed = known.get_mut(&(name.to_owned(), change.language.clone()))?;
        for (member, value) in [("status", &change.status), ("category", &change.category)] {
            if let Some(value) = value {
                listed[member] = json!(value);
            }
        }
        Some(listed.clone())
    }

    /// The category of a message, as prices name it: its template's in lower case.
    pub fn category(&self, message: &Value) -> String {
        let known = lock(&self.0);
        let template = known.get(&key(&message["template"]));
        template.map_or_else(|| SERVICE.to_owned(), |template| text(&template["category"]).to_lowercase())
    }

    /// The template of a message, as Meta lists it, if the message names one.
    pub fn definition(&self, message: &Value) -> Option<Arc<Value>> {
        message.get("template").and_then(|template| lock(&self.0).get(&key(template)).cloned().map(Arc::new))
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
        let is_body = |component: &Value| text(&component["type"]) == "BODY";
        if !template["components"].as_array().is_some_and(|components| components.iter().any(is_body)) {
            return Err(GraphError::invalid_parameter("components must have a BODY"));
        }
        let key = (text(&template["name"]), text(&template["language"]));
        let mut known = lock(&self.0);
        if known.contains_key(&key) {
            return Err(GraphError::invalid_parameter(format!("{} content for {} already exists", key.1, key.0)));
        }
        let (id, category) = (format!("{}", Uuid::new_v4().as_u128() % 1_000_000_000_000_000), &template["category"]);
        let listed = json!({
            "id": id, "name": key.0, "language": key.1, "status": "APPROVED", "category": category,
            "components": template["components"], "quality_score": { "score": "UNKNOWN" }, "rejected_reason": "NONE",
            "parameter_format": template["parameter_format"].as_str().unwrap_or("POSITIONAL").to_uppercase(),
        });
        known.insert(key, listed);
        Ok(json!({ "id": id, "status": "APPROVED", "category": category }))
    }

    /// A page of the templates.
    pub fn page(&self, query: &TemplateQuery) -> Value {
        let is = |asked: &Option<String>, value: &Value| asked.as_ref().is_none_or(|asked| *value == *asked);
        let known = lock(&self.0);
        let all: Vec<&Value> = known
            .values()
            .filter(|listed| query.name.as_ref().is_none_or(|name| text(&listed["name"]).contains(name.as_str())))
            .filter(|listed| is(&query.status, &listed["status"]) && is(&query.language, &listed["language"]))
            .collect();
        let start = query.after.as_ref().and_then(|after| after.parse().ok()).unwrap_or(0).min(all.len());
        let end = all.len().min(start + query.limit.unwrap_or(DEFAULT_LIMIT));
        let mut page = json!({ "data": all[start..end] });
        if start < end {
            page["paging"] = json!({ "cursors": { "before": start.to_string(), "after": end.to_string() } });
        }
        if end < all.len() {
            page["paging"]["next"] = json!("https://graph.facebook.com/next");
        }
        page
    }

    /// Removes the templates with a name: in all languages, or the one with an id.
    pub fn remove(&self, query: &TemplateQuery) -> Result<Value, GraphError> {
        let Some(name) = &query.name else {
            return Err(GraphError::invalid_parameter("The parameter name is required."));
        };
        let mut known = lock(&self.0);
        let before = known.len();
        known.retain(|(known, _), template| {
            known != name || query.hsm_id.as_ref().is_some_and(|id| template["id"] != *id)
        });
        if known.len() == before {
            return Err(GraphError::invalid_parameter("Message Template Not Found"));
        }
        Ok(json!({ "success": true }))
    }
}

/// The name and language of a message's template.
fn key(template: &Value) -> (String, String) {
    (text(&template["name"]), text(&template["language"]["code"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
