//! `send`: accepts a message. authenticate -> parse -> instance -> limits -> media -> charge -> record -> enqueue
//! -> 202.
//!
//! A 202 promises that the message will reach `sent` or `failed`, so nothing is answered before it is stored and
//! queued, and what could not be queued is taken back.

mod charge;
mod content;
mod handler;
mod idempotency;
mod media_format;
pub mod openapi;
mod order;
mod preflight;
mod reservations;

use std::sync::Arc;

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_http::{Request, service_fn};
use shared::account_table::AccountTable;
use shared::authentication::Authenticator;
use shared::delivery_queue::DeliveryQueues;
use shared::instances::Instances;
use shared::master_keys::MasterKeys;
use shared::message_table::MessageTable;
use shared::outbound::Outbound;
use shared::{cloud, environment, log, metrics};

use charge::Charger;
use handler::Sender;
use idempotency::IdempotencyIds;
use preflight::Preflight;

/// Takes events from Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_http::Error> {
    log::init("send");
    metrics::init()?;
    let config = cloud::config().await;
    let dynamodb = dynamodb::Client::new(&config);
    let accounts = AccountTable::from_environment(dynamodb.clone())?;
    let sender = Arc::new(Sender {
        authenticator: Authenticator::new(accounts.clone()),
        instances: Instances::new(accounts.clone()),
        messages: MessageTable::from_environment(dynamodb)?,
        deliveries: DeliveryQueues::from_environment(sqs::Client::new(&config))?,
        preflight: Preflight::new(Outbound::from_environment()?),
        charger: Charger::new(accounts),
        idempotency: IdempotencyIds::new(&MasterKeys::from_environment()?),
        retention: environment::retention()?,
    });
    lambda_http::run(service_fn(move |request: Request| {
        let sender = sender.clone();
        async move { Ok::<_, lambda_http::Error>(metrics::written(sender.handle(&request)).await) }
    }))
    .await
}
