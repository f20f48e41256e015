//! Endpoints that are known to be fast: only those are called directly from a stream, so that no shard waits for a slow one.
//! All others are called from the queue. What this process has not seen, the webhook's item may say (`known_speed`).

use std::time::Duration;

use shared::cache::Cache;
use shared::clock::Timestamp;
use shared::ids::{AccountId, WebhookId};
use shared::webhook::Webhook;

/// How fast an endpoint must answer.
const FAST: Duration = Duration::from_secs(1);
/// How long that is trusted, and how long an account is not trusted that a shard had to wait for.
const MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// How soon a process tries again to note that an endpoint is fast: the deliveries of a batch end together, and a table that does not answer
/// must not keep the shards waiting for more.
const NOTED_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// The endpoints that this process has seen answer fast.
#[derive(Default)]
pub struct FastEndpoints {
    fast: Cache<WebhookId, ()>,
    /// Accounts with an endpoint that was known to be fast and then was slow. Endpoints that alternate between the two would
    /// stop the shards otherwise, which other accounts' events share.
    unreliable: Cache<AccountId, ()>,
    /// The webhooks of which this process has tried to note that they are fast.
    noted: Cache<WebhookId, ()>,
}

impl FastEndpoints {
    /// Whether a webhook's endpoint may be called directly.
    pub fn contains(&self, webhook: &Webhook, now: Timestamp) -> bool {
        self.is_fast(webhook, now) && self.unreliable.get(&webhook.account_id).is_none()
    }

    fn is_fast(&self, webhook: &Webhook, now: Timestamp) -> bool {
        self.fast.get(&webhook.id).is_some() || webhook.is_known_fast(now)
    }

    /// Whether it is to be noted that a webhook's endpoint is fast: once a minute and process, whatever becomes of that.
    pub fn is_to_be_noted(&self, webhook: &Webhook, now: Timestamp) -> bool {
        if !webhook.is_to_be_noted(now) || self.noted.get(&webhook.id).is_some() {
            return false;
        }
        self.noted.put(webhook.id.clone(), (), NOTED_AGAIN_AFTER);
        true
    }

    /// Records an attempt, and says whether it was fast.
    pub fn record(&self, webhook: &Webhook, succeeded: bool, duration: Duration, now: Timestamp) -> bool {
        if duration >= FAST && self.is_fast(webhook, now) {
            self.unreliable.put(webhook.account_id.clone(), (), MAX_AGE);
        }
        let is_fast = succeeded && duration < FAST;
        if is_fast {
            self.fast.put(webhook.id.clone(), (), MAX_AGE);
        } else {
            self.fast.remove(&webhook.id);
        }
        is_fast
    }
}

#[cfg(test)]
mod tests {
    use shared::security::EncryptedSecret;

    use super::*;

    const QUICK: Duration = Duration::from_millis(20);
    const SLOW: Duration = Duration::from_secs(5);

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn webhook(account: &AccountId) -> Webhook {
        let secret: EncryptedSecret = serde_json::from_str("\"\"").expect("a text");
        let url = "https://example.com".to_owned();
        Webhook::new(account.clone(), WebhookId::generate(), url, secret, Timestamp::from_secs(0))
    }

    #[test]
    fn only_an_endpoint_that_answered_fast_is_called_directly() {
        let (endpoints, one) = (FastEndpoints::default(), webhook(&AccountId::generate()));
        assert!(!endpoints.contains(&one, NOW));
        endpoints.record(&one, true, QUICK, NOW);
        assert!(endpoints.contains(&one, NOW));
        endpoints.record(&one, false, QUICK, NOW);
        assert!(!endpoints.contains(&one, NOW));
        endpoints.record(&one, true, SLOW, NOW);
        assert!(!endpoints.contains(&one, NOW));
    }

    #[test]
    fn an_account_whose_fast_endpoint_hangs_makes_a_shard_wait_once() {
        let (endpoints, account) = (FastEndpoints::default(), AccountId::generate());
        let (first, second, others) = (webhook(&account), webhook(&account), webhook(&AccountId::generate()));
        for webhook in [&first, &second, &others] {
            endpoints.record(webhook, true, QUICK, NOW);
        }
        endpoints.record(&first, false, SLOW, NOW);
        endpoints.record(&first, true, QUICK, NOW);
        assert!(!endpoints.contains(&first, NOW) && !endpoints.contains(&second, NOW), "it could hang again and again");
        assert!(endpoints.contains(&others, NOW));
    }

    #[test]
    fn an_endpoint_that_was_never_fast_does_not_slow_its_account_down() {
        let (endpoints, account) = (FastEndpoints::default(), AccountId::generate());
        let (slow, fast) = (webhook(&account), webhook(&account));
        endpoints.record(&fast, true, QUICK, NOW);
        endpoints.record(&slow, false, SLOW, NOW);
        assert!(endpoints.contains(&fast, NOW));
    }

    #[test]
    fn deliveries_that_end_together_note_their_endpoint_once() {
        let (endpoints, account) = (FastEndpoints::default(), AccountId::generate());
        let (one, other) = (webhook(&account), webhook(&account));
        let noted = [&one, &one, &other, &one].map(|webhook| endpoints.is_to_be_noted(webhook, NOW));
        assert_eq!(noted, [true, false, true, false]);
    }

    #[test]
    fn an_endpoint_that_its_item_says_is_fast_is_called_directly_and_makes_a_shard_wait_once() {
        let (endpoints, account) = (FastEndpoints::default(), AccountId::generate());
        let known = Webhook { fast_until: Some(NOW.plus(MAX_AGE)), ..webhook(&account) };
        assert!(endpoints.contains(&known, NOW) && !endpoints.contains(&known, NOW.plus(MAX_AGE)));
        endpoints.record(&known, false, SLOW, NOW);
        assert!(!endpoints.contains(&known, NOW), "whatever an item that is not written yet says");
    }
}
