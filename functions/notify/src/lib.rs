//! `notify`: tells customers' webhooks of each transition of a message or an instance. stream record -> events -> signed POST, or the retry queue.
//!
//! An event has the same id whenever it is told, so that a batch that comes twice tells nothing new.

mod changes;
mod event;
mod instance_events;
mod message_events;
mod retries;
mod retry_queue;
mod schedule;
mod teller;

use std::sync::Arc;

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;
use shared::account_table::AccountTable;
use shared::master_keys::MasterKeys;
use shared::outbound::Outbound;
use shared::sealed::Sealer;
use shared::webhook_endpoint::Endpoints;
use shared::{cloud, environment, log};

use retry_queue::RetryQueue;
use teller::Teller;

/// Takes events from Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    log::init("notify");
    let config = cloud::config().await;
    let teller = Arc::new(Teller {
        accounts: AccountTable::from_environment(dynamodb::Client::new(&config))?,
        retries: RetryQueue::from_environment(sqs::Client::new(&config))?,
        endpoints: Endpoints::new(Outbound::from_environment()?),
        retention: environment::retention()?,
        sealer: Sealer::new(&MasterKeys::from_environment()?),
    });
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let teller = teller.clone();
        async move { handle(&teller, event.payload).await }
    }))
    .await
}

/// The stream and the retry queue both bring `Records`; each record names its source.
async fn handle(teller: &Teller, event: Value) -> Result<Value, lambda_runtime::Error> {
    let source = event["Records"][0]["eventSource"].as_str().unwrap_or_default();
    Ok(match source {
        "aws:dynamodb" => serde_json::to_value(changes::tell(teller, Deserialize::deserialize(event)?).await)?,
        "aws:sqs" => serde_json::to_value(retries::tell(teller, Deserialize::deserialize(event)?).await)?,
        source => return Err(format!("events from {source:?} are not meant for notify").into()),
    })
}
