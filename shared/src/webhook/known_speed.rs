//! Whether a webhook's endpoint is known to answer fast, on the webhook's own item: every process reads that anyway, so that
//! one which has not called the endpoint yet need not call it through the queue. It costs a write in some hours.

use std::time::Duration;

use crate::aws::{AccountsTable, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::webhook::record::Webhook;

/// How long an endpoint that answered fast counts as fast.
const KNOWN_FOR: Duration = Duration::from_secs(6 * 60 * 60);
/// What may be left of that when it is noted again.
const RENEWED_AT: Duration = Duration::from_secs(2 * 60 * 60);
/// How long an endpoint that was slow, or failed, is not noted as fast: one that is fast by turns must not cost two writes each
/// time.
const NOT_NOTED_FOR: Duration = Duration::from_secs(60 * 60);
const FAST_UNTIL: &str = "fastUntil";
const SLOW_UNTIL: &str = "slowUntil";

impl Webhook {
    /// Whether a process has found the endpoint fast in the last hours, and none has found it slow since.
    pub fn is_known_fast(&self, now: Timestamp) -> bool {
        self.fast_until.is_some_and(|until| now < until)
    }

    /// Whether it is to be noted that its endpoint answered fast: it is not, or will not be for long, and was not slow lately.
    pub fn is_to_be_noted(&self, now: Timestamp) -> bool {
        let is_recent = self.fast_until.is_some_and(|until| now.plus(RENEWED_AT) < until);
        !is_recent && self.slow_until.is_none_or(|until| until <= now)
    }

    /// Removes what is known: nothing is of another URL.
    pub(super) fn without_speed(update: UpdateBuilder) -> UpdateBuilder {
        update.remove(FAST_UNTIL).remove(SLOW_UNTIL)
    }
}

impl AccountsTable {
    /// Notes that the endpoint answered fast, unless that is noted, or it was slow lately. Of processes that would note it
    /// at the same time, one does.
    pub async fn note_fast(&self, webhook: &Webhook, now: Timestamp) -> Result<(), TableError> {
        if !webhook.is_to_be_noted(now) {
            return Ok(());
        }
        let update = UpdateBuilder::new().set(FAST_UNTIL, now.plus(KNOWN_FOR)).when_equal("url", &webhook.url);
        let update = update.remove(SLOW_UNTIL).when_absent_or_at_most(SLOW_UNTIL, now);
        let update = match webhook.fast_until {
            Some(seen) => update.when_equal(FAST_UNTIL, seen),
            None => update.when_absent(FAST_UNTIL),
        };
        self.update(webhook.key(), &update).await.map(drop)
    }

    /// Notes that an endpoint which is noted as fast was slow or failed.
    pub async fn note_slow(&self, webhook: &Webhook, now: Timestamp) -> Result<(), TableError> {
        if webhook.fast_until.is_none() {
            return Ok(());
        }
        let update = UpdateBuilder::new().remove(FAST_UNTIL).set(SLOW_UNTIL, now.plus(NOT_NOTED_FOR));
        self.update(webhook.key(), &update.when_present(FAST_UNTIL)).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AccountId, WebhookId};

    #[test]
    fn an_endpoint_is_noted_again_when_little_is_left_and_not_while_it_was_slow() {
        let secret = serde_json::from_str("\"\"").expect("a text");
        let (account, id, url) = (AccountId::generate(), WebhookId::generate(), "https://example.com".to_owned());
        let now = Timestamp::from_secs(1_000_000);
        let new = Webhook::new(account, id, url, secret, now);
        assert!(!new.is_known_fast(now) && new.is_to_be_noted(now));
        let fast = Webhook { fast_until: Some(now.plus(KNOWN_FOR)), ..new.clone() };
        assert!(fast.is_known_fast(now) && !fast.is_to_be_noted(now));
        let later = now.plus(KNOWN_FOR - RENEWED_AT);
        assert!(fast.is_known_fast(later) && fast.is_to_be_noted(later));
        assert!(!fast.is_known_fast(now.plus(KNOWN_FOR)));
        let slow = Webhook { slow_until: Some(now.plus(NOT_NOTED_FOR)), ..new };
        assert!(!slow.is_to_be_noted(now) && slow.is_to_be_noted(now.plus(NOT_NOTED_FOR)));
    }
}
