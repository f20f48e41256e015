//! The circuit breaker of a webhook's endpoint, on the webhook's own item: every process reads that anyway, so that all of
//! them stop calling a failing endpoint at the cost of one write per failure and none per success.

use std::time::Duration;

use crate::aws::{AccountsTable, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::webhook::record::Webhook;

/// Consecutive failures that open the circuit.
pub const FAILURES_TO_OPEN: u32 = 5;
/// How long the circuit is open at first, and at most.
const OPEN_TIMES: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(15 * 60));
/// An endpoint that only failed for this long is disabled.
pub const DISABLED_AFTER: Duration = Duration::from_secs(5 * 24 * 60 * 60);

/// Why a webhook is disabled.
#[derive(Clone, Copy, Debug)]
pub enum DisabledReason {
    /// Its endpoint has answered 410.
    Gone,
    /// See [`DISABLED_AFTER`].
    FailedTooLong,
}

impl DisabledReason {
    /// What customers read.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Gone => "The endpoint answered 410 Gone.",
            Self::FailedTooLong => "Every attempt has failed for five days.",
        }
    }
}

impl Webhook {
    /// Until when the circuit is open, if it is.
    pub fn circuit_open_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.open_until.filter(|until| now < *until)
    }

    /// Whether it only failed for five days.
    pub fn has_failed_too_long(&self, now: Timestamp) -> bool {
        self.failing_since.is_some_and(|since| since.plus(DISABLED_AFTER) <= now)
    }

    /// Closes the circuit and removes all failures.
    pub(super) fn reset(update: UpdateBuilder) -> UpdateBuilder {
        Self::without_failures(update).remove("disabledReason")
    }

    /// Closes the circuit.
    pub(super) fn without_failures(update: UpdateBuilder) -> UpdateBuilder {
        ["failures", "failingSince", "lastError", "openUntil"].into_iter().fold(update, UpdateBuilder::remove)
    }
}

impl AccountsTable {
    /// Counts a failure, which opens the circuit after several in a row, longer each time. Failures of concurrent attempts
    /// count as one: a short outage during a burst must not open it for long.
    pub async fn record_failure(&self, webhook: &Webhook, error: &str, now: Timestamp) -> Result<(), TableError> {
        let update = UpdateBuilder::new().add("failures", 1).set_once("failingSince", now).set("lastError", error);
        let update = update.when_equal("url", &webhook.url);
        let mut update = match webhook.failures {
            0 => update.when_absent_or_equal("failures", 0),
            seen => update.when_equal("failures", seen),
        };
        if let Some(open_time) = open_time(webhook.failures + 1) {
            update = update.set("openUntil", now.plus(open_time));
        }
        self.update(webhook.key(), &update).await.map(drop)
    }

    /// Closes the circuit after a successful attempt or test, if there were failures.
    pub async fn record_success(&self, webhook: &Webhook) -> Result<(), TableError> {
        if webhook.failures == 0 {
            return Ok(());
        }
        let update = Webhook::without_failures(UpdateBuilder::new());
        self.update(webhook.key(), &update.when_present("failures")).await.map(drop)
    }

    /// Disables a webhook for what an attempt has found out. `false` when it is disabled already, or was repaired since that attempt
    /// read it: it has another URL, or has succeeded if it is disabled for its failures.
    pub async fn disable_webhook(&self, webhook: &Webhook, reason: DisabledReason) -> Result<bool, TableError> {
        let update = UpdateBuilder::new().set("active", false).set("disabledReason", reason.text());
        let update = update.when_equal("active", true).when_equal("url", &webhook.url);
        let update = match (reason, webhook.failing_since) {
            (DisabledReason::FailedTooLong, Some(since)) => update.when_equal("failingSince", since),
            _ => update,
        };
        Ok(self.update(webhook.key(), &update).await?.is_applied())
    }
}

/// How long the circuit is open after so many consecutive failures.
fn open_time(failures: u32) -> Option<Duration> {
    let more = failures.checked_sub(FAILURES_TO_OPEN)?;
    Some(OPEN_TIMES.0.saturating_mul(2u32.saturating_pow(more)).min(OPEN_TIMES.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::test_database::tables;
    use crate::ids::{AccountId, InstanceId, WebhookId};

    #[test]
    fn the_circuit_opens_at_the_fifth_failure_for_at_most_15_minutes() {
        let pauses: Vec<_> =
            [1, 4, 5, 6, 7, 11, 500].into_iter().map(|failures| open_time(failures).map(|it| it.as_secs())).collect();
        assert_eq!(pauses, [None, None, Some(15), Some(30), Some(60), Some(900), Some(900)]);
    }

    /// A webhook in a table, as an attempt reads it.
    async fn stored(accounts: &AccountsTable, now: Timestamp) -> Webhook {
        let secret = serde_json::from_str("\"\"").expect("a text");
        let url = "https://example.com/old".to_owned();
        let webhook = Webhook {
            instance_id: Some(InstanceId::generate()),
            ..Webhook::new(AccountId::generate(), WebhookId::generate(), url, secret, now)
        };
        accounts.put_webhook(&webhook).await.expect("an answer");
        webhook
    }

    #[tokio::test]
    async fn an_attempt_at_an_earlier_url_neither_disables_a_webhook_nor_counts_as_its_failure() {
        let (accounts, _) = tables(|_| None).await;
        let now = Timestamp::from_secs(1_800_000_000);
        let old = stored(&accounts, now).await;
        let repaired = Webhook { url: "https://example.com/new".to_owned(), ..old.clone() };
        accounts.put_webhook(&repaired).await.expect("an answer");
        assert!(!accounts.disable_webhook(&old, DisabledReason::Gone).await.expect("an answer"));
        accounts.record_failure(&old, "a test", now).await.expect("an answer");
        let shown = accounts.webhook(&old.account_id, &old.id).await.expect("an answer").expect("a webhook");
        assert!(shown.active && shown.failures == 0, "{shown:?}");
        assert!(accounts.disable_webhook(&repaired, DisabledReason::Gone).await.expect("an answer"));
    }

    #[tokio::test]
    async fn an_attempt_that_began_before_a_success_does_not_disable_for_five_days_of_failures() {
        let (accounts, _) = tables(|_| None).await;
        let now = Timestamp::from_secs(1_800_000_000);
        let webhook = stored(&accounts, now).await;
        accounts.record_failure(&webhook, "a test", now.minus(DISABLED_AFTER)).await.expect("an answer");
        let read =
            async || accounts.webhook(&webhook.account_id, &webhook.id).await.expect("an answer").expect("a webhook");
        let before = read().await;
        assert!(before.has_failed_too_long(now));
        accounts.record_success(&before).await.expect("an answer");
        assert!(!accounts.disable_webhook(&before, DisabledReason::FailedTooLong).await.expect("an answer"));
        accounts.record_failure(&read().await, "a test", now.minus(DISABLED_AFTER)).await.expect("an answer");
        assert!(accounts.disable_webhook(&read().await, DisabledReason::FailedTooLong).await.expect("an answer"));
    }
}
