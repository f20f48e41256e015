//! `deliver`: sends queued messages to WhatsApp. claim -> POST -> result.
//!
//! WhatsApp has no idempotency key, so a message is posted again only when it is certain that WhatsApp did not take
//! it: the claim keeps two processes apart, and an attempt whose outcome is not known is left to callbacks and `settle`.

mod asked;
mod attempt;
mod batch;
mod claim;
mod message_body;
mod outcome;
mod pacer;
mod prepare;
mod result;
mod retry;
mod whatsapp;

use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_runtime::{LambdaEvent, service_fn};
use shared::account_table::AccountTable;
use shared::books::Books;
use shared::delivery_queue::DeliveryQueues;
use shared::instances::Instances;
use shared::master_keys::MasterKeys;
use shared::message_table::MessageTable;
use shared::sealed::Sealer;
use shared::settle_queue::SettleQueue;
use shared::tag::Tagger;
use shared::{cloud, log, metrics};

use attempt::Deliverer;
use pacer::Pacer;
use whatsapp::WhatsApp;

/// Takes events from Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    log::init("deliver");
    metrics::init()?;
    let config = cloud::config().await;
    let dynamodb = dynamodb::Client::new(&config);
    let sqs = sqs::Client::new(&config);
    let accounts = AccountTable::from_environment(dynamodb.clone())?;
    let keys = MasterKeys::from_environment()?;
    let deliverer = Arc::new(Deliverer {
        instances: Instances::new(accounts.clone()),
        pacer: Pacer::new(accounts.clone()),
        books: Books { messages: MessageTable::from_environment(dynamodb)?, accounts },
        deliveries: DeliveryQueues::from_environment(sqs.clone())?,
        unsettled: SettleQueue::from_environment(sqs)?,
        whatsapp: WhatsApp::from_environment()?,
        sealer: Sealer::new(&keys),
        tagger: Tagger::new(&keys),
    });
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| {
        let deliverer = deliverer.clone();
        async move { Ok::<_, lambda_runtime::Error>(metrics::written(batch::deliver(&deliverer, event)).await) }
    }))
    .await
}
