//! The event source mapping of a table's stream: reads the shard and distributes its records over batch processors by
//! their key, so that the changes of one item stay in order while the processors run concurrently.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::types::ShardIteratorType;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::checkpoints::Checkpoints;
use super::filter_criteria::FilterCriteria;
use super::mapping::{StartingPosition, StreamMapping};
use super::stream_batch_processor::StreamBatchProcessor;
use super::stream_record::StreamRecord;
use crate::clock::Clock;

/// The time between two polls of an idle shard, as Lambda's
/// (<https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>).
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// The time after which an idle shard is looked into, and polled earlier if there are records. A poll is an HTTP request,
/// perhaps through a proxy: forty a second would use a third of a core in a debug build.
const LOOK_INTERVAL: Duration = Duration::from_millis(25);
/// How many records one batch processor buffers.
const PROCESSOR_BUFFER: usize = 1000;

/// Reads a table's stream for a function.
pub struct StreamPoller {
    pub streams: Client,
    pub mapping: Arc<StreamMapping>,
    pub filters: FilterCriteria,
    pub checkpoints: Arc<Checkpoints>,
    /// This reader's name in the checkpoints.
    pub reader: String,
    pub clock: Clock,
    /// Whether there are records after a shard iterator, without a request.
    pub has_records: HasRecords,
}

/// Whether there are records after a shard iterator.
pub type HasRecords = Arc<dyn Fn(&str) -> bool + Send + Sync>;

impl StreamPoller {
    /// Reads the stream until it is dropped, with clones of `processor` as batch processors.
    pub async fn run(self, processor: StreamBatchProcessor) {
        let pending = Arc::new(AtomicUsize::new(0));
        let mut processors = JoinSet::new();
        let senders: Vec<_> = (0..self.mapping.parallelization_factor.clamp(1, 10))
            .map(|_| {
                let (sender, records) = mpsc::channel(PROCESSOR_BUFFER);
                processors.spawn(processor.clone().run(records, pending.clone()));
                sender
            })
            .collect();
        loop {
            if self.read_shard(&senders, &pending).await.is_err() {
                sleep(POLL_INTERVAL).await; // the server is stopping, or the stream does not exist yet
            }
        }
    }

    async fn read_shard(
        &self,
        processors: &[mpsc::Sender<StreamRecord>],
        pending: &AtomicUsize,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut iterator = self.first_iterator().await?;
        let mut last_read = self.checkpoints.get(&self.reader);
        while let Some(current) = iterator {
            let requested = self.checkpoints.requested_polls();
            let response = self.streams.get_records().shard_iterator(current).limit(1000).send().await?;
            let records = response.records.unwrap_or_default();
            let (is_idle, read_at) = (records.is_empty(), self.clock.now());
            for record in records.into_iter().filter_map(|record| StreamRecord::from_api(record, read_at)) {
                last_read = Some(record.sequence.clone());
                if record.is_change() && self.filters.matches(&record.json) {
                    pending.fetch_add(1, Ordering::Relaxed);
                    processors[record.partition(processors.len())].send(record).await?;
                }
            }
            let has_pending = pending.load(Ordering::Relaxed) > 0;
            self.checkpoints.record_poll(&self.reader, is_idle, has_pending);
            if let Some(sequence) = last_read.as_deref().filter(|_| !has_pending) {
                self.checkpoints.set(&self.reader, sequence);
            }
            iterator = response.next_shard_iterator;
            if let Some(next) = iterator.as_deref().filter(|_| is_idle) {
                self.wait_for_records(next, requested).await;
            }
        }
        Ok(())
    }

    /// Waits until there are records, or somebody requests a poll after the number that was `requested` before.
    async fn wait_for_records(&self, iterator: &str, requested: usize) {
        let until = Instant::now() + POLL_INTERVAL;
        loop {
            sleep(LOOK_INTERVAL).await;
            let is_requested = self.checkpoints.requested_polls() != requested;
            if is_requested || Instant::now() >= until || (self.has_records)(iterator) {
                return;
            }
        }
    }

    async fn first_iterator(&self) -> Result<Option<String>, Box<dyn std::error::Error + Send + Sync>> {
        let listed = self.streams.list_streams().table_name(&self.mapping.table).send().await?;
        let arn = listed.streams().last().and_then(|stream| stream.stream_arn()).ok_or("the table has no stream")?;
        let described = self.streams.describe_stream().stream_arn(arn).send().await?;
        let shards = described.stream_description.and_then(|stream| stream.shards).unwrap_or_default();
        let shard = shards.last().and_then(|shard| shard.shard_id()).ok_or("the stream has no shard")?;
        let request = self.streams.get_shard_iterator().stream_arn(arn).shard_id(shard);
        let checkpoint = self.checkpoints.get(&self.reader);
        let kind = match (&checkpoint, &self.mapping.starting_position) {
            (Some(_), _) => ShardIteratorType::AfterSequenceNumber,
            (None, StartingPosition::TrimHorizon) => ShardIteratorType::TrimHorizon,
            (None, StartingPosition::Latest) => ShardIteratorType::Latest,
        };
        let request = request.shard_iterator_type(kind).set_sequence_number(checkpoint);
        Ok(request.send().await?.shard_iterator)
    }
}
