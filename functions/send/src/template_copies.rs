//! What this process knows of the templates that accounts send: in its memory, from the table, or from WhatsApp.

use std::time::{Duration, Instant};

use shared::aws::AccountsTable;
use shared::cache::Cache;
use shared::clock::{self, Timestamp};
use shared::instance::{Instance, Number, TemplateCopy, TemplateKey};
use shared::whatsapp::templates::Definition;
use tokio::time::timeout;

use crate::template_source::{TemplateError, TemplateSource};
use crate::wait_budget::WaitBudget;

/// The age of a copy that may accept a message (contract).
pub const MAX_AGE: Duration = Duration::from_secs(5 * 60);
/// The age of a copy that may refuse one (contract): a template that was approved a moment ago is sent.
pub const MAX_AGE_TO_REFUSE: Duration = Duration::from_secs(10);
/// The age of what is in memory: for this long after a callback about a template, an older copy is used.
const MAX_AGE_IN_MEMORY: Duration = Duration::from_secs(30);
/// The time for asking WhatsApp: the customer is waiting, and so is the function.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);
/// How long WhatsApp is not asked about a business account after it gave no answer.
const PAUSE_AFTER_NO_ANSWER: Duration = Duration::from_secs(30);
/// The same after it refused: for want of a permission, or because it was asked too often in this hour.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_secs(5 * 60);

/// How often WhatsApp is asked in misses about a business account before it is not asked for a while: a wrong name must not use up
/// the calls that its other templates need.
const MAX_MISSES: u32 = 20;
/// That while.
const PAUSE_AFTER_MISSES: Duration = Duration::from_secs(60);

/// Copies of templates.
pub struct TemplateCopies {
    accounts: AccountsTable,
    source: TemplateSource,
    known: Cache<(TemplateKey, String), KnownTemplate>,
    paused: Cache<(String, String), ()>,
    misses: Cache<(String, String), u32>,
    waits: WaitBudget,
}

/// What a copy that is too old says of a message.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Older {
    /// There is none. Nothing is stored for names that do not exist: anybody could make many.
    None,
    /// The message fits.
    Accepts,
    /// It does not.
    Refuses,
}

/// What is known of a template in one language.
#[derive(Clone)]
pub struct KnownTemplate {
    /// None if there is none in the language.
    pub definition: Option<Definition>,
    /// The languages that there are instead.
    pub languages: Vec<String>,
    /// When WhatsApp said so; none if it has reported a change since.
    fetched_at: Option<Timestamp>,
}

impl KnownTemplate {
    fn new(copy: TemplateCopy, language: &str) -> Self {
        // WhatsApp itself writes `en-US` and `en_US`.
        let is_same = |other: &str| other.replace('-', "_") == language.replace('-', "_");
        let (fetched_at, mut definitions) = (copy.fetched_at, copy.definitions);
        let found = definitions.iter().position(|definition| is_same(&definition.language));
        let definition = found.map(|position| definitions.swap_remove(position));
        let languages = match definition {
            Some(_) => Vec::new(),
            None => definitions.into_iter().map(|definition| definition.language).collect(),
        };
        Self { definition, languages, fetched_at }
    }

    /// Whether WhatsApp said so at most this long ago, and has reported no change since.
    pub fn is_younger_than(&self, age: Duration, now: Timestamp) -> bool {
        self.fetched_at.is_some_and(|fetched_at| now < fetched_at.plus(age))
    }

    /// Whether it is refused to people who opted out of marketing.
    pub fn is_marketing(&self) -> bool {
        self.definition.as_ref().is_some_and(Definition::is_marketing)
    }
}

impl TemplateCopies {
    /// Copies in this table, of what this source says.
    pub fn new(accounts: AccountsTable, source: TemplateSource) -> Self {
        let (known, paused, misses) = Default::default();
        Self { accounts, source, known, paused, misses, waits: WaitBudget::default() }
    }

    /// What was known when it was last read: a moment ago, unless that does not accept the message. None if nothing is known,
    /// or if the table does not answer: WhatsApp can still be asked.
    pub async fn known(
        &self,
        key: &TemplateKey,
        language: &str,
        accepts: impl Fn(&KnownTemplate) -> bool,
    ) -> Option<KnownTemplate> {
        let remembered = self.known.get(&(key.clone(), language.to_owned()));
        if remembered.as_ref().is_some_and(accepts) {
            return remembered;
        }
        match self.accounts.template_copy(key).await {
            Ok(Some(copy)) => Some(self.remember(key, copy, language)),
            Ok(None) => remembered,
            Err(error) => {
                tracing::warn!(account_id = %key.account_id, %error, "template_copy.read_failed");
                remembered
            }
        }
    }

    fn remember(&self, key: &TemplateKey, copy: TemplateCopy, language: &str) -> KnownTemplate {
        let known = KnownTemplate::new(copy, language);
        self.known.put((key.clone(), language.to_owned()), known.clone(), MAX_AGE_IN_MEMORY);
        known
    }

    /// Asks WhatsApp, and stores what it says. None if it cannot be asked. Of many processes that have a copy which is only old,
    /// one asks.
    pub async fn fetch(
        &self,
        from: (&Instance, &Number),
        key: &TemplateKey,
        language: &str,
        older: Older,
    ) -> Option<KnownTemplate> {
        let business = (key.account_id.to_string(), key.business_id.clone());
        let is_hanging = from.0.unanswered.is_some() || !self.waits.allows(&key.account_id);
        let misses = self.misses.get(&business).unwrap_or_default();
        if is_hanging || self.paused.get(&business).is_some() || misses >= MAX_MISSES {
            return None;
        }
        let asked_at = clock::now();
        if older == Older::Accepts && !self.accounts.claim_template_fetch(key, asked_at).await.unwrap_or(false) {
            return None;
        }
        let started = Instant::now();
        let answer = timeout(LOOKUP_TIMEOUT, self.source.named(from, &key.name)).await;
        self.waits.spend(&key.account_id, started.elapsed());
        let definitions = match answer {
            Ok(Ok(definitions)) => definitions,
            Ok(Err(error)) => {
                let pause = if matches!(error, TemplateError::Refused(_)) {
                    PAUSE_AFTER_REFUSAL
                } else {
                    PAUSE_AFTER_NO_ANSWER
                };
                self.pause(business, pause, &error.to_string());
                return None;
            }
            Err(_) => {
                self.pause(business, PAUSE_AFTER_NO_ANSWER, "no answer in time");
                return None;
            }
        };
        if definitions.is_empty() {
            self.misses.put(business, misses + 1, PAUSE_AFTER_MISSES);
        }
        if (older != Older::None || !definitions.is_empty())
            && let Err(error) = self.accounts.put_template_copy(key, &definitions, asked_at).await
        {
            tracing::warn!(account_id = %key.account_id, %error, "template_copy.write_failed");
        }
        Some(self.remember(key, TemplateCopy { definitions, fetched_at: Some(asked_at) }, language))
    }

    fn pause(&self, business: (String, String), time: Duration, why: &str) {
        tracing::warn!(account_id = business.0, why, "template_fetch.failed");
        self.paused.put(business, (), time);
    }
}
