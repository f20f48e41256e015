//! Starts the stack's servers: tables, queues, buckets, the API and the callback URL.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::clients::Clients;
use super::console_keys::ConsoleKeys;
use super::dynamodb::DynamoDb;
use super::options::Options;
use super::start_error::StartError;
use super::template::{Deployment, EventSource};
use crate::aws::{ACCOUNT_ID, REGION};
use crate::clock::Clock;
use crate::lambda::Function;
use crate::lambda::gateway::{self, Routes};
use crate::s3::{self, Announcement, AnnouncingStore};
use crate::sqs::{Sqs, SqsError};

/// Creates the tables and serves them.
pub fn serve_tables(
    deployment: &Deployment,
    options: &Options,
    clock: &Clock,
    listener: TcpListener,
) -> Result<(DynamoDb, Vec<JoinHandle<()>>), StartError> {
    let file = options.data.as_ref().map(|folder| folder.join("tables.sqlite"));
    let tables = DynamoDb::open(file.as_deref(), clock)?;
    for table in &deployment.tables {
        tables.create(table)?;
    }
    let tasks = vec![tables.serve(listener), tables.delete_expired(clock.clone())];
    Ok((tables, tasks))
}

/// Creates the queues and serves them.
pub fn serve_queues(
    deployment: &Deployment,
    clock: &Clock,
    listener: TcpListener,
) -> Result<JoinHandle<()>, StartError> {
    let sqs = Arc::new(Sqs::new(clock.clone(), REGION, ACCOUNT_ID));
    let server = sqs.clone().serve(listener)?; // before the queues are created, so that they have their URLs
    for queue in &deployment.queues {
        let failed = |error: SqsError| StartError::Queues(format!("{}: {}: {error}", queue.name, error.as_ref()));
        sqs.create_queue(&queue.name, &queue.attributes).map_err(failed)?;
    }
    Ok(tokio::spawn(async move { drop(server.await) }))
}

/// Creates the buckets below `folder` and serves them. What is put into them is announced in their queues.
pub fn serve_buckets(
    deployment: &Deployment,
    folder: &Path,
    (sqs_url, clients): (&str, &Clients),
    listener: TcpListener,
) -> Result<JoinHandle<()>, StartError> {
    std::fs::create_dir_all(folder)?; // also where there is no bucket
    for bucket in &deployment.buckets {
        std::fs::create_dir_all(folder.join(&bucket.name))?;
    }
    let announcements = deployment.buckets.iter().flat_map(|bucket| {
        bucket.announcements.iter().map(|(prefix, queue)| Announcement {
            bucket: bucket.name.clone(),
            prefix: prefix.clone(),
            queue_url: format!("{sqs_url}/{ACCOUNT_ID}/{queue}"),
        })
    });
    let store = AnnouncingStore::new(folder, announcements.collect(), clients.sqs.clone());
    Ok(s3::serve(listener, store.map_err(|error| StartError::Objects(format!("{error:?}")))?))
}

/// Serves the API's routes, and the function that has a function URL.
pub fn serve_http(
    deployment: &Deployment,
    functions: &BTreeMap<String, Function>,
    (api, callback): (TcpListener, TcpListener),
    console_keys: &ConsoleKeys,
) -> Vec<JoinHandle<()>> {
    let mut routes = Routes::default();
    for function in &deployment.functions {
        for source in &function.event_sources {
            if let EventSource::HttpApi(route) = source {
                let method = route.method.as_ref().map(|method| method.to_uppercase()).filter(|method| method != "ANY");
                let path = route.path.as_deref().filter(|path| *path != "$default");
                routes.add(method.as_deref(), path, functions[&function.name].clone());
            }
        }
    }
    let mut callbacks = Routes::default();
    if let Some(function) = deployment.functions.iter().find(|function| function.has_url) {
        callbacks.add(None, None, functions[&function.name].clone());
    }
    vec![gateway::serve(api, routes, console_keys.router()), gateway::serve(callback, callbacks, Router::new())]
}
