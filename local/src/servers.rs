//! The stack's servers: tables, queues, the API and the callback address, as the template has them.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::dynamodb::DynamoDb;
use crate::gateway::{self, Routes};
use crate::lambda::Function;
use crate::sqs::Sqs;
use crate::stack::Options;
use crate::start_error::StartError;
use crate::template::{ACCOUNT, Deployment, REGION, Source};

/// Makes the tables and serves them.
pub fn serve_tables(
    deployment: &Deployment,
    options: &Options,
    clock: &Clock,
    listener: TcpListener,
) -> Result<Vec<JoinHandle<()>>, StartError> {
    let file = options.data.as_ref().map(|folder| folder.join("tables.sqlite"));
    let failed = |error: dynoxide::DynoxideError| StartError::Tables(error.to_string());
    let tables = DynamoDb::open(file.as_deref(), clock)?;
    for table in &deployment.tables {
        tables.create(table).map_err(failed)?;
    }
    Ok(vec![tables.serve(listener), tables.sweep(clock.clone())])
}

/// Makes the queues and serves them.
pub fn serve_queues(
    deployment: &Deployment,
    clock: &Clock,
    listener: TcpListener,
) -> Result<JoinHandle<()>, StartError> {
    let sqs = Arc::new(Sqs::in_account(clock.clone(), REGION, ACCOUNT));
    let server = sqs.clone().serve(listener)?; // from here on, queues have their addresses
    for queue in &deployment.queues {
        let attributes = queue.attributes.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let failed = |error| StartError::Queues(format!("{}: {error}", queue.name));
        sqs.create_queue(&queue.name, &attributes).map_err(failed)?;
    }
    Ok(tokio::spawn(async move { drop(server.await) }))
}

/// Serves the API's routes, and the function that has an address of its own.
pub fn serve_http(
    deployment: &Deployment,
    functions: &BTreeMap<String, Function>,
    api: TcpListener,
    callback: TcpListener,
) -> Vec<JoinHandle<()>> {
    let mut routes = Routes::default();
    for function in &deployment.functions {
        for source in &function.sources {
            if let Source::Http(http) = source {
                routes.add(http.method.as_deref(), http.path.as_deref(), functions[&function.name].clone());
            }
        }
    }
    let with_url = deployment.functions.iter().find(|function| function.has_url);
    let callbacks = with_url.map(|function| Routes::all_to(functions[&function.name].clone()));
    vec![gateway::serve(api, routes), gateway::serve(callback, callbacks.unwrap_or_default())]
}
