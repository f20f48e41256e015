//! `receive`: processes WhatsApp's callbacks. verify -> each update on its own: status of a message, inbound message, or
//! what concerns a number or a business account.
//!
//! Only 200 acknowledges a callback, and WhatsApp repeats it otherwise for days: so an update that does not concern us is
//! acknowledged, and one that could not be stored is not. One that cannot be read is kept for the operator.

mod account_update;
mod activity;
mod app_secrets;
mod app_shared_numbers;
mod business_numbers;
mod callback_liveness;
mod handler;
mod inbound;
mod instance_change;
mod messages_of_callback;
mod number_owners;
mod over_quota;
mod own_app_limit;
mod received_files;
mod receiver;
mod recipient;
mod referenced_message;
mod secrets;
mod status_update;
mod store_error;
mod unowned;
mod unread;

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_http::{Request, service_fn};
use shared::account::DailyQuota;
use shared::aws::{AccountsTable, config, connection, environment};
use shared::cache::Cache;
use shared::contact::Contacts;
use shared::message::{MessageRepository, Transitions};
use shared::observability::{log, metrics};
use shared::security::SecretCache;
use shared::unread_callback::UnreadCallbacks;

pub use account_update::event_descriptions;

use business_numbers::BusinessNumbers;
use callback_liveness::CallbackLiveness;
use number_owners::NumberOwners;
use own_app_limit::OwnAppLimit;
use received_files::ReceivedFiles;
use receiver::Receiver;
use secrets::ReceiveSecrets;

/// Handles events of Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_http::Error> {
    log::init("receive");
    metrics::init()?;
    let config = config::load().await;
    let dynamodb = dynamodb::Client::new(&config);
    let connected = connection::open(&dynamodb);
    let accounts = AccountsTable::from_environment(dynamodb.clone())?;
    let messages = MessageRepository::from_environment(dynamodb.clone())?;
    let receiver = &Receiver {
        retention: environment::retention()?,
        secrets: SecretCache::load(&config, &secrets::READ, ReceiveSecrets::read).await?,
        number_owners: NumberOwners::new(accounts.clone()),
        shared_with_app: Cache::default(),
        business_numbers: BusinessNumbers::new(accounts.clone()),
        quota: DailyQuota::inbound(accounts.clone(), environment::parsed("INBOUND_PER_REQUEST")?),
        own_apps: OwnAppLimit::new(accounts.clone()),
        liveness: CallbackLiveness::new(accounts.clone()),
        contacts: Contacts::from_environment(dynamodb.clone(), messages.clone())?,
        transitions: Transitions::new(messages.clone(), accounts.clone()),
        messages,
        files: ReceivedFiles::from_environment(accounts.clone(), sqs::Client::new(&config))?,
        accounts,
        unread: UnreadCallbacks::from_environment(dynamodb)?,
    };
    connected.await;
    lambda_http::run(service_fn(move |request: Request| async move {
        receiver.secrets.refresh().await;
        Ok::<_, lambda_http::Error>(metrics::flush_after(receiver.handle(&request)).await)
    }))
    .await
}
