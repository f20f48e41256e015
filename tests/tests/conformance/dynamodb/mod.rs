//! What DynamoDB and its streams do, asked over the wire through the AWS SDK.

mod items;
mod streams;
mod tables;
