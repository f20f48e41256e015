//! Promise 8 in queue turns: how often a polite customer's message was received before it left, and an event of it before its
//! attempt. The clock does not move meanwhile, which `neighbours` checks.

use std::collections::BTreeMap;

use super::clients::Clients;
use super::operations::Operation;
use super::plan::Plan;

/// The most turns by which a wait may exceed what it is without others.
const FACTOR: usize = 2;

/// The queue turns of each thing of the polite customers, by what it is.
pub type Turns = BTreeMap<String, usize>;

impl Clients<'_> {
    /// The turns of what polite customers sent, and of its events that nobody had replayed. None in a world with faults, which
    /// make turns of their own.
    pub fn turns(&self, plan: &Plan) -> Turns {
        let mut turns = Turns::new();
        if plan.steps.iter().any(|step| step.operation.is_fault()) {
            return turns;
        }
        let known = self.known();
        for (name, request) in known.requests.iter().filter(|(_, request)| plan.accounts[request.tenant].polite) {
            let Some(id) = request.accepted() else { continue };
            let handled = self.fixture.stack.handled.count(&id.parse().expect("an id"));
            turns.insert(format!("message {name}"), handled);
            if is_replayed(plan, request.tenant, *name) {
                continue;
            }
            for (place, webhook) in self.fixture.tenants[request.tenant].webhooks.iter().enumerate() {
                for (event, count) in self.received_events.of(webhook.id.as_str(), id) {
                    turns.insert(format!("{event} of message {name} to webhook {place}"), count);
                }
            }
        }
        turns
    }
}

fn is_replayed(plan: &Plan, account: usize, message: u32) -> bool {
    plan.steps.iter().any(|step| match step.operation {
        Operation::Replay { message: replayed, .. } => replayed == message,
        Operation::ReplayPeriod { account: it, .. } => it == account,
        _ => false,
    })
}

/// Whether something had so many turns that the same world without others has to show how many it has alone.
pub fn are_many(turns: &Turns) -> bool {
    turns.values().any(|count| *count > FACTOR)
}

/// What had more than twice the turns that it has alone.
pub fn excessive(turns: &Turns, alone: &Turns) -> Vec<String> {
    let most = |what: &str| FACTOR * alone.get(what).copied().unwrap_or_default().max(1);
    let excessive = turns.iter().filter(|(what, count)| **count > most(what));
    excessive.map(|(what, count)| format!("{what} took {count} queue turns, {} at most", most(what))).collect()
}

/// The same world in which only the polite customers do something.
pub fn without_others(plan: &Plan) -> Plan {
    let is_polite = |account: usize| plan.accounts[account].polite;
    let mut alone = plan.clone();
    alone.steps.retain(|step| match step.operation {
        Operation::Pass { .. } => true,
        Operation::Send { account, .. } | Operation::Write { account, .. } | Operation::Rotate { account, .. } => {
            is_polite(account)
        }
        _ => false,
    });
    alone
}
