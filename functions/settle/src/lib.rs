//! `settle`: finishes what a crash or a wait left open, so that no message stays between two states for ever.
//!
//! Its queue brings attempts of unknown outcome after 15 minutes, messages at their `expiresIn`, and messages that `deliver`
//! moved back; the dead-letter queue of `deliver` brings messages that were received too often. Every minute it
//! enqueues what waits in the table and is due, and reads the ledgers: for reservations whose requests have ended, and for
//! instances in the bulk lane.

mod batch;
mod bulk_lane;
mod dead_letters;
mod expiry_checks;
mod fed_messages;
mod feeder;
mod ledgers;
mod moved_back;
mod reservations;
mod settler;
mod unknown_outcomes;

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::aws::{AccountsTable, config, connection};
use shared::instance::InstanceCache;
use shared::ledger::Ledger;
use shared::message::{DeliveryQueues, MessageRepository, Transitions, UNKNOWN_OUTCOME_QUEUE, UnknownOutcomeQueue};
use shared::observability::{log, metrics};

use fed_messages::FedMessages;
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
    let accounts = AccountsTable::from_environment(dynamodb)?;
    let instances = InstanceCache::new(accounts.clone());
    let settler = &Settler {
        transitions: Transitions::new(messages.clone(), accounts.clone()),
        ledger: Ledger::new(accounts.clone()),
        messages,
        accounts,
        unknown_outcomes: UnknownOutcomeQueue::from_environment(sqs.clone(), UNKNOWN_OUTCOME_QUEUE)?,
        queues: DeliveryQueues::from_environment(sqs)?,
        instances,
        fed: FedMessages::default(),
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
    if event["Records"].is_null() {
        let (fed, settled) = tokio::join!(feeder::feed(settler, context.deadline()), ledgers::settle(settler));
        fed?;
        settled?;
        return Ok(json!({}));
    }
    Ok(serde_json::to_value(batch::settle(settler, Deserialize::deserialize(event)?).await)?)
}
