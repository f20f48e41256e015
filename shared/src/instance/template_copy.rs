//! Copies of the message templates that an account sends (the items `template#…`): one for each name, in all languages. `send`
//! fetches them and checks messages against them; a callback about the template ends a copy's use (docs/adr/0049).
//!
//! WhatsApp decides what is sent. A copy that is lost, or too large to keep, is fetched again.

use std::time::Duration;

use serde::Deserialize;

use crate::aws::{AccountsTable, FORGET_AT, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::AccountId;
use crate::json_text::JsonText;
use crate::whatsapp::templates::Definition;

/// How long a copy that nobody uses is kept.
const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// How long one process has to fetch a copy before another one tries.
const FETCH_TIME: Duration = Duration::from_secs(3);
/// The largest copy that is stored, in bytes: a read should cost little.
const MAX_BYTES: usize = 64 * 1024;

/// The templates of a business account with one name, as one account sees them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct TemplateKey {
    /// The account whose token fetches them: another's may see others.
    pub account_id: AccountId,
    /// WhatsApp's id of the business account.
    pub business_id: String,
    /// Their name, which [`is_template_name`](crate::whatsapp::templates::is_template_name).
    pub name: String,
}

/// What WhatsApp said of the templates with one name.
#[derive(Clone, Debug)]
pub struct TemplateCopy {
    /// One for each language; none if there is no such template.
    pub definitions: Vec<Definition>,
    /// When WhatsApp was asked. None if it has reported a change since.
    pub fetched_at: Option<Timestamp>,
}

/// A copy as it is stored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredCopy {
    definitions: JsonText,
    fetched_at: Timestamp,
    changed_at: Option<Timestamp>,
}

impl TemplateKey {
    fn item_key(&self) -> ItemKey {
        ItemKey::template(&self.account_id, &self.business_id, &self.name)
    }
}

impl From<StoredCopy> for TemplateCopy {
    fn from(stored: StoredCopy) -> Self {
        let is_current = stored.changed_at.is_none_or(|changed_at| changed_at < stored.fetched_at);
        // Another version may have stored them in another form: these are fetched again.
        let definitions = serde_json::from_str::<Vec<Definition>>(stored.definitions.as_str());
        let fetched_at = Some(stored.fetched_at).filter(|_| is_current && definitions.is_ok());
        Self { definitions: definitions.unwrap_or_default(), fetched_at }
    }
}

impl AccountsTable {
    /// The copy of these templates, eventually consistent.
    pub async fn template_copy(&self, key: &TemplateKey) -> Result<Option<TemplateCopy>, TableError> {
        let stored: Option<StoredCopy> = self.get_eventually(key.item_key()).await?;
        Ok(stored.map(TemplateCopy::from))
    }

    /// Whether this process is to fetch a copy that is there again: of many that find it old at the same time, one.
    pub async fn claim_template_fetch(&self, key: &TemplateKey, now: Timestamp) -> Result<bool, TableError> {
        let claim = UpdateBuilder::new().set("askedAt", now).when_below("askedAt", now.minus(FETCH_TIME));
        Ok(self.update(key.item_key(), &claim).await?.is_applied())
    }

    /// Stores what WhatsApp said when it was asked at `asked_at`, unless a later answer is there.
    pub async fn put_template_copy(
        &self,
        key: &TemplateKey,
        definitions: &[Definition],
        asked_at: Timestamp,
    ) -> Result<(), TableError> {
        let text = serde_json::to_string(definitions).expect("our own types serialize");
        if text.len() > MAX_BYTES {
            tracing::warn!(account_id = %key.account_id, bytes = text.len(), "template_copy.too_large");
            return Ok(());
        }
        let copy = UpdateBuilder::new()
            .set("definitions", text)
            .set("fetchedAt", asked_at)
            .set("askedAt", asked_at)
            .set(FORGET_AT, asked_at.plus(KEPT_FOR).secs())
            .when_absent_or_at_most("fetchedAt", asked_at);
        self.update(key.item_key(), &copy).await.map(drop)
    }

    /// Notes that a template has changed at WhatsApp: a copy from before is not used again.
    pub async fn note_template_change(&self, key: &TemplateKey, now: Timestamp) -> Result<(), TableError> {
        let change = UpdateBuilder::new().set("changedAt", now).when_present("pk");
        self.update(key.item_key(), &change).await.map(drop)
    }
}
