//! The customer's webhooks and the operator's.

use local::dev_stack::seed;
use secrecy::ExposeSecret;
use serde_json::json;
use shared::clock::{self, Timestamp};
use shared::ids::{AccountId, InstanceId, WebhookId};
use shared::message::MessageEvent;
use shared::webhook::Webhook;

use crate::test_stack::TestStack;
use crate::wait::eventually;
use crate::webhook_receiver::WebhookReceiver;

impl TestStack {
    /// Adds a webhook of the customer that is subscribed to every event.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn register(&self, receiver: &WebhookReceiver) -> WebhookId {
        self.register_for(&self.customer.account_id, &self.customer.instance_id, receiver).await
    }

    /// Adds a webhook of any instance that is subscribed to every event of a message.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn register_for(
        &self,
        account: &AccountId,
        instance: &InstanceId,
        receiver: &WebhookReceiver,
    ) -> WebhookId {
        self.register_for_more(account, instance, receiver, &[]).await
    }

    /// The same, also subscribed to others.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn register_for_more(
        &self,
        account: &AccountId,
        instance: &InstanceId,
        receiver: &WebhookReceiver,
        others: &[&str],
    ) -> WebhookId {
        let id = WebhookId::generate();
        let place = Webhook::secret_aad(account, &id);
        let secret = seed::secret_cipher(&self.stack).expect("the stack's keys").encrypt(&receiver.secret, &place);
        let webhook = Webhook {
            instance_id: Some(instance.clone()),
            events: MessageEvent::ALL.map(MessageEvent::name).iter().chain(others).map(ToString::to_string).collect(),
            ..Webhook::new(account.clone(), id.clone(), receiver.url.clone(), secret, clock::now())
        };
        self.accounts.put_webhook(&webhook).await.expect("the table takes a webhook");
        id
    }

    /// Creates a webhook for some events through the API, and returns its path.
    ///
    /// # Panics
    /// When the API does not make it.
    pub async fn webhook_for(&self, receiver: &WebhookReceiver, events: &[&str]) -> String {
        let body = json!({ "url": receiver.url, "instanceId": self.customer.instance_id, "events": events,
            "secret": receiver.secret.expose_secret() });
        let (status, answer) = self.call("POST /v1/webhooks", body).await;
        assert_eq!(status, 201, "{answer}");
        format!("/v1/webhooks/{}", answer["data"]["id"].as_str().expect("an id"))
    }

    /// How many deliveries wait in delivery logs for their next attempt: of each listed account, at most a page.
    pub async fn waiting_deliveries(&self) -> usize {
        let mut count = 0;
        for account in self.accounts.waiting_accounts().await.unwrap_or_default() {
            let all = self.accounts.due_deliveries(account.id.as_str(), Timestamp::from_millis(i64::MAX), 100).await;
            count += all.map(|(rows, _)| rows.len()).unwrap_or_default();
        }
        count
    }

    /// Creates the operator webhook of the customer's account.
    ///
    /// # Panics
    /// When the API does not set it.
    pub async fn operator_webhook(&self) -> WebhookReceiver {
        let receiver = WebhookReceiver::start().await;
        let path = format!("PUT /v1/admin/accounts/{}/webhook", self.customer.account_id);
        let body = json!({ "url": receiver.url, "secret": receiver.secret.expose_secret() });
        assert_eq!(self.operate(&path, body).await.0, 200);
        receiver
    }

    /// Waits until `notify` has processed all changes of messages so far, also those that wait for more of their kind.
    pub async fn wait_until_published(&self) {
        let last = self.changes().await.pop().and_then(|change| change.sequence_number).expect("a change");
        for reader in ["notifyChanges", "notifyStatuses"] {
            let passed = || async { self.stack.checkpoints.get(reader).filter(|reached| *reached >= last) };
            eventually(&format!("{reader} to reach the end of the stream"), passed).await;
        }
    }
}
