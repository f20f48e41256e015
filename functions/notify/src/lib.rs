//! `notify`: publishes each event of a message or an instance to customers' webhooks. stream record -> events -> signed
//! POST, or the webhook queue.
//!
//! An event has the same id on every attempt, so that a repeated batch publishes nothing new.

mod dispatcher;
mod due_deliveries;
mod fan_out;
mod fast_endpoints;
mod listened_events;
mod operator_events;
mod replay_pages;
mod replayer;
mod retry_schedule;
mod sqs_batch;
mod stream_batch;

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::account::DailyQuota;
use shared::aws::{AccountsTable, Queue, Secret, SecretError, SecretValues, config, connection, environment};
use shared::cache::Cache;
use shared::message::MessageRepository;
use shared::observability::{log, metrics};
use shared::outbound::OutboundClient;
use shared::security::{MasterKeys, SecretCache, SecretCipher};
use shared::webhook::{EndpointClient, WebhookQueue};

pub use operator_events::event_descriptions;

use dispatcher::Dispatcher;
use fast_endpoints::FastEndpoints;

/// Handles events of Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    log::init("notify");
    metrics::init()?;
    let config = config::load().await;
    let dynamodb = dynamodb::Client::new(&config);
    let connected = connection::open(&dynamodb);
    let sqs = sqs::Client::new(&config);
    let dispatcher = &Dispatcher {
        replay_quota: DailyQuota::replays(AccountsTable::from_environment(dynamodb.clone())?),
        accounts: AccountsTable::from_environment(dynamodb.clone())?,
        messages: MessageRepository::from_environment(dynamodb)?,
        queue: WebhookQueue::from_environment(sqs.clone())?,
        dead_letters: Queue::from_environment(sqs.clone(), "WEBHOOK_DEAD_LETTERS_URL")?,
        unreadable_records: Queue::from_environment(sqs, "UNREADABLE_RECORDS_URL")?,
        endpoints: EndpointClient::new(OutboundClient::from_environment()?),
        fast_endpoints: FastEndpoints::default(),
        listed: Cache::default(),
        retention: environment::retention()?,
        cipher: SecretCache::load(&config, &[Secret::MasterKeys], read_secrets).await?,
    };
    connected.await;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        dispatcher.cipher.refresh().await;
        metrics::flush_after(handle(dispatcher, event)).await
    }))
    .await
}

fn read_secrets(values: &SecretValues) -> Result<SecretCipher, SecretError> {
    let keys = MasterKeys::read(Secret::MasterKeys, values.required(Secret::MasterKeys)?)?;
    Ok(SecretCipher::new(&keys))
}

/// The streams and the queue deliver `Records`, each of which names its source; the schedule's event has none.
async fn handle(
    dispatcher: &Dispatcher,
    LambdaEvent { payload: event, context }: LambdaEvent<Value>,
) -> Result<Value, lambda_runtime::Error> {
    if event["Records"].is_null() {
        due_deliveries::enqueue(dispatcher, context.deadline()).await?;
        return Ok(json!({}));
    }
    let source = event["Records"][0]["eventSource"].as_str().unwrap_or_default();
    Ok(match source {
        "aws:dynamodb" => {
            serde_json::to_value(stream_batch::publish(dispatcher, Deserialize::deserialize(event)?).await)?
        }
        "aws:sqs" => serde_json::to_value(sqs_batch::process(dispatcher, Deserialize::deserialize(event)?).await)?,
        source => return Err(format!("notify has no event source {source:?}").into()),
    })
}
