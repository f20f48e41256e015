//! Builds a world: its accounts with their keys, connected instances and webhooks.

use secrecy::SecretString;

use super::operations::Operation;
use super::plan::Plan;
use crate::sweep::fixture::Fixture;
use crate::sweep::tenant::{Tenant, TenantOptions};
use crate::webhook_receiver::WebhookReceiver;

/// Whom forged texts are from.
pub const FORGED_WRITER: &str = "5511955559999";

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
        let options = TenantOptions { credits, per_minute, instances: instances.collect(), keys, app_secret };
        let mut tenant = Tenant::open(&fixture.stack, options).await;
        for instance in &shape.webhooks {
            tenant.add_webhook(&fixture.stack, *instance, WebhookReceiver::start().await).await;
        }
        fixture.tenants.push(tenant);
    }
    fixture.private.extend(phones(plan).chain([FORGED_WRITER.to_owned()]));
    fixture
}

/// The phone numbers of all people.
fn phones(plan: &Plan) -> impl Iterator<Item = String> {
    plan.steps.iter().filter_map(|step| match &step.operation {
        Operation::Send { to: phone, .. }
        | Operation::SendOdd { to: phone, .. }
        | Operation::Write { from: phone, .. }
        | Operation::Erase { phone, .. } => Some(phone.clone()),
        _ => None,
    })
}
