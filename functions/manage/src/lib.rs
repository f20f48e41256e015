//! `manage`: what customers ask about their messages. It also answers every wrong path and method.

mod message_status;
mod router;

use std::sync::Arc;

use aws_sdk_dynamodb as dynamodb;
use lambda_http::{Request, service_fn};
use shared::account_table::AccountTable;
use shared::authentication::Authenticator;
use shared::message_table::MessageTable;
use shared::{cloud, log};

use router::Manager;

/// Takes events from Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_http::Error> {
    log::init("manage");
    let dynamodb = dynamodb::Client::new(&cloud::config().await);
    let manager = Arc::new(Manager {
        authenticator: Authenticator::new(AccountTable::from_environment(dynamodb.clone())?),
        messages: MessageTable::from_environment(dynamodb)?,
    });
    lambda_http::run(service_fn(move |request: Request| {
        let manager = manager.clone();
        async move { Ok::<_, lambda_http::Error>(manager.handle(&request).await) }
    }))
    .await
}
