//! AWS SDK clients of the stack's servers, over HTTP like any other client.

use aws_config::{AppName, BehaviorVersion, Region};
use aws_sdk_sqs::config::Credentials;

use crate::aws::REGION;

/// Clients of the stack's servers.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The client of DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// The client of DynamoDB Streams.
    pub streams: aws_sdk_dynamodbstreams::Client,
    /// The client of SQS.
    pub sqs: aws_sdk_sqs::Client,
}

impl Clients {
    /// Clients of the servers at these URLs. `application` is their name in the requests' user agent.
    pub async fn new(dynamodb: &str, sqs: &str, application: &'static str) -> Self {
        let base = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .app_name(AppName::new(application).expect("letters"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
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
