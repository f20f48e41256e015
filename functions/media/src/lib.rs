//! `media`: uploads customers' files to WhatsApp, and fetches those of received messages. S3's notification -> job -> claim -> first bytes -> upload -> `ready`.
//!
//! WhatsApp's link fetcher is not involved then, so no host of a customer can fail a message. An upload may be repeated, since it
//! only makes another id; a lease keeps two processes from doing so at the same time.

mod sqs_batch;

mod fetch;
mod jobs;
mod mover;
mod number;
mod upload;

use std::time::SystemTime;

use aws_lambda_events::sqs::SqsEvent;
use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_runtime::{LambdaEvent, service_fn};
use shared::aws::{AccountsTable, Secret, SecretError, SecretValues, config, connection};
use shared::instance::InstanceCache;
use shared::media::{Bucket, MediaQueue, ReceivedBounds};
use shared::message::MessageRepository;
use shared::observability::{log, metrics};
use shared::outbound::OutboundClient;
use shared::security::{MasterKeys, SecretCache, SecretCipher};
use shared::whatsapp::WhatsAppClient;

use mover::Mover;

/// Handles events of Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    log::init("media");
    metrics::init()?;
    let config = config::load().await;
    let dynamodb = dynamodb::Client::new(&config);
    let connected = connection::open(&dynamodb);
    let accounts = AccountsTable::from_environment(dynamodb.clone())?;
    let mover = &Mover {
        instances: InstanceCache::new(accounts.clone()),
        accounts,
        messages: MessageRepository::from_environment(dynamodb)?,
        outbound: OutboundClient::from_environment()?,
        bucket: Bucket::from_environment(&config)?,
        received_bounds: ReceivedBounds::from_environment()?,
        queue: MediaQueue::from_environment(sqs::Client::new(&config))?,
        whatsapp: WhatsAppClient::from_environment()?,
        cipher: SecretCache::load(&config, &[Secret::MasterKeys], read_secrets).await?,
    };
    connected.await;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        mover.cipher.refresh().await;
        let deadline: SystemTime = event.context.deadline();
        let processed = sqs_batch::process(mover, &event.payload, deadline);
        Ok::<_, lambda_runtime::Error>(metrics::flush_after(processed).await)
    }))
    .await
}

fn read_secrets(values: &SecretValues) -> Result<SecretCipher, SecretError> {
    Ok(SecretCipher::new(&MasterKeys::read(Secret::MasterKeys, values.required(Secret::MasterKeys)?)?))
}
