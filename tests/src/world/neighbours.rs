//! Promise 8: what a polite customer sends leaves, and is published, while the clock stands still, whatever others do.

use shared::message::Message;

use super::clients::Clients;
use super::plan::Plan;
use crate::sweep::quiescence::wait_until_idle;

/// How often the stack may come to rest before a message counts as held up: its queue may just not have been polled.
const TURNS: usize = 3;

/// Waits until nothing is in progress, and notes which messages of polite customers have not left by then.
///
/// # Errors
/// What is in progress after a minute.
pub async fn wait_for_the_polite(clients: &Clients<'_>, plan: &Plan) -> Result<(), String> {
    let has_fault = plan.steps.iter().any(|step| step.operation.is_fault());
    let mut held_up = Vec::new();
    for _ in 0..TURNS {
        wait_until_idle(clients.fixture).await?;
        held_up = if has_fault { Vec::new() } else { held_up_messages(clients, plan).await };
        if held_up.is_empty() {
            break;
        }
    }
    clients.known().held_up.extend(held_up);
    Ok(())
}

async fn held_up_messages(clients: &Clients<'_>, plan: &Plan) -> Vec<String> {
    let accepted: Vec<(usize, String)> = {
        let known = clients.known();
        let requests = known.requests.iter().map(|(_, request)| request);
        let polite = requests.filter(|request| plan.accounts[request.tenant].polite);
        polite.filter_map(|request| Some((request.tenant, request.accepted()?.to_owned()))).collect()
    };
    let mut held_up = Vec::new();
    for (account, id) in accepted {
        let record = clients.fixture.stack.messages.get(&id.parse().expect("an id")).await.expect("the table answers");
        let Some(record) = record else { continue };
        if record.status.public_status() == "queued" {
            held_up.push(format!("{id} of a polite customer is {:?} when all is idle", record.status));
        } else if record.sent_at.is_some() && !is_published(clients, account, &record) {
            held_up.push(format!("{id} of a polite customer is sent and not published when all is idle"));
        }
    }
    held_up
}

fn is_published(clients: &Clients<'_>, account: usize, record: &Message) -> bool {
    let webhooks = clients.fixture.tenants[account].webhooks.iter();
    let mut own = webhooks.filter(|webhook| webhook.instance == record.instance_id);
    own.all(|webhook| {
        let calls = webhook.receiver.calls_about(record.id.as_str());
        calls.iter().any(|call| call.event() == "message.sent")
    })
}
