//! `settle`: finishes what a crash or a wait left open, so that no message stays between two states for ever.
//!
//! From its queue ([`SettleJob`](shared::message::SettleJob)): attempts of unknown outcome after 15 minutes, messages at their `expiresIn` and
//! at their `sendAt`, messages that `deliver` moved back, instances whose batches leave, and instances that may leave the bulk lane.
//!
//! Every minute:
//! - it enqueues what waits in the table and is due, messages of batches in turn, and ends batches of which nothing is left;
//! - it receives the dead letters of `deliver`, messages that were received too often;
//! - it reads the ledgers, for reservations whose requests have ended and for instances in the bulk lane;
//! - it deletes the data of accounts that are closing.

mod batch_reservations;
mod batches;
mod bulk_lane;
mod closing;
mod dead_letter_queue;
mod dead_letters;
mod enqueued_lately;
mod expiry_checks;
mod fed_messages;
mod feeder;
mod ledgers;
mod moved_back;
mod operator_queues;
mod reservations;
mod scheduled;
mod settler;
mod sqs_batch;
mod unknown_outcomes;

use std::fmt;
use std::time::SystemTime;

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use futures::FutureExt;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::aws::{AccountsTable, QueueReader, config, connection};
use shared::contact::Contacts;
use shared::instance::InstanceCache;
use shared::ledger::{Ledger, WaitingSlots};
use shared::media::Bucket;
use shared::message::{DeliveryQueues, MessageRepository, SETTLE_QUEUE, Transitions, UnknownOutcomeQueue};
use shared::observability::{log, metrics};
use shared::unread_callback::UnreadCallbacks;

use batches::{FedPeople, NextRuns};
use enqueued_lately::EnqueuedLately;
use fed_messages::FedMessages;
use operator_queues::OperatorQueues;
use settler::Settler;

/// Handles events of Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    log::init("settle");
    metrics::init()?;
    let config = config::load().await;
    let dynamodb = dynamodb::Client::new(&config);
    let connected = connection::open(&dynamodb);
    let sqs = sqs::Client::new(&config);
    let messages = MessageRepository::from_environment(dynamodb.clone())?;
    let accounts = AccountsTable::from_environment(dynamodb.clone())?;
    let instances = InstanceCache::new(accounts.clone());
    let settler = &Settler {
        transitions: Transitions::new(messages.clone(), accounts.clone()),
        ledger: Ledger::new(accounts.clone()),
        waiting_slots: WaitingSlots::new(accounts.clone()),
        contacts: Contacts::from_environment(dynamodb.clone(), messages.clone())?,
        bucket: Bucket::from_environment(&config)?,
        unread_callbacks: UnreadCallbacks::from_environment(dynamodb)?,
        messages,
        operator_queues: OperatorQueues::from_environment(&sqs, accounts.clone())?,
        accounts,
        unknown_outcomes: UnknownOutcomeQueue::from_environment(sqs.clone(), SETTLE_QUEUE)?,
        dead_letters: QueueReader::from_environment(sqs.clone(), "DELIVERY_DEAD_LETTERS_URL")?,
        queues: DeliveryQueues::from_environment(sqs)?,
        instances,
        fed: FedMessages::default(),
        enqueued_lately: EnqueuedLately::default(),
        fed_people: FedPeople::default(),
        next_runs: NextRuns::default(),
    };
    connected.await;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        metrics::flush_after(handle(settler, event)).await
    }))
    .await
}

/// A queue's batch has `Records`; the schedule's event has none.
async fn handle(
    settler: &Settler,
    LambdaEvent { payload: event, context }: LambdaEvent<Value>,
) -> Result<Value, lambda_runtime::Error> {
    let deadline = context.deadline();
    // Boxed, since the compiler bounds how deep the type of a future is.
    if event["Records"].is_null() {
        return every_minute(settler, deadline).boxed_local().await.map(|()| json!({}));
    }
    let batch = Deserialize::deserialize(event)?;
    Ok(serde_json::to_value(sqs_batch::process(settler, &batch).boxed_local().await)?)
}

async fn every_minute(settler: &Settler, deadline: SystemTime) -> Result<(), lambda_runtime::Error> {
    let (fed, batches, settled, letters, (), ()) = tokio::join!(
        part("feeder", feeder::feed(settler, deadline)),
        part("batches", batches::serve_all(settler, deadline)),
        part("ledgers", ledgers::resolve_open(settler)),
        part("dead_letters", dead_letter_queue::drain(settler, deadline)),
        settler.operator_queues.count(deadline),
        closing::close_accounts(settler, deadline),
    );
    fed.and(batches).and(settled).and(letters)
}

/// A part of the schedule's run, which says by itself that it has failed: Lambda is told one error only.
async fn part<E: Into<lambda_runtime::Error> + fmt::Display>(
    name: &'static str,
    run: impl Future<Output = Result<(), E>>,
) -> Result<(), lambda_runtime::Error> {
    run.await.map_err(|error| {
        tracing::error!(part = name, %error, "schedule.part_failed");
        error.into()
    })
}
