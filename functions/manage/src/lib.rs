//! `manage`: the API except for sending. Customers read messages, and manage instances and webhooks; the operator manages
//! accounts. It also answers every unknown path and wrong method, and serves the API reference and the console.
//!
//! Each endpoint is a constant beside its handler; `endpoints` lists them (docs/adr/0021).

mod account;
mod account_bounds;
mod admin_key;
mod api_request;
mod api_response;
mod app_state;
mod batches;
mod chats;
mod console;
mod endpoint;
mod endpoints;
mod instances;
mod listeners;
mod lookup;
mod media;
mod messages;
pub mod openapi;
mod operator;
mod pagination;
mod path_template;
mod prelude;
mod provider;
mod reference;
mod router;
mod secrets;
mod static_file;
mod statistics;
mod templates;
mod webhooks;

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_http::{Request, service_fn};
use shared::account::{Authenticator, DailyQuota};
use shared::aws::{AccountsTable, config, connection, environment};
use shared::cache::Cache;
use shared::contact::Contacts;
use shared::ledger::{KeyLimiter, Ledger, WaitingSlots};
use shared::media::{Bucket, MediaBounds, MediaQueue};
use shared::message::{MessageRepository, Transitions};
use shared::observability::{log, metrics};
use shared::outbound::OutboundClient;
use shared::security::SecretCache;
use shared::unread_callback::{ReplayClient, UnreadCallbacks};
use shared::webhook::{EndpointClient, WebhookQueue};
use shared::whatsapp::WhatsAppClient;

use account_bounds::AccountBounds;
use app_state::AppState;
use router::Router;
use secrets::ManageSecrets;
use webhooks::webhook_count::MaxWebhooks;

/// Handles events of Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_http::Error> {
    log::init("manage");
    metrics::init()?;
    let config = config::load().await;
    let dynamodb = dynamodb::Client::new(&config);
    let connected = connection::open(&dynamodb);
    let sqs = sqs::Client::new(&config);
    let accounts = AccountsTable::from_environment(dynamodb.clone())?;
    let messages = MessageRepository::from_environment(dynamodb.clone())?;
    let secrets = SecretCache::load(&config, &secrets::READ, ManageSecrets::read).await?;
    let bounds = AccountBounds::from_environment(&accounts)?;
    let router = &Router {
        authenticator: Authenticator::new(accounts.clone()),
        limiter: KeyLimiter::new(accounts.clone()),
        state: AppState {
            ledger: Ledger::new(accounts.clone()),
            waiting_slots: WaitingSlots::new(accounts.clone()),
            replay_quota: DailyQuota::replays(accounts.clone()),
            contacts: Contacts::from_environment(dynamodb.clone(), messages.clone())?,
            transitions: Transitions::new(messages.clone(), accounts.clone()),
            accounts,
            messages,
            batch_counts: Cache::default(),
            secrets,
            whatsapp: WhatsAppClient::from_environment()?,
            endpoints: EndpointClient::new(OutboundClient::from_environment()?),
            webhook_queue: WebhookQueue::from_environment(sqs.clone())?,
            bucket: Bucket::from_environment(&config)?,
            media_queue: MediaQueue::from_environment(sqs)?,
            media_bounds: MediaBounds::from_environment()?,
            unread_callbacks: UnreadCallbacks::from_environment(dynamodb)?,
            callback_replays: ReplayClient::from_environment()?,
            retention: environment::retention()?,
            bounds,
            max_webhooks: MaxWebhooks::from_environment()?,
        },
    };
    connected.await;
    lambda_http::run(service_fn(move |request: Request| async move {
        router.state.secrets.refresh().await;
        Ok::<_, lambda_http::Error>(metrics::flush_after(router.handle(&request)).await)
    }))
    .await
}
