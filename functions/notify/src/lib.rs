//! `notify`: tells customers' webhooks of each transition of a message or an instance. stream record -> events -> signed POST, or the retry queue.
//!
//! An event has the same id whenever it is told, so that a batch that comes twice tells nothing new.

mod changes;
mod dead_letters;
mod operator;
mod queue_batch;
mod replayer;
mod schedule;
mod seen;
mod teller;

use std::sync::Arc;

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;
use shared::account_table::AccountTable;
use shared::master_keys::MasterKeys;
use shared::message_table::MessageTable;
use shared::outbound::Outbound;
use shared::sealed::Sealer;
use shared::webhook_endpoint::Endpoints;
use shared::webhook_queue::WebhookQueue;
use shared::{cloud, environment, log, metrics};

use dead_letters::DeadLetters;
use operator::Operator;
use replayer::Replayer;
use seen::Seen;
use teller::Teller;

/// Takes events from Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    log::init("notify");
    metrics::init()?;
    let config = cloud::config().await;
    let dynamodb = dynamodb::Client::new(&config);
    let sqs = sqs::Client::new(&config);
    let accounts = AccountTable::from_environment(dynamodb.clone())?;
    let queue = WebhookQueue::from_environment(sqs.clone())?;
    let messages = MessageTable::from_environment(dynamodb)?;
    let replayer = Replayer { accounts: accounts.clone(), messages, queue: queue.clone() };
    let teller = Teller {
        operator: Operator { accounts: accounts.clone(), queue: queue.clone() },
        accounts,
        queue,
        dead_letters: DeadLetters::from_environment(sqs)?,
        endpoints: Endpoints::new(Outbound::from_environment()?),
        seen: Seen::default(),
        retention: environment::retention()?,
        sealer: Sealer::new(&MasterKeys::from_environment()?),
    };
    let both = Arc::new((teller, replayer));
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let both = both.clone();
        async move { metrics::written(handle(&both.0, &both.1, event.payload)).await }
    }))
    .await
}

/// The streams and the queue all bring `Records`; each record names its source.
async fn handle(teller: &Teller, replayer: &Replayer, event: Value) -> Result<Value, lambda_runtime::Error> {
    let source = event["Records"][0]["eventSource"].as_str().unwrap_or_default();
    Ok(match source {
        "aws:dynamodb" => serde_json::to_value(changes::tell(teller, Deserialize::deserialize(event)?).await)?,
        "aws:sqs" => serde_json::to_value(queue_batch::work(teller, replayer, Deserialize::deserialize(event)?).await)?,
        source => return Err(format!("events from {source:?} are not meant for notify").into()),
    })
}
