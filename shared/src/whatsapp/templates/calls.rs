//! The calls about a business account's message templates (whatsapp-cloud-api-2026, section 7).

use std::collections::{BTreeMap, BTreeSet};

use reqwest::header;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::value::RawValue;
use url::form_urlencoded;

use crate::whatsapp::client::WhatsAppClient;
use crate::whatsapp::management::{ManagementError, call};
use crate::whatsapp::raw_json;

/// What is read of a template.
const FIELDS: &str =
    "id,name,language,status,category,sub_category,components,parameter_format,quality_score,rejected_reason";

/// Characters of a template's name (whatsapp-cloud-api-2026, section 7).
const MAX_NAME: usize = 512;
/// Templates of one page: a business account has up to 6,000, and all may have one's name in theirs.
const PAGE: usize = 200;

/// A template, in WhatsApp's words. What has another form than it should is as if it were absent.
#[derive(Debug)]
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
    /// How people like it, such as `GREEN`.
    pub quality: Option<String>,
    /// Why it was rejected; `NONE` of one that was not.
    pub rejected_reason: Option<String>,
}

/// Templates, and where the next ones begin.
#[derive(Debug)]
pub struct TemplatePage {
    /// In WhatsApp's order.
    pub templates: Vec<Template>,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
    /// Whether one was left out, because its name or language could not be read.
    pub is_partial: bool,
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
    /// Reads a template; none if it has no name or no language.
    pub fn read(json: &RawValue) -> Option<Self> {
        let text = |name| raw_json::text(json, name);
        Some(Self {
            id: raw_json::id(json, "id").unwrap_or_default(),
            name: text("name")?,
            language: text("language")?,
            status: text("status"),
            category: text("category"),
            sub_category: text("sub_category"),
            components: raw_json::field(json, "components").map(ToOwned::to_owned),
            parameter_format: text("parameter_format"),
            quality: raw_json::field(json, "quality_score").and_then(|quality| raw_json::text(quality, "score")),
            rejected_reason: text("rejected_reason"),
        })
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
pub(super) fn placeholders(text: &str) -> Vec<String> {
    let (mut names, mut seen) = (Vec::new(), BTreeSet::new());
    for (name, _) in text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")) {
        let name = name.trim();
        if seen.insert(name) {
            names.push(name.to_owned());
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
    /// The templates with exactly this name, in all languages or in one, on a page without a next one: of all pages. WhatsApp finds
    /// parts of names as well, so those that are meant may be on a later page: the caller limits the time.
    pub async fn templates_named(
        &self,
        (business_id, token): (&str, &SecretString),
        name: &str,
        language: Option<&str>,
    ) -> Result<TemplatePage, ManagementError> {
        let is_named = |it: &Template| it.name == name && language.is_none_or(|language| it.language == language);
        let mut found = TemplatePage { templates: Vec::new(), next: None, is_partial: false };
        loop {
            let (name, after) = (Some(name), found.next.as_deref());
            let query = TemplateQuery { name, language, limit: PAGE, after, status: None };
            let page = self.templates(business_id, token, &query).await?;
            found.templates.extend(page.templates.into_iter().filter(is_named));
            (found.next, found.is_partial) = (page.next, found.is_partial || page.is_partial);
            if found.next.is_none() {
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
        let templates: Vec<Template> = data.iter().filter_map(|json| Template::read(json)).collect();
        let is_partial = templates.len() < data.len();
        if is_partial {
            tracing::warn!("template.unreadable");
        }
        let next = paging.filter(|paging| paging.next.is_some()).and_then(|paging| paging.cursors?.after);
        Ok(TemplatePage { templates, next, is_partial })
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
        let template: &RawValue = serde_json::from_str(template).expect("JSON");
        let template = Template::read(template).expect("a template");
        assert_eq!(Vec::from_iter(template.parameters()), ["1", "2", "card", "order_id"]);
        assert_eq!(template.quality.as_deref(), Some("GREEN"));
    }

    #[test]
    fn what_has_another_form_than_it_should_is_as_if_it_were_absent() {
        let read = |json: &str| Template::read(serde_json::from_str::<&RawValue>(json).expect("JSON"));
        let odd = r#"{"id":7,"name":"a","language":"en","status":5,"status":"APPROVED","category":7,"sub_category":{},
            "quality_score":5,"parameter_format":[],"rejected_reason":5,"components":{}}"#;
        let odd = read(odd).expect("a template");
        assert_eq!((odd.id.as_str(), odd.status.as_deref(), odd.category), ("7", Some("APPROVED"), None));
        for unreadable in ["null", "{}", r#"{"name":"a","language":null}"#, r#"{"name":5,"language":"en"}"#] {
            assert!(read(unreadable).is_none(), "{unreadable}");
        }
    }
}
