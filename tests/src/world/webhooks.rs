//! What customers do with their webhooks.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use shared::clock::Timestamp;

use super::clients::Clients;
use super::operations::Operation;
use super::plan::Step;

impl Clients<'_> {
    /// Disables or activates a webhook. Whether it is active then is known only to the evidence.
    pub async fn switch(&self, account: usize, webhook: usize, active: bool) {
        let status = if active { "active" } else { "disabled" };
        let answer = self.webhook("PUT", account, webhook, "", &json!({ "status": status })).await;
        if active && answer == Some(200) {
            self.known().activated.push((account, webhook));
        }
    }

    /// Gives a webhook another secret.
    pub async fn rotate(&self, account: usize, webhook: usize) {
        let secret = SecretString::from(format!("whs_PRIVATE{}", hex::encode(shared::ids::random::<8>())));
        let body = json!({ "secret": secret.expose_secret() });
        self.known().secrets.push(((account, webhook), secret));
        self.webhook("POST", account, webhook, "/rotate", &body).await;
    }

    /// Replays the events of a message.
    pub async fn replay(&self, account: usize, webhook: usize, message: u32) {
        let Some((_, id)) = self.known().accepted(message) else { return };
        self.webhook("POST", account, webhook, "/replay", &json!({ "messageId": id })).await;
    }

    /// Replays the events of the last minutes.
    pub async fn replay_period(&self, account: usize, webhook: usize, minutes: u64) {
        let since = self.fixture.stack.now().millis() - i64::try_from(minutes * 60_000).unwrap_or_default();
        let body = json!({ "since": Timestamp::from_millis(since).to_string() });
        self.webhook("POST", account, webhook, "/replay", &body).await;
    }

    async fn webhook(&self, method: &str, account: usize, webhook: usize, action: &str, body: &Value) -> Option<u16> {
        let tenant = &self.fixture.tenants[account];
        let path = format!("{method} /v1/webhooks/{}{action}", tenant.webhooks[webhook].id);
        self.manage(&tenant.keys[0], &path, body).await.map(|(status, _)| status)
    }

    /// Notes which webhooks the operations of a group may disable, and since which write. Those of an instance are deleted with it, and
    /// so are their events that wait, if any are.
    pub fn note_disabled(&self, group: &[Step], writes: usize, is_waiting: bool) {
        let mut known = self.known();
        known.activated.clear();
        for step in group {
            match &step.operation {
                Operation::Switch { account, webhook, active: false } => {
                    known.disabled_since.entry((*account, *webhook)).or_insert(writes);
                }
                Operation::Delete { account, instance } => {
                    let tenant = &self.fixture.tenants[*account];
                    let own = tenant.webhooks.iter().enumerate();
                    let own = own.filter(|(_, webhook)| webhook.instance == tenant.instances[*instance]);
                    for (place, _) in own {
                        let place = (*account, place);
                        let since = if is_waiting { 0 } else { writes }; // when what waits was written is not known
                        let earlier = known.disabled_since.entry(place).or_insert(since);
                        *earlier = since.min(*earlier);
                    }
                }
                _ => {}
            }
        }
    }

    /// Notes which webhooks the operations of a group have certainly activated, by which write.
    pub fn note_activated(&self, group: &[Step], writes: usize) {
        let mut known = self.known();
        for place in std::mem::take(&mut known.activated) {
            let (account, webhook) = place;
            let own = &self.fixture.tenants[account];
            let disables = |operation: &Operation| match operation {
                Operation::Switch { active: false, .. } => {
                    *operation == Operation::Switch { account, webhook, active: false }
                }
                Operation::Delete { account: of, instance } => {
                    *of == account && own.instances[*instance] == own.webhooks[webhook].instance
                }
                _ => false,
            };
            if group.iter().any(|step| disables(&step.operation)) {
                continue; // in which order is not known
            }
            if let Some(since) = known.disabled_since.remove(&place) {
                known.disabled.push((place, since, writes));
            }
        }
    }
}
