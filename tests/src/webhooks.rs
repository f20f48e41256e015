//! The customer's webhooks and the operator's.

use local::seed;
use secrecy::ExposeSecret;
use serde_json::json;
use shared::clock;
use shared::ids::WebhookId;
use shared::state::Transition;
use shared::webhook::Webhook;

use crate::receiver::Receiver;
use crate::test_stack::TestStack;

impl TestStack {
    /// Gives the customer another webhook, told of every event.
    ///
    /// # Panics
    /// When the table does not take it.
    pub async fn register(&self, receiver: &Receiver) {
        let id = WebhookId::generate();
        let place = Webhook::secret_place(&self.customer.account_id, &id);
        let secret = seed::sealer(&self.stack).expect("the stack's keys").seal(&receiver.secret, &place);
        let webhook = Webhook {
            instance_id: Some(self.customer.instance_id.clone()),
            events: Transition::ALL.map(|transition| transition.event().to_owned()).to_vec(),
            ..Webhook::new(self.customer.account_id.clone(), id, receiver.url.clone(), secret, clock::now())
        };
        self.accounts.put_webhook(&webhook).await.expect("the table takes a webhook");
    }

    /// A webhook that the customer makes for some events; gives its path.
    ///
    /// # Panics
    /// When the API does not make it.
    pub async fn webhook_for(&self, receiver: &Receiver, events: &[&str]) -> String {
        let body = json!({ "url": receiver.url, "instanceId": self.customer.instance_id, "events": events,
            "secret": receiver.secret.expose_secret() });
        let (status, answer) = self.call("POST /v1/webhooks", body).await;
        assert_eq!(status, 201, "{answer}");
        format!("/v1/webhooks/{}", answer["data"]["id"].as_str().expect("an id"))
    }

    /// The operator's webhook for the customer's account.
    ///
    /// # Panics
    /// When the API does not set it.
    pub async fn operator_webhook(&self) -> Receiver {
        let receiver = Receiver::start().await;
        let path = format!("PUT /v1/admin/accounts/{}/webhook", self.customer.account_id);
        let body = json!({ "url": receiver.url, "secret": receiver.secret.expose_secret() });
        assert_eq!(self.operate(&path, body).await.0, 200);
        receiver
    }
}
