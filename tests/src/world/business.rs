//! What WhatsApp reports of business accounts, and what customers sign about them.

use std::time::Duration;

use aws_lc_rs::hmac;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use shared::instance::ConnectionStatus;
use shared::whatsapp::PauseReason;

use super::callbacks::{About, Report};
use super::clients::Clients;
use super::manners::Condition;
use super::operations::Operation;
use super::plan::Plan;
use super::setup::{app_secret, business};
use crate::sweep::checker::Violation;

/// How long a restriction lasts.
const RESTRICTED: Duration = Duration::from_secs(10 * 60);

impl Clients<'_> {
    /// Reports what happened to an account's business account.
    pub async fn condition(&self, account: usize, condition: Condition) {
        let now = self.fixture.stack.now();
        let ban = |state: &str| json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": state } });
        let value = match condition {
            Condition::Disabled => ban("DISABLE"),
            Condition::Reinstated => ban("REINSTATE"),
            Condition::Restricted => json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": [{
                "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": now.plus(RESTRICTED).to_string(),
            }] }),
        };
        let body = update(&business(account), now.secs(), "account_update", value);
        self.report(Report { body, about: About::Account }).await;
    }

    /// Reinstates the business accounts that something happened to.
    pub async fn reinstate(&self, plan: &Plan) {
        let conditions = plan.steps.iter().filter_map(|step| match step.operation {
            Operation::Condition { account, .. } => Some(account),
            _ => None,
        });
        let accounts: std::collections::BTreeSet<usize> = conditions.collect();
        if !accounts.is_empty() {
            self.fixture.stack.pass(Duration::from_secs(2)); // so that it is the latest: WhatsApp's times are whole seconds
        }
        for account in accounts {
            self.condition(account, Condition::Reinstated).await;
        }
    }

    /// Reports an update of a template of an account's business account, signed by WhatsApp or by a customer.
    pub async fn template(&self, message: u32, account: usize, signer: Option<usize>) {
        let name = template_name(message);
        let value = json!({ "event": "APPROVED", "message_template_id": 1_689_556_908_129_832_i64,
            "message_template_name": name, "message_template_language": "pt-BR",
            "message_template_category": "UTILITY", "reason": "NONE" });
        let body = update(&business(account), self.fixture.stack.now().secs(), "message_template_status_update", value);
        let Some(signer) = signer else {
            self.report(Report { body, about: About::Template(name) }).await;
            return;
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, app_secret(signer).expose_secret().as_bytes());
        let signature = format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())));
        let status = self.player.post_callback(&body, Some(&signature)).await;
        if status == 200 && signer != account {
            let seen = format!("account {signer} reported {name} of a business account that is not its own");
            self.known().trespasses.push(seen);
        }
    }

    /// What is wrong with the updates of business accounts at rest: a template's update that a webhook never got, or that
    /// another account's has got, and a number that is still paused although its account was reinstated.
    pub async fn check_business_accounts(&self, plan: &Plan) {
        let mut seen = Vec::new();
        for (account, tenant) in self.fixture.tenants.iter().enumerate() {
            let has_conditions = plan
                .steps
                .iter()
                .any(|step| matches!(step.operation, Operation::Condition { account: it, .. } if it == account));
            for instance in tenant.instances.iter().filter(|_| has_conditions) {
                let instance = self.fixture.stack.accounts.instance(&tenant.account, instance).await;
                let Some(instance) = instance.expect("the table answers") else { continue };
                let is_of_account = |reason: &PauseReason| {
                    matches!(reason, PauseReason::AccountDisabled | PauseReason::AccountRestricted)
                };
                let is_connected = instance.status == ConnectionStatus::Connected;
                if is_connected && instance.pause_reason.filter(is_of_account).is_some() {
                    seen.push(format!("{} is paused, and its account was reinstated", instance.id));
                }
            }
        }
        seen.extend(self.templates_without_event(plan));
        let acknowledged = self.known().unacknowledged.is_empty();
        let violations = seen.into_iter().filter(|_| acknowledged);
        self.known().noticed.extend(violations.map(|seen| Violation { promise: "every update has its effect", seen }));
        self.known().trespasses.extend(self.foreign_templates(plan));
    }

    fn templates_without_event(&self, plan: &Plan) -> Vec<String> {
        let known = self.known().templates.clone();
        let mut seen = Vec::new();
        for step in &plan.steps {
            let Operation::Template { message, account, signer: None } = step.operation else { continue };
            let name = template_name(message);
            let tenant = &self.fixture.tenants[account];
            for (place, webhook) in tenant.webhooks.iter().enumerate().filter(|_| known.contains(&name)) {
                let instance = tenant.instances.iter().position(|it| *it == webhook.instance).unwrap_or_default();
                let calls = webhook.receiver.calls().into_iter();
                let calls =
                    calls.filter(|call| call.event() == "template.updated" && call.json["data"]["name"] == name);
                let ids: std::collections::BTreeSet<String> =
                    calls.map(|call| call.header("webhook-id").to_owned()).collect();
                let is_right = if is_steady(plan, account, instance, place) { ids.len() == 1 } else { ids.len() <= 1 };
                if !is_right {
                    seen.push(format!("webhook {place} of account {account} got {name} under the ids {ids:?}"));
                }
            }
        }
        seen
    }

    /// The events about templates of other accounts.
    fn foreign_templates(&self, plan: &Plan) -> Vec<String> {
        let owner = |name: &str| {
            plan.steps.iter().find_map(|step| match step.operation {
                Operation::Template { message, account, .. } if template_name(message) == name => Some(account),
                _ => None,
            })
        };
        let mut seen = Vec::new();
        for (account, tenant) in self.fixture.tenants.iter().enumerate() {
            for call in tenant.webhooks.iter().flat_map(|webhook| webhook.receiver.calls()) {
                let name = call.json["data"]["name"].as_str().unwrap_or_default();
                if call.event() == "template.updated" && owner(name) != Some(account) {
                    seen.push(format!("account {account} got an update of {name}, which is not its own"));
                }
            }
        }
        seen
    }
}

/// Whether nothing happens to a webhook and its instance that could keep an event from it.
fn is_steady(plan: &Plan, account: usize, instance: usize, webhook: usize) -> bool {
    !plan.steps.iter().any(|step| match &step.operation {
        Operation::Switch { account: a, webhook: w, .. } | Operation::Endpoint { account: a, webhook: w, .. } => {
            (*a, *w) == (account, webhook)
        }
        Operation::Delete { account: a, instance: i }
        | Operation::Disconnect { account: a, instance: i }
        | Operation::Connect { account: a, instance: i, .. } => (*a, *i) == (account, instance),
        Operation::Send { account: a, instance: i, to, .. } => (*a, *i) == (account, instance) && to.ends_with("190"),
        Operation::SendBatch { account: a, instance: i, recipients, .. } => {
            (*a, *i) == (account, instance) && recipients.iter().any(|to| to.ends_with("190"))
        }
        _ => false,
    })
}

fn template_name(message: u32) -> String {
    format!("template_{message}")
}

/// A callback about a business account.
fn update(business: &str, time: i64, field: &str, value: Value) -> String {
    let change = json!({ "field": field, "value": value });
    let entry = json!([{ "id": business, "time": time, "changes": [change] }]);
    json!({ "object": "whatsapp_business_account", "entry": entry }).to_string()
}
