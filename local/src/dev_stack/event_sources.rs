//! Starts the event source mappings and schedules of the template's functions.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::clients::Clients;
use super::start_error::StartError;
use super::template::{self, EventSource};
use crate::aws::ACCOUNT_ID;
use crate::clock::Clock;
use crate::lambda::Function;
use crate::lambda::event_sources::{
    Checkpoints, FilterCriteria, HasRecords, SqsMapping, SqsPoller, StreamBatchProcessor, StreamMapping, StreamPoller,
    run_schedule,
};

/// The most concurrent batches of one queue: fewer than a function's concurrency, so that no queue uses all of it.
const MAX_POLLERS: usize = 4;

/// What pollers and schedules need of the stack.
pub struct SourceContext<'a> {
    pub sqs_url: &'a str,
    pub clients: &'a Clients,
    pub clock: &'a Clock,
    pub checkpoints: &'a Arc<Checkpoints>,
    pub has_records: HasRecords,
}

impl SourceContext<'_> {
    /// Starts the pollers and schedules of all functions.
    pub fn start_all(
        &self,
        deployed: Vec<template::Function>,
        functions: &BTreeMap<String, Function>,
    ) -> Result<Vec<JoinHandle<()>>, StartError> {
        let mut tasks = Vec::new();
        for deployed in deployed {
            let function = &functions[&deployed.name];
            for source in deployed.event_sources {
                match source {
                    EventSource::HttpApi(_) => {}
                    EventSource::Sqs(mapping) => tasks.extend(self.poll_queue(function, mapping)?),
                    EventSource::Stream(mapping) => tasks.push(self.poll_stream(function, mapping.into())?),
                    EventSource::Schedule(rate) => {
                        tasks.push(tokio::spawn(run_schedule(function.clone(), rate, self.clock.clone())));
                    }
                }
            }
        }
        Ok(tasks)
    }

    /// Starts one poller for each concurrent batch of a queue.
    fn poll_queue(&self, function: &Function, mapping: SqsMapping) -> Result<Vec<JoinHandle<()>>, StartError> {
        let pollers = mapping.max_concurrency.unwrap_or(MAX_POLLERS).min(MAX_POLLERS);
        let poller = Arc::new(SqsPoller {
            sqs: self.clients.sqs.clone(),
            queue_url: self.queue_url(&mapping.queue),
            function: function.clone(),
            filters: FilterCriteria::new(&mapping.filter_patterns)?,
            mapping,
        });
        Ok((0..pollers).map(|_| tokio::spawn(poller.clone().run())).collect())
    }

    fn poll_stream(&self, function: &Function, mapping: Arc<StreamMapping>) -> Result<JoinHandle<()>, StartError> {
        let processor = StreamBatchProcessor {
            function: function.clone(),
            clock: self.clock.clone(),
            mapping: mapping.clone(),
            on_failure: mapping.on_failure.as_ref().map(|queue| (self.clients.sqs.clone(), self.queue_url(queue))),
        };
        // Versions in which a function had one reader of a stream named it so.
        self.checkpoints.inherit(&mapping.id, &format!("{}/{}", function.name(), mapping.table));
        let poller = StreamPoller {
            streams: self.clients.streams.clone(),
            filters: FilterCriteria::new(&mapping.filter_patterns)?,
            checkpoints: self.checkpoints.clone(),
            reader: mapping.id.clone(),
            clock: self.clock.clone(),
            has_records: self.has_records.clone(),
            mapping,
        };
        Ok(tokio::spawn(poller.run(processor)))
    }

    fn queue_url(&self, queue: &str) -> String {
        format!("{}/{ACCOUNT_ID}/{queue}", self.sqs_url)
    }
}
