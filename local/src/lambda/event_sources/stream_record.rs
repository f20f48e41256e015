//! A record of a table's stream on its way to a function.

use std::hash::{DefaultHasher, Hash, Hasher};

use aws_sdk_dynamodbstreams::types::Record;
use serde_json::{Value, json};

use crate::aws::REGION;

/// A stream record.
#[derive(Clone, Debug)]
pub struct StreamRecord {
    pub sequence: String,
    /// When it was written, in milliseconds since the epoch.
    pub written_at: i64,
    /// When it was read, by the same clock.
    pub read_at: i64,
    /// The record as the function receives it.
    pub json: Value,
}

impl StreamRecord {
    /// Converts a record of the DynamoDB Streams API that was read at `read_at`; none when a required field is missing.
    pub fn from_api(record: Record, read_at: i64) -> Option<Self> {
        let change = record.dynamodb?;
        let sequence = change.sequence_number?;
        let written_at = change.approximate_creation_date_time?.to_millis().ok()?;
        let mut images = json!({
            "ApproximateCreationDateTime": written_at / 1000,
            "SequenceNumber": sequence,
            "SizeBytes": change.size_bytes,
            "StreamViewType": change.stream_view_type.map(|view| view.as_str().to_owned()),
        });
        for (name, item) in [("Keys", change.keys), ("NewImage", change.new_image), ("OldImage", change.old_image)] {
            if let Some(item) = item {
                images[name] = serde_json::to_value(serde_dynamo::Item::from(item)).ok()?;
            }
        }
        let identity = record.user_identity.map(|who| json!({ "type": who.r#type, "principalId": who.principal_id }));
        let json = json!({
            "eventID": record.event_id,
            "eventName": record.event_name.map(|name| name.as_str().to_owned()),
            "eventVersion": record.event_version,
            "eventSource": "aws:dynamodb",
            "awsRegion": REGION,
            "dynamodb": images,
            "userIdentity": identity,
        });
        Some(Self { sequence, written_at, read_at, json })
    }

    /// Whether the record changes its item: dynoxide records a put that changes nothing, DynamoDB does not.
    pub fn is_change(&self) -> bool {
        self.json["eventName"] != "MODIFY" || self.json["dynamodb"]["OldImage"] != self.json["dynamodb"]["NewImage"]
    }

    /// The partition that the record belongs to: all records of one item belong to the same.
    pub fn partition(&self, partitions: usize) -> usize {
        let mut hasher = DefaultHasher::new();
        self.json["dynamodb"]["Keys"].to_string().hash(&mut hasher);
        usize::try_from(hasher.finish() % partitions as u64).unwrap_or_default()
    }
}
