//! A table's stream as an event source: one reader a shard, its records spread over lanes by their key, so that each
//! item's changes stay in order while lanes run side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::stream_lane::Lane;
use super::{Checkpoints, Filters};
use crate::template::{REGION, StreamSource};

/// How often a shard is asked for records. AWS asks four times a second; here nobody pays for asking.
const POLL: Duration = Duration::from_millis(25);
/// The records that wait in one lane before the reader waits for it.
const LANE_ROOM: usize = 1000;

/// Reads a table's stream for a function.
pub struct StreamPoller {
    /// The client of the streams' server.
    pub streams: Client,
    /// What the template says.
    pub source: StreamSource,
    /// Which records the function wants.
    pub filters: Filters,
    /// How far the function has read.
    pub checkpoints: Arc<Checkpoints>,
    /// The name under which that is kept.
    pub reader: String,
}

/// One record on its way to the function.
#[derive(Clone, Debug)]
pub struct StreamRecord {
    /// Its place in the shard.
    pub sequence: String,
    /// When it was written, in milliseconds since the epoch.
    pub written_at: i64,
    /// The record as the function gets it.
    pub json: Value,
}

/// The sequence numbers that are not done yet.
#[derive(Debug, Default)]
pub struct Unfinished(Mutex<BTreeSet<String>>);

impl Unfinished {
    fn add(&self, sequence: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(sequence.to_owned());
    }

    /// A record is done: told, filtered out or given up.
    pub fn remove(&self, sequence: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(sequence);
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

impl StreamPoller {
    /// Reads until it is dropped; `lane` makes the lanes.
    pub async fn run(self, lane: Lane) {
        let unfinished = Arc::new(Unfinished::default());
        let mut lanes = JoinSet::new();
        let senders: Vec<_> = (0..self.source.parallelization)
            .map(|_| {
                let (sender, records) = mpsc::channel(LANE_ROOM);
                lanes.spawn(lane.clone().run(records, unfinished.clone()));
                sender
            })
            .collect();
        loop {
            if self.read_shard(&senders, &unfinished).await.is_err() {
                sleep(POLL).await; // the server is going away, or the stream is not there yet
            }
        }
    }

    async fn read_shard(
        &self,
        lanes: &[mpsc::Sender<StreamRecord>],
        unfinished: &Unfinished,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut iterator = self.first_iterator().await?;
        let mut reached = self.checkpoints.get(&self.reader);
        while let Some(current) = iterator {
            let answer = self.streams.get_records().shard_iterator(current).limit(1000).send().await?;
            let records = answer.records.unwrap_or_default();
            let is_idle = records.is_empty();
            for record in records.into_iter().filter_map(stream_record) {
                reached = Some(record.sequence.clone());
                if is_change(&record.json) && self.filters.pass(&record.json) {
                    unfinished.add(&record.sequence);
                    lanes[lane_of(&record.json, lanes.len())].send(record).await?;
                }
            }
            self.checkpoints.note_poll(&self.reader, is_idle, !unfinished.is_empty());
            if let Some(sequence) = reached.as_deref().filter(|_| unfinished.is_empty()) {
                self.checkpoints.set(&self.reader, sequence);
            }
            if is_idle {
                sleep(POLL).await;
            }
            iterator = answer.next_shard_iterator;
        }
        Ok(())
    }

    async fn first_iterator(&self) -> Result<Option<String>, Box<dyn std::error::Error + Send + Sync>> {
        let listed = self.streams.list_streams().table_name(&self.source.table).send().await?;
        let arn = listed.streams().last().and_then(|stream| stream.stream_arn()).ok_or("the table has no stream")?;
        let described = self.streams.describe_stream().stream_arn(arn).send().await?;
        let shards = described.stream_description.and_then(|stream| stream.shards).unwrap_or_default();
        let shard = shards.last().and_then(|shard| shard.shard_id()).ok_or("the stream has no shard")?;
        let request = self.streams.get_shard_iterator().stream_arn(arn).shard_id(shard);
        let request = match self.checkpoints.get(&self.reader) {
            Some(sequence) => {
                request.shard_iterator_type(ShardIteratorType::AfterSequenceNumber).sequence_number(sequence)
            }
            None if self.source.from_the_oldest => request.shard_iterator_type(ShardIteratorType::TrimHorizon),
            None => request.shard_iterator_type(ShardIteratorType::Latest),
        };
        Ok(request.send().await?.shard_iterator)
    }
}

/// dynoxide records a put that changes nothing; AWS does not.
fn is_change(record: &Value) -> bool {
    record["eventName"] != "MODIFY" || record["dynamodb"]["OldImage"] != record["dynamodb"]["NewImage"]
}

fn lane_of(record: &Value, lanes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    record["dynamodb"]["Keys"].to_string().hash(&mut hasher);
    usize::try_from(hasher.finish() % lanes as u64).unwrap_or_default()
}

fn stream_record(record: Record) -> Option<StreamRecord> {
    let change = record.dynamodb?;
    let sequence = change.sequence_number?;
    let written_at = change.approximate_creation_date_time?.to_millis().ok()?;
    let mut images = json!({
        "ApproximateCreationDateTime": written_at / 1000,
        "SequenceNumber": sequence,
        "SizeBytes": change.size_bytes,
        "StreamViewType": change.stream_view_type.map(|view| view.as_str().to_owned()),
    });
    let items = BTreeMap::from([("Keys", change.keys), ("NewImage", change.new_image), ("OldImage", change.old_image)]);
    for (name, item) in items {
        if let Some(item) = item {
            images[name] = serde_json::to_value(serde_dynamo::Item::from(item)).ok()?;
        }
    }
    let json = json!({
        "eventID": record.event_id,
        "eventName": record.event_name.map(|name| name.as_str().to_owned()),
        "eventVersion": record.event_version,
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": images,
        "userIdentity": record.user_identity.map(|who| json!({ "type": who.r#type, "principalId": who.principal_id })),
    });
    Some(StreamRecord { sequence, written_at, json })
}
