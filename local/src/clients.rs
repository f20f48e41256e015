//! Clients of the stack's own servers: the AWS SDK's, over the wire, as any outsider's.

use aws_config::{AppName, BehaviorVersion, Region};
use aws_sdk_sqs::config::Credentials;

use crate::template::REGION;

/// The clients.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Of the tables.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Of their streams.
    pub streams: aws_sdk_dynamodbstreams::Client,
    /// Of the queues.
    pub sqs: aws_sdk_sqs::Client,
}

impl Clients {
    /// Clients of the servers at these addresses, which name themselves to them.
    pub async fn of(dynamodb: &str, sqs: &str, name: &'static str) -> Self {
        let base = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .app_name(AppName::new(name).expect("letters"))
            .credentials_provider(Credentials::new("local", "local", None, None, "the laptop"))
            .load()
            .await;
        let at = |url: &str| base.to_builder().endpoint_url(url).build();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&at(dynamodb)),
            streams: aws_sdk_dynamodbstreams::Client::new(&at(dynamodb)),
            sqs: aws_sdk_sqs::Client::new(&at(sqs)),
        }
    }
}
