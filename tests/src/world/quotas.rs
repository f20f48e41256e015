//! Bounds of what a customer may have.

use futures::future::join_all;
use serde_json::json;

use super::clients::Clients;
use crate::sweep::checker::Violation;

/// The most webhooks of an instance (template.yaml).
const OF_AN_INSTANCE: usize = 20;

impl Clients<'_> {
    /// Creates many webhooks of an instance side by side.
    pub async fn crowd(&self, account: usize, instance: usize, count: usize) {
        let tenant = &self.fixture.tenants[account];
        let body =
            json!({ "url": self.sink.url, "instanceId": tenant.instances[instance], "events": ["message.failed"] });
        join_all((0..count).map(|_| self.manage(&tenant.keys[0], "POST /v1/webhooks", &body))).await;
    }

    /// Checks that no instance has more webhooks than it may have.
    pub async fn check_quotas(&self) {
        for tenant in &self.fixture.tenants {
            let webhooks = self.fixture.stack.accounts.webhooks(&tenant.account).await.expect("the table answers");
            for instance in &tenant.instances {
                let count = webhooks.iter().filter(|webhook| webhook.instance_id.as_ref() == Some(instance)).count();
                if count > OF_AN_INSTANCE {
                    let seen = format!("{instance} has {count} webhooks");
                    self.known().noticed.push(Violation { promise: "exact limits", seen });
                }
            }
        }
    }
}
