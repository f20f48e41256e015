//! The check of a message's template before the charge: what WhatsApp would certainly refuse is refused at once. Where nothing
//! certain is known, WhatsApp decides (docs/adr/0049).

use serde_json::value::RawValue;
use shared::clock::Timestamp;
use shared::http::{ApiError, ErrorCode};
use shared::instance::{Instance, Number, TemplateKey};
use shared::json_text::JsonText;
use shared::ledger::LimitedKey;
use shared::message::Content;
use shared::whatsapp::templates::{check, is_template_name};

use crate::sender::Sender;
use crate::template_copies::{KnownTemplate, MAX_AGE, MAX_AGE_TO_REFUSE, Older};

/// A message's template.
struct SentTemplate<'a> {
    name: &'a str,
    language: &'a str,
    components: Option<&'a RawValue>,
}

impl Sender {
    /// Refuses a message whose template WhatsApp would certainly refuse. Returns whether the template is for marketing; false
    /// for other messages, and where it is not known.
    pub async fn check_template(
        &self,
        key: &LimitedKey,
        (instance, number): (&Instance, &Number),
        content: &Content,
        now: Timestamp,
    ) -> Result<bool, ApiError> {
        let Content::Template { name, language, components } = content else { return Ok(false) };
        let sent = SentTemplate { name, language, components: components.as_ref().map(JsonText::json) };
        if !is_template_name(name) {
            return Err(sent.unknown("template.name", "exists"));
        }
        let copies = TemplateKey {
            account_id: instance.account_id.clone(),
            business_id: number.business_id.clone(),
            name: name.clone(),
        };
        let accepts = |known: &KnownTemplate| sent.check(known).is_ok();
        let known = self.templates.known(&copies, language, accepts).await;
        let accepts = known.as_ref().is_some_and(accepts);
        let max_age = if accepts { MAX_AGE } else { MAX_AGE_TO_REFUSE };
        if let Some(known) = known.as_ref().filter(|known| known.is_younger_than(max_age, now)) {
            return sent.check(known).map(|()| known.is_marketing());
        }
        self.charger.refuse_before_call(key, now).await?;
        let older = match (&known, accepts) {
            (None, _) => Older::None,
            (Some(_), true) => Older::Accepts,
            (Some(_), false) => Older::Refuses,
        };
        match self.templates.fetch((instance, number), &copies, language, older).await {
            Some(fetched) => sent.check(&fetched).map(|()| fetched.is_marketing()),
            None => Ok(known.is_some_and(|known| known.is_marketing())),
        }
    }
}

impl SentTemplate<'_> {
    /// Refuses what WhatsApp refuses, if what is known is true.
    fn check(&self, known: &KnownTemplate) -> Result<(), ApiError> {
        let Some(definition) = &known.definition else {
            let languages = check::listed(&known.languages);
            return Err(match languages.as_str() {
                "" => self.unknown("template.name", "exists"),
                _ => self.unknown("template.language", &format!("is in this language; it has {languages}")),
            });
        };
        if let Some(status) = definition.unusable_status() {
            return Err(self.unknown("template.name", &format!("can be sent: it is {status}")));
        }
        check::check(definition, self.components)
    }

    /// `template_not_found`. `what` completes the sentence "no such template …".
    fn unknown(&self, field: &str, what: &str) -> ApiError {
        let message = format!("`{field}`: no template {} ({}) {what}.", self.name, self.language);
        ApiError::field(ErrorCode::UnknownTemplate, field, message)
    }
}
