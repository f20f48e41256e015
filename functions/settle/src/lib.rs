//! `settle`: finishes what a crash or a wait left open, so that no message stays between two states for ever.
//!
//! Its queue brings attempts of unknown outcome after 15 minutes, messages at their `expiresIn`, and messages that `deliver`
//! moved back, and what has a `sendAt`. Every minute it enqueues what waits in the table and is due, of batches in turn, receives the dead letters of
//! `deliver`, messages that were received too often, and reads the ledgers: for reservations whose requests have ended, and
//! for instances in the bulk lane. And it deletes the data of accounts that are closing.

mod batch;
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
mod unknown_outcomes;

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::aws::{AccountsTable, QueueReader, config, connection};
use shared::contact::Contacts;
use shared::instance::InstanceCache;
use shared::ledger::{Ledger, WaitingSlots};
use shared::media::Bucket;
use shared::message::{DeliveryQueues, MessageRepository, Transitions, UNKNOWN_OUTCOME_QUEUE, UnknownOutcomeQueue};
use shared::observability::{log, metrics};
use shared::unread_callback::UnreadCallbacks;

use batches::AnnouncedRuns;
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
        unknown_outcomes: UnknownOutcomeQueue::from_environment(sqs.clone(), UNKNOWN_OUTCOME_QUEUE)?,
        dead_letters: QueueReader::from_environment(sqs.clone(), "DELIVERY_DEAD_LETTERS_URL")?,
        queues: DeliveryQueues::from_environment(sqs)?,
        instances,
        fed: FedMessages::default(),
        enqueued_lately: EnqueuedLately::default(),
        announced_runs: AnnouncedRuns::default(),
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
    if event["Records"].is_null() {
        let (fed, batches, settled, letters, (), ()) = tokio::join!(
            feeder::feed(settler, deadline),
            batches::settle(settler, deadline),
            ledgers::settle(settler),
            dead_letter_queue::settle(settler, deadline),
            settler.operator_queues.count(deadline),
            closing::settle(settler, deadline),
        );
        fed?;
        batches?;
        settled?;
        letters?;
        return Ok(json!({}));
    }
    Ok(serde_json::to_value(batch::settle(settler, &Deserialize::deserialize(event)?, deadline).await)?)
}
