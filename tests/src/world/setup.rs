//! Builds a world: its accounts with their keys, connected instances and webhooks.

use secrecy::SecretString;

use super::aliases::People;
use super::plan::Plan;
use crate::sweep::fixture::Fixture;
use crate::sweep::tenant::{Tenant, TenantOptions};
use crate::webhook_receiver::WebhookReceiver;

/// Whom forged texts are from.
pub const FORGED_WRITER: &str = "5511955559999";

/// The events of no message that webhooks are subscribed to.
const OTHER_EVENTS: [&str; 5] =
    ["template.updated", "instance.updated", "contact.updated", "instance.disconnected", "batch.completed"];

/// WhatsApp's id of an account's business account.
pub fn business(account: usize) -> String {
    format!("{}", 90_000_000 + account)
}

/// WhatsApp's id of an instance's number.
pub fn number(account: usize, instance: usize) -> String {
    format!("{}", 30_000_000 + account * 1_000 + instance)
}

/// The secret of an account's own Meta app.
pub fn app_secret(account: usize) -> SecretString {
    format!("PRIVATE-app-secret-{account}").into()
}

/// Starts a stack with the world's customers.
pub async fn build(program: &str, plan: &Plan) -> Fixture {
    let mut fixture = Fixture::without_tenants(program).await;
    for (account, shape) in plan.accounts.iter().enumerate() {
        let instances = (0..shape.instances).map(|it| (format!("inst_a{account}i{it}"), number(account, it)));
        let (credits, per_minute, keys) = (shape.credits, shape.per_minute, shape.keys);
        let app_secret = shape.own_app.then(|| app_secret(account));
        let (instances, business) = (instances.collect(), Some(business(account)));
        let options = TenantOptions { credits, per_minute, instances, keys, app_secret, business };
        let mut tenant = Tenant::open(&fixture.stack, options).await;
        for instance in &shape.webhooks {
            tenant.add_webhook(&fixture.stack, *instance, WebhookReceiver::start().await, &OTHER_EVENTS).await;
        }
        fixture.tenants.push(tenant);
    }
    fixture.private.extend(People::of(plan).all().cloned().chain([FORGED_WRITER.to_owned()]));
    fixture
}
