//! Runs the operations of a world: those of a group side by side, and the next group when they have returned.

use std::str::FromStr as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use futures::future::join_all;
use shared::mutex::lock;

use super::clients::Clients;
use super::manners::Manner;
use super::neighbours::wait_for_the_polite;
use super::operations::Operation;
use super::plan::Plan;
use crate::fault::{CallId, Fault, Injection};
use crate::sweep::fixture::Fixture;
use crate::sweep::quiescence::{has_waiting_webhooks, wait_until_idle};

/// Longer than a request can be in progress: from then on a retry with its key completes it.
const UNTIL_ENDED: Duration = Duration::from_secs(16);
/// How often a request with a key is retried at most when all operations were made.
const REPEATS: usize = 12;

/// Faults that wait for their calls, and how many have met them.
#[derive(Clone, Default)]
struct Faults {
    waiting: Arc<Mutex<Vec<Injection>>>,
    met: Arc<AtomicUsize>,
}

/// The event source mappings that publish what happens to messages.
const PUBLISHERS: [&str; 2] = ["notifyChanges", "notifyStatuses"];

/// How many writes of messages are certainly published: what a frozen or a failing invocation holds up is read when it goes on, perhaps
/// after a webhook was disabled.
async fn published(fixture: &Fixture) -> usize {
    let checkpoints = &fixture.stack.stack.checkpoints;
    let read = PUBLISHERS.map(|publisher| checkpoints.get(publisher)).into_iter().min().flatten();
    let changes = fixture.stack.changes().await;
    let is_read = |sequence: Option<&str>| sequence.is_some_and(|it| read.as_deref().is_some_and(|read| it <= read));
    changes.iter().filter(|change| is_read(change.sequence_number())).count()
}

/// Runs all operations, and lets the clients and the endpoints come to an end. Returns the faults that happened.
///
/// # Errors
/// What did not become idle between two groups.
pub async fn run_operations(fixture: &Fixture, plan: &Plan, clients: &Clients<'_>) -> Result<usize, String> {
    let faults = Faults::default();
    faults.listen(fixture);
    for group in plan.steps.chunk_by(|one, next| one.group == next.group) {
        let seconds = group.iter().map(|step| match step.operation {
            Operation::Pass { seconds } => seconds,
            _ => 0,
        });
        let passing = Duration::from_secs(seconds.sum());
        let changes_webhooks = group.iter().any(|step| changes_webhooks(&step.operation));
        if changes_webhooks {
            wait_until_idle(fixture).await?;
            clients.note_disabled(group, published(fixture).await, has_waiting_webhooks(fixture).await);
        }
        join_all(group.iter().map(|step| run(fixture, plan, clients, &faults, &step.operation))).await;
        if changes_webhooks {
            wait_until_idle(fixture).await?;
            clients.note_activated(group, fixture.stack.changes().await.len());
        }
        if !passing.is_zero() {
            wait_for_the_polite(clients, plan).await?;
            fixture.stack.pass(passing);
            clients.repeat_unfinished().await;
        }
    }
    let endpoints = fixture.tenants.iter().flat_map(|tenant| &tenant.webhooks);
    endpoints.for_each(|webhook| behave(&webhook.receiver, Manner::Recovers));
    lock(&faults.waiting).clear();
    clients.let_read_keys();
    clients.reinstate(plan).await;
    for _ in 0..REPEATS {
        if clients.repeat_unfinished().await == 0 {
            break;
        }
        wait_until_idle(fixture).await?;
        fixture.stack.pass(UNTIL_ENDED);
    }
    Ok(faults.met.load(Ordering::Relaxed))
}

/// Whether it may disable or activate a webhook: what must be published then depends on what was written before.
const fn changes_webhooks(operation: &Operation) -> bool {
    matches!(operation, Operation::Switch { .. } | Operation::Delete { .. })
}

async fn run(fixture: &Fixture, plan: &Plan, clients: &Clients<'_>, faults: &Faults, operation: &Operation) {
    match operation {
        Operation::Pass { .. } => {}
        Operation::RotateKeys { keys, behind } => clients.rotate_keys(*keys, behind.as_deref()),
        Operation::Busy { account, instance, seconds } => {
            let tenant = &fixture.tenants[*account];
            let ahead = Duration::from_secs(*seconds);
            fixture.stack.book_ahead_of(&tenant.account, &tenant.instances[*instance], ahead).await;
        }
        Operation::Endpoint { account, webhook, manner } => {
            behave(&fixture.tenants[*account].webhooks[*webhook].receiver, *manner);
        }
        Operation::Fault { at } => faults.wait_for(at),
        Operation::Write { message, account, instance, from, shown, picture } => {
            clients.write(*message, (*account, *instance), from, (*shown, *picture)).await;
        }
        Operation::Rewrite { message } => clients.rewrite(*message).await,
        Operation::Renumber { message, account, instance, from, to } => {
            clients.renumber(*message, (*account, *instance), from, to).await;
        }
        Operation::Flood { message, account, instance, from, count, lines } => {
            clients.flood(*message, (*account, *instance), from, (*count, *lines)).await;
        }
        Operation::Condition { account, condition } => clients.condition(*account, *condition).await,
        Operation::Template { message, account, signer } => clients.template(*message, *account, *signer).await,
        _ => run_of_customer(plan, clients, operation).await,
    }
}

/// Runs an operation of the operator, of a customer, or of somebody who says that he is one.
async fn run_of_customer(plan: &Plan, clients: &Clients<'_>, operation: &Operation) {
    match operation {
        Operation::Send { message, .. } | Operation::SendOdd { message, .. } => clients.send(*message).await,
        Operation::SendBatch { batch, .. } => clients.send_batch(*batch).await,
        Operation::RepeatBatch { batch } => clients.repeat_batch(*batch).await,
        Operation::CancelBatch { batch } => clients.cancel_batch(*batch).await,
        Operation::Repeat { message } => clients.repeat(*message).await,
        Operation::Cancel { message } => clients.cancel(*message).await,
        Operation::Erase { account, phone } => clients.erase(*account, phone).await,
        Operation::Switch { account, webhook, active } => clients.switch(*account, *webhook, *active).await,
        Operation::Rotate { account, webhook } => clients.rotate(*account, *webhook).await,
        Operation::Replay { account, webhook, message } => clients.replay(*account, *webhook, *message).await,
        Operation::ReplayPeriod { account, webhook, minutes } => {
            clients.replay_period(*account, *webhook, *minutes).await;
        }
        Operation::Crowd { account, instance, count } => clients.crowd(*account, *instance, *count).await,
        Operation::OpenUrl { url, account, instance, key } => {
            clients.open_url(*url, *account, *instance, *key).await;
        }
        Operation::CloseUrl { account, url } => clients.close_url(*account, *url).await,
        Operation::Disconnect { account, instance } => clients.disconnect(*account, *instance).await,
        Operation::Connect { account, instance, number } => {
            clients.connect(*account, *instance, *number, plan.accounts[*account].own_app).await;
        }
        Operation::Delete { account, instance } => clients.delete(*account, *instance).await,
        Operation::Revoke { account, key } => clients.revoke(*account, *key).await,
        Operation::Trespass { account, message } => clients.trespass(*account, *message).await,
        Operation::Forge { account, number, message, status, timestamp } => {
            clients.forge(*account, *number, *message, status, timestamp).await;
        }
        Operation::ForgeText { message, account, number, timestamp, size } => {
            clients.forge_text(*message, *account, *number, timestamp, *size).await;
        }
        _ => {} // see above
    }
}

fn behave(endpoint: &crate::webhook_receiver::WebhookReceiver, manner: Manner) {
    match manner {
        Manner::Answers { status, calls } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            endpoint.answer_with(std::iter::repeat_n(status, calls));
        }
        Manner::Hangs => endpoint.hold(),
        Manner::Recovers => {
            endpoint.recover();
            endpoint.release();
        }
    }
}

impl Faults {
    fn listen(&self, fixture: &Fixture) {
        for proxy in fixture.proxies() {
            let faults = self.clone();
            proxy.set_faults(move |call, attempt| if attempt == 1 { faults.take(call) } else { Fault::None });
        }
    }

    /// Adds a fault whose call is counted from now on.
    fn wait_for(&self, at: &str) {
        if let Ok(injection) = Injection::from_str(at) {
            lock(&self.waiting).push(injection);
        }
    }

    /// Counts a call, and takes the fault that it meets.
    fn take(&self, call: &CallId) -> Fault {
        let mut waiting = lock(&self.waiting);
        let is_of = |at: &CallId| at.caller == call.caller && at.operation == call.operation;
        let mut meets = None;
        for (place, injection) in waiting.iter_mut().enumerate().filter(|(_, injection)| is_of(&injection.call)) {
            injection.call.number = injection.call.number.saturating_sub(1);
            if injection.call.number == 0 {
                meets.get_or_insert(place);
            }
        }
        let Some(place) = meets else { return Fault::None };
        self.met.fetch_add(1, Ordering::Relaxed);
        waiting.remove(place).fault
    }
}
