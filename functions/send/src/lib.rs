//! `send`: accepts a message. authenticate -> parse -> instance -> limits -> template -> preflight -> charge -> record and
//! enqueue -> 202.
//!
//! A 202 promises that the message will reach `sent` or `failed`, so the response comes after the message is stored and
//! queued, and a message that could not be queued is withdrawn.

mod batch;
mod connected_instance;
mod content;
mod handler;
mod idempotency_ids;
mod idempotent_request;
pub mod openapi;
mod preflight;
mod recipient_checks;
mod record_and_enqueue;
mod repeats;
mod send_request;
mod send_request_body;
mod sender;
mod service_window_check;
mod stale_reservations;
mod template_check;
mod template_copies;
mod template_source;
mod uploaded_file;
mod wait_budget;

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_http::{Request, service_fn};
use shared::account::Authenticator;
use shared::aws::{AccountsTable, Secret, SecretError, SecretValues, config, connection, environment};
use shared::contact::Contacts;
use shared::instance::InstanceCache;
use shared::ledger::{Charger, Ledger};
use shared::message::{DeliveryQueues, MessageRepository};
use shared::observability::{log, metrics};
use shared::outbound::OutboundClient;
use shared::security::{MasterKeys, SecretCache};
use shared::whatsapp::WhatsAppClient;

use idempotency_ids::IdempotencyIds;
use preflight::Preflight;
use sender::Sender;
use template_copies::TemplateCopies;
use template_source::TemplateSource;

/// Handles events of Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_http::Error> {
    log::init("send");
    metrics::init()?;
    let config = config::load().await;
    let dynamodb = dynamodb::Client::new(&config);
    let connected = connection::open(&dynamodb);
    let accounts = AccountsTable::from_environment(dynamodb.clone())?;
    let messages = MessageRepository::from_environment(dynamodb.clone())?;
    let earlier_keys: &[Secret] = if derives_earlier_ids() { &[Secret::MasterKeys] } else { &[] };
    let sender = &Sender {
        authenticator: Authenticator::new(accounts.clone()),
        instances: InstanceCache::new(accounts.clone()),
        contacts: Contacts::from_environment(dynamodb, messages.clone())?,
        messages,
        queues: DeliveryQueues::from_environment(sqs::Client::new(&config))?,
        preflight: Preflight::new(OutboundClient::from_environment()?),
        charger: Charger::new(accounts.clone()),
        ledger: Ledger::new(accounts.clone()),
        idempotency: SecretCache::load(&config, earlier_keys, read_secrets).await?,
        templates: TemplateCopies::new(
            accounts.clone(),
            TemplateSource::new(config, WhatsAppClient::from_environment()?),
        ),
        accounts,
        retention: environment::retention()?,
    };
    connected.await;
    lambda_http::run(service_fn(move |request: Request| async move {
        sender.idempotency.refresh().await;
        Ok::<_, lambda_http::Error>(metrics::flush_after(sender.handle(&request)).await)
    }))
    .await
}

/// Whether the deployment was upgraded from a version that derived messages' ids with `MasterKeys`.
fn derives_earlier_ids() -> bool {
    environment::optional("EARLIER_KEYS").is_some_and(|value| value == "true")
}

fn read_secrets(values: &SecretValues) -> Result<IdempotencyIds, SecretError> {
    let keys = values.get(Secret::MasterKeys).map(|value| MasterKeys::read(Secret::MasterKeys, value));
    Ok(IdempotencyIds::new(keys.transpose()?.as_ref()))
}
