//! Endpoints that are known to be fast: only those are called directly from a stream, so that no shard waits for a slow one.
//! All others are called from the queue.

use std::time::Duration;

use shared::cache::Cache;
use shared::ids::{AccountId, WebhookId};
use shared::webhook::Webhook;

/// How fast an endpoint must answer.
const FAST: Duration = Duration::from_secs(1);
/// How long that is trusted, and how long an account is not trusted that a shard had to wait for.
const MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// The endpoints that this process has seen answer fast.
#[derive(Default)]
pub struct FastEndpoints {
    fast: Cache<WebhookId, ()>,
    /// Accounts with an endpoint that was known to be fast and then was slow. Endpoints that alternate between the two would
    /// stop the shards otherwise, which other accounts' events share.
    unreliable: Cache<AccountId, ()>,
}

impl FastEndpoints {
    /// Whether a webhook's endpoint may be called directly.
    pub fn contains(&self, webhook: &Webhook) -> bool {
        self.fast.get(&webhook.id).is_some() && self.unreliable.get(&webhook.account_id).is_none()
    }

    /// Records an attempt.
    pub fn record(&self, webhook: &Webhook, succeeded: bool, duration: Duration) {
        if duration >= FAST && self.fast.get(&webhook.id).is_some() {
            self.unreliable.put(webhook.account_id.clone(), (), MAX_AGE);
        }
        if succeeded && duration < FAST {
            self.fast.put(webhook.id.clone(), (), MAX_AGE);
        } else {
            self.fast.remove(&webhook.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::clock::Timestamp;
    use shared::security::EncryptedSecret;

    use super::*;

    const QUICK: Duration = Duration::from_millis(20);
    const SLOW: Duration = Duration::from_secs(5);

    fn webhook(account: &AccountId) -> Webhook {
        let secret: EncryptedSecret = serde_json::from_str("\"\"").expect("a text");
        let url = "https://example.com".to_owned();
        Webhook::new(account.clone(), WebhookId::generate(), url, secret, Timestamp::from_secs(0))
    }

    #[test]
    fn only_an_endpoint_that_answered_fast_is_called_directly() {
        let (endpoints, one) = (FastEndpoints::default(), webhook(&AccountId::generate()));
        assert!(!endpoints.contains(&one));
        endpoints.record(&one, true, QUICK);
        assert!(endpoints.contains(&one));
        endpoints.record(&one, false, QUICK);
        assert!(!endpoints.contains(&one));
        endpoints.record(&one, true, SLOW);
        assert!(!endpoints.contains(&one));
    }

    #[test]
    fn an_account_whose_fast_endpoint_hangs_makes_a_shard_wait_once() {
        let (endpoints, account) = (FastEndpoints::default(), AccountId::generate());
        let (first, second, others) = (webhook(&account), webhook(&account), webhook(&AccountId::generate()));
        for webhook in [&first, &second, &others] {
            endpoints.record(webhook, true, QUICK);
        }
        endpoints.record(&first, false, SLOW);
        endpoints.record(&first, true, QUICK);
        assert!(!endpoints.contains(&first) && !endpoints.contains(&second), "it could hang again and again");
        assert!(endpoints.contains(&others));
    }

    #[test]
    fn an_endpoint_that_was_never_fast_does_not_slow_its_account_down() {
        let (endpoints, account) = (FastEndpoints::default(), AccountId::generate());
        let (slow, fast) = (webhook(&account), webhook(&account));
        endpoints.record(&fast, true, QUICK);
        endpoints.record(&slow, false, SLOW);
        assert!(endpoints.contains(&fast));
    }
}
