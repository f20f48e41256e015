//! The behaviour of DynamoDB and its streams, tested over the wire with the AWS SDK.

mod items;
mod streams;
mod tables;
