//! `receive`: takes WhatsApp's callbacks. verify -> each update on its own: tag -> record -> forward.
//!
//! Only 200 acknowledges, and WhatsApp repeats everything else for days: so an update that says nothing to us is
//! acknowledged, and only one that could not be stored is not.

mod callback;
mod half_pairs;
mod handler;
mod heard;
mod inbound;
mod own_apps;
mod owners;
mod signature;
mod status_update;

use std::sync::Arc;

use aws_sdk_dynamodb as dynamodb;
use lambda_http::{Request, service_fn};
use shared::account_table::AccountTable;
use shared::books::Books;
use shared::master_keys::MasterKeys;
use shared::message_table::MessageTable;
use shared::sealed::Sealer;
use shared::tag::Tagger;
use shared::{cloud, environment, log, metrics};

use handler::Receiver;
use heard::Heard;
use owners::Owners;
use signature::AppSecret;

/// Takes events from Lambda until it ends the process.
pub async fn run() -> Result<(), lambda_http::Error> {
    log::init("receive");
    metrics::init()?;
    let dynamodb = dynamodb::Client::new(&cloud::config().await);
    let accounts = AccountTable::from_environment(dynamodb.clone())?;
    let keys = MasterKeys::from_environment()?;
    let receiver = Arc::new(Receiver {
        retention: environment::retention()?,
        sealer: Sealer::new(&keys),
        owners: Owners::new(accounts.clone()),
        heard: Heard::new(accounts.clone()),
        books: Books { messages: MessageTable::from_environment(dynamodb)?, accounts },
        tagger: Tagger::new(&keys),
        app_secret: AppSecret::new(&environment::secret("WHATSAPP_APP_SECRET")?),
        verify_token: environment::secret("WHATSAPP_VERIFY_TOKEN")?,
    });
    lambda_http::run(service_fn(move |request: Request| {
        let receiver = receiver.clone();
        async move { Ok::<_, lambda_http::Error>(metrics::written(receiver.handle(&request)).await) }
    }))
    .await
}
