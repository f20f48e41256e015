//! `settle`: finishes what a crash or a wait left open, so that no message stays between two states for ever.
//!
//! Its queue brings attempts of unknown outcome after 15 minutes; deliver's dead-letter queue brings what was received
//! too often; every minute the schedule has it look at the meters: at reservations of requests that never ended, and at
//! instances in the bulk lane; and put into the webhooks' queue what is due there.

mod abandoned;
mod batch;
mod due_webhooks;
mod lanes;
mod reservations;
mod unsettled;

use std::sync::Arc;

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::account_table::AccountTable;
use shared::books::Books;
use shared::conditional_write::TableError;
use shared::delivery_queue::DeliveryQueues;
use shared::message_table::MessageTable;
use shared::settle_queue::SettleQueue;
use shared::webhook_queue::WebhookQueue;
use shared::{cloud, log, metrics};

use batch::Settler;

/// Takes events from Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    log::init("settle");
    metrics::init()?;
    let config = cloud::config().await;
    let dynamodb = dynamodb::Client::new(&config);
    let sqs = sqs::Client::new(&config);
    let settler = Arc::new(Settler {
        books: Books {
            messages: MessageTable::from_environment(dynamodb.clone())?,
            accounts: AccountTable::from_environment(dynamodb)?,
        },
        unsettled: SettleQueue::from_environment(sqs.clone())?,
        deliveries: DeliveryQueues::from_environment(sqs.clone())?,
        webhooks: WebhookQueue::from_environment(sqs)?,
    });
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let settler = settler.clone();
        async move { metrics::written(handle(&settler, event.payload)).await }
    }))
    .await
}

/// A queue's batch has `Records`; the schedule's event has none.
async fn handle(settler: &Settler, event: Value) -> Result<Value, lambda_runtime::Error> {
    if event["Records"].is_null() {
        // Side by side: neither keeps the other from its minute.
        let (meters, webhooks) = tokio::join!(look_at_meters(settler), due_webhooks::settle(settler));
        meters?;
        webhooks?;
        return Ok(json!({}));
    }
    Ok(serde_json::to_value(batch::settle(settler, Deserialize::deserialize(event)?).await)?)
}

async fn look_at_meters(settler: &Settler) -> Result<(), TableError> {
    for (account, meter) in settler.books.accounts.meters().await? {
        lanes::settle(settler, &account, &meter).await;
        reservations::settle(settler, &account, &meter).await;
    }
    Ok(())
}
