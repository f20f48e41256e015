//! `deliver`: sends queued messages to WhatsApp. claim -> prepare -> POST -> result.
//!
//! WhatsApp has no idempotency key, so a message is posted again only when it is certain that WhatsApp did not accept it:
//! the claim keeps two processes apart, and an attempt of unknown outcome is left to callbacks and `settle`.

mod attempt;
mod deliverer;
mod posts_in_progress;
mod prepare;
mod received_message;
mod recipient_contact;
mod requeue_delay;
mod slot_waits;
mod sqs_batch;
mod table_wait;
mod time_left;
mod unknown_outcome;
mod unsent_attempt;
mod uploaded_file;

use aws_lambda_events::sqs::SqsEvent;
use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_runtime::{LambdaEvent, service_fn};
use shared::aws::{AccountsTable, Secret, SecretError, SecretValues, config, connection};
use shared::contact::Contacts;
use shared::instance::InstanceCache;
use shared::ledger::LateSlots;
use shared::message::{DeliveryQueues, MessageRepository, SETTLE_QUEUE, Transitions, UnknownOutcomeQueue};
use shared::observability::{log, metrics};
use shared::security::{MasterKeys, SecretCache, SecretCipher};
use shared::whatsapp::{CallbackTagger, WhatsAppClient};

use deliverer::{Deliverer, DeliverySecrets};
use posts_in_progress::PostsInProgress;
use slot_waits::SlotWaits;

/// Handles events of Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    log::init("deliver");
    metrics::init()?;
    let config = config::load().await;
    let dynamodb = dynamodb::Client::new(&config);
    let connected = connection::open(&dynamodb);
    let sqs = sqs::Client::new(&config);
    let accounts = AccountsTable::from_environment(dynamodb.clone())?;
    let messages = MessageRepository::from_environment(dynamodb.clone())?;
    let secrets = SecretCache::load(&config, &[Secret::MasterKeys, Secret::CallbackKeys], read_secrets).await?;
    let deliverer = &Deliverer {
        instances: InstanceCache::new(accounts.clone()),
        contacts: Contacts::from_environment(dynamodb, messages.clone())?,
        late_slots: LateSlots::new(accounts.clone()),
        transitions: Transitions::new(messages.clone(), accounts.clone()),
        messages,
        accounts,
        queues: DeliveryQueues::from_environment(sqs.clone())?,
        unknown_outcomes: UnknownOutcomeQueue::from_environment(sqs, SETTLE_QUEUE)?,
        whatsapp: WhatsAppClient::from_environment()?,
        slot_waits: SlotWaits::default(),
        posts: PostsInProgress::default(),
        secrets,
    };
    connected.await;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        deliverer.secrets.refresh().await;
        Ok::<_, lambda_runtime::Error>(metrics::flush_after(sqs_batch::deliver(deliverer, event)).await)
    }))
    .await
}

fn read_secrets(values: &SecretValues) -> Result<DeliverySecrets, SecretError> {
    let master_keys = MasterKeys::read(Secret::MasterKeys, values.required(Secret::MasterKeys)?)?;
    let callback_keys = MasterKeys::read(Secret::CallbackKeys, values.required(Secret::CallbackKeys)?)?;
    Ok(DeliverySecrets { cipher: SecretCipher::new(&master_keys), tagger: CallbackTagger::new(&callback_keys, None) })
}
