//! `manage`: what customers ask about messages, instances and webhooks, and what the operator asks. It also answers
//! every wrong path and method.

mod admin;
mod answer;
mod endpoint;
mod instances;
mod messages;
pub mod openapi;
mod query;
mod router;
mod webhooks;
mod whatsapp;

use std::sync::Arc;

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_sqs as sqs;
use lambda_http::{Request, service_fn};
use shared::account_table::AccountTable;
use shared::authentication::Authenticator;
use shared::books::Books;
use shared::key_limit::KeyLimiter;
use shared::master_keys::MasterKeys;
use shared::message_table::MessageTable;
use shared::outbound::Outbound;
use shared::sealed::Sealer;
use shared::webhook_endpoint::Endpoints;
use shared::webhook_queue::WebhookQueue;
use shared::{cloud, environment, log, metrics};

use admin::AdminKey;
use router::Manager;
use whatsapp::WhatsApp;

/// Takes events from Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_http::Error> {
    log::init("manage");
    metrics::init()?;
    let config = cloud::config().await;
    let dynamodb = dynamodb::Client::new(&config);
    let accounts = AccountTable::from_environment(dynamodb.clone())?;
    let manager = Arc::new(Manager {
        authenticator: Authenticator::new(accounts.clone()),
        limiter: KeyLimiter::new(accounts.clone()),
        books: Books { messages: MessageTable::from_environment(dynamodb)?, accounts },
        sealer: Sealer::new(&MasterKeys::from_environment()?),
        whatsapp: WhatsApp::from_environment()?,
        endpoints: Endpoints::new(Outbound::from_environment()?),
        webhooks: WebhookQueue::from_environment(sqs::Client::new(&config))?,
        admin_key: AdminKey::new(&environment::secret("ADMIN_KEY")?),
        retention: environment::retention()?,
    });
    lambda_http::run(service_fn(move |request: Request| {
        let manager = manager.clone();
        async move { Ok::<_, lambda_http::Error>(metrics::written(manager.handle(&request)).await) }
    }))
    .await
}
