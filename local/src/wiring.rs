//! The event sources that the template gives the functions, started.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::clients::Clients;
use crate::clock::Clock;
use crate::lambda::Function;
use crate::listeners::Addresses;
use crate::sources::{self, Checkpoints, Filters, Lane, QueuePoller, StreamPoller};
use crate::start_error::StartError;
use crate::template::{self, ACCOUNT, QueueSource, Source, StreamSource};

/// The most batches of one queue side by side: fewer than a function may have environments, so that no queue takes all of
/// them from another.
const MAX_POLLERS: usize = 4;

/// Starts what polls and ticks; requests have their own servers.
pub fn start(
    deployed: Vec<template::Function>,
    functions: &BTreeMap<String, Function>,
    addresses: &Addresses,
    clients: &Clients,
    clock: &Clock,
    checkpoints: &Arc<Checkpoints>,
) -> Result<Vec<JoinHandle<()>>, StartError> {
    let mut tasks = Vec::new();
    for deployed in deployed {
        let function = &functions[&deployed.name];
        for source in deployed.sources {
            match source {
                Source::Http(_) => {}
                Source::Queue(source) => tasks.extend(poll_queue(function, source, addresses, clients)?),
                Source::Stream(source) => {
                    tasks.push(poll_stream(function, source, addresses, clients, clock, checkpoints)?);
                }
                Source::Schedule(source) => {
                    tasks.push(tokio::spawn(sources::run_schedule(function.clone(), &source, clock.clone())));
                }
            }
        }
    }
    Ok(tasks)
}

/// As many pollers as the source may run side by side: each waits for its own batch.
fn poll_queue(
    function: &Function,
    source: QueueSource,
    addresses: &Addresses,
    clients: &Clients,
) -> Result<Vec<JoinHandle<()>>, StartError> {
    let pollers = source.max_concurrency.unwrap_or(MAX_POLLERS).min(MAX_POLLERS);
    let poller = Arc::new(QueuePoller {
        sqs: clients.sqs.clone(),
        queue_url: queue_url(addresses, &source.queue),
        function: function.clone(),
        filters: Filters::new(&source.filters)?,
        source,
    });
    Ok((0..pollers).map(|_| tokio::spawn(poller.clone().run())).collect())
}

fn poll_stream(
    function: &Function,
    source: StreamSource,
    addresses: &Addresses,
    clients: &Clients,
    clock: &Clock,
    checkpoints: &Arc<Checkpoints>,
) -> Result<JoinHandle<()>, StartError> {
    let lane = Lane {
        function: function.clone(),
        clock: clock.clone(),
        batch_size: source.batch_size,
        reports_batch_item_failures: source.reports_batch_item_failures,
        bisects: source.bisects,
        max_retries: source.max_retries,
        max_age: source.max_age,
        on_failure: source.on_failure.as_ref().map(|queue| (clients.sqs.clone(), queue_url(addresses, queue))),
    };
    let poller = StreamPoller {
        streams: clients.streams.clone(),
        filters: Filters::new(&source.filters)?,
        checkpoints: checkpoints.clone(),
        reader: format!("{}/{}", function.name(), source.table),
        source,
    };
    Ok(tokio::spawn(poller.run(lane)))
}

fn queue_url(addresses: &Addresses, queue: &str) -> String {
    format!("{}/{ACCOUNT}/{queue}", addresses.sqs)
}
