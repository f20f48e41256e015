//! A business account's message templates: the calls about them (whatsapp-cloud-api-2026, section 7), and what a message must have
//! to fit one.

pub mod check;
pub mod definition;

use std::collections::{BTreeMap, BTreeSet};

use reqwest::header;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::value::RawValue;
use url::form_urlencoded;

use crate::whatsapp::client::WhatsAppClient;
use crate::whatsapp::management::{ManagementError, call};
use crate::whatsapp::raw_json;

pub use definition::Definition;

/// What is read of a template.
const FIELDS: &str =
    "id,name,language,status,category,sub_category,components,parameter_format,quality_score,rejected_reason";

/// Characters of a template's name (whatsapp-cloud-api-2026, section 7).
const MAX_NAME: usize = 512;
/// Templates of one page: a business account has up to 6,000, and all may have one's name in theirs.
const PAGE: usize = 200;

/// A template, in WhatsApp's words.
#[derive(Debug, Deserialize)]
pub struct Template {
    /// WhatsApp's id of it.
    pub id: String,
    /// Its name, which templates of several languages share.
    pub name: String,
    /// Such as `pt_BR`.
    pub language: String,
    /// Such as `APPROVED`.
    pub status: Option<String>,
    /// Such as `MARKETING`.
    pub category: Option<String>,
    /// Of its category.
    pub sub_category: Option<String>,
    /// WhatsApp's own list.
    pub components: Option<Box<RawValue>>,
    /// `POSITIONAL` or `NAMED`.
    pub parameter_format: Option<String>,
    /// How people like it.
    quality_score: Option<QualityScore>,
    /// Why it was rejected; `NONE` of one that was not.
    pub rejected_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct QualityScore {
    score: Option<String>,
}

/// Templates, and where the next ones begin.
#[derive(Debug)]
pub struct TemplatePage {
    /// In WhatsApp's order.
    pub templates: Vec<Template>,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
}

/// Which templates.
#[derive(Debug)]
pub struct TemplateQuery<'a> {
    /// Those with this in their name.
    pub name: Option<&'a str>,
    /// Those in this status.
    pub status: Option<&'a str>,
    /// Those in this language.
    pub language: Option<&'a str>,
    /// The most of a page.
    pub limit: usize,
    /// The cursor of the page.
    pub after: Option<&'a str>,
}

/// A template that was created.
#[derive(Debug, Deserialize)]
pub struct CreatedTemplate {
    /// WhatsApp's id of it.
    pub id: String,
    /// Such as `PENDING`.
    pub status: Option<String>,
    /// The category that WhatsApp chose.
    pub category: Option<String>,
}

#[derive(Deserialize)]
struct ListResponse {
    data: Vec<Box<RawValue>>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    cursors: Option<Cursors>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Cursors {
    after: Option<String>,
}

#[derive(Deserialize)]
struct DeleteResponse {
    success: bool,
}

impl Template {
    /// Its quality, such as `GREEN`.
    pub fn quality(&self) -> Option<&str> {
        self.quality_score.as_ref()?.score.as_deref()
    }

    /// The names of the parameters in its texts, in the order of the alphabet: numbers, or names if it has named ones.
    pub fn parameters(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        if let Some(components) = &self.components {
            collect_parameters(components, &mut names);
        }
        names
    }
}

/// Collects the placeholders of the texts and URLs in components: those of the examples beside them are values.
fn collect_parameters(components: &RawValue, names: &mut BTreeSet<String>) {
    raw_json::for_each(components, &mut |component| {
        for member in ["text", "url"] {
            names.extend(raw_json::text(component, member).map(|text| placeholders(&text)).unwrap_or_default());
        }
        for member in ["buttons", "cards", "components"] {
            if let Some(inner) = raw_json::field(component, member) {
                collect_parameters(inner, names);
            }
        }
    });
}

/// The names of a text's placeholders, such as `{{1}}`, each once.
fn placeholders(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (name, _) in text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")) {
        let name = name.trim().to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether a template can have this name (whatsapp-cloud-api-2026, section 7).
pub fn is_template_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_allowed)
}

impl WhatsAppClient {
    /// The templates with exactly this name, in all languages or in one. WhatsApp finds parts of names as well, so those that
    /// are meant may be on a later page: the caller limits the time.
    pub async fn templates_named(
        &self,
        (business_id, token): (&str, &SecretString),
        name: &str,
        language: Option<&str>,
    ) -> Result<Vec<Template>, ManagementError> {
        let is_named = |it: &Template| it.name == name && language.is_none_or(|language| it.language == language);
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let name = Some(name);
            let query = TemplateQuery { name, language, limit: PAGE, after: after.as_deref(), status: None };
            let page = self.templates(business_id, token, &query).await?;
            found.extend(page.templates.into_iter().filter(is_named));
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    }

    /// A page of the templates of a business account. One that cannot be read is left out and logged.
    pub async fn templates(
        &self,
        business_id: &str,
        token: &SecretString,
        query: &TemplateQuery<'_>,
    ) -> Result<TemplatePage, ManagementError> {
        let limit = query.limit.to_string();
        let parameters = [
            ("fields", Some(FIELDS)),
            ("limit", Some(limit.as_str())),
            ("name", query.name),
            ("status", query.status),
            ("language", query.language),
            ("after", query.after),
        ];
        let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
        let request = self.client().get(self.url(&format!("{business_id}/message_templates?{query}")));
        let ListResponse { data, paging } = call(request, token).await?;
        let mut templates = Vec::with_capacity(data.len());
        for json in &data {
            match serde_json::from_str(json.get()) {
                Ok(template) => templates.push(template),
                Err(error) => tracing::warn!(%error, "template.unreadable"),
            }
        }
        let next = paging.filter(|paging| paging.next.is_some()).and_then(|paging| paging.cursors?.after);
        Ok(TemplatePage { templates, next })
    }

    /// Creates a template from WhatsApp's own body.
    pub async fn create_template(
        &self,
        business_id: &str,
        token: &SecretString,
        body: &BTreeMap<String, Box<RawValue>>,
    ) -> Result<CreatedTemplate, ManagementError> {
        let body = serde_json::to_string(body).expect("members of JSON serialize");
        let request = self.client().post(self.url(&format!("{business_id}/message_templates")));
        call(request.header(header::CONTENT_TYPE, "application/json").body(body), token).await
    }

    /// Deletes the templates with a name in all languages, or the one with the id. `false` when WhatsApp declines.
    pub async fn delete_template(
        &self,
        business_id: &str,
        token: &SecretString,
        (name, id): (&str, Option<&str>),
    ) -> Result<bool, ManagementError> {
        let given = [("name", Some(name)), ("hsm_id", id)].into_iter().filter_map(|(name, value)| Some((name, value?)));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
        let request = self.client().delete(self.url(&format!("{business_id}/message_templates?{query}")));
        let response: DeleteResponse = call(request, token).await?;
        Ok(response.success)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_those_of_all_texts_and_urls() {
        let template = r#"{"id":"1","name":"a","language":"pt_BR","quality_score":{"score":"GREEN"},"components":[
            {"type":"HEADER","format":"TEXT","text":"{{ 1 }}"},
            {"type":"BODY","text":"Hi {{1}}, {{order_id}}","example":{"body_text":[["{{no}}"]]}},
            {"type":"BUTTONS","buttons":[{"type":"URL","url":"https://a.b/{{2}}"}]},
            {"type":"CAROUSEL","cards":[{"components":[{"type":"BODY","text":"{{card}}"}]}]}]}"#;
        let template: Template = serde_json::from_str(template).expect("a template");
        assert_eq!(Vec::from_iter(template.parameters()), ["1", "2", "card", "order_id"]);
        assert_eq!(template.quality(), Some("GREEN"));
    }
}
