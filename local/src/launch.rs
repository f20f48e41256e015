//! The template's functions as processes of this machine.

use std::collections::BTreeMap;
use std::path::Path;

use futures::future::try_join_all;

use crate::lambda::{Function, Launch};
use crate::listeners::Addresses;
use crate::secrets::Secrets;
use crate::stack::{Options, StandIn};
use crate::start_error::StartError;
use crate::template::{self, ACCOUNT, Deployment, REGION};

/// The functions, none of them started.
pub fn functions(
    deployment: &Deployment,
    options: &Options,
    addresses: &Addresses,
    secrets: &Secrets,
    clock_file: &Path,
) -> Result<BTreeMap<String, Function>, StartError> {
    let functions = deployment.functions.iter().map(|function| {
        let mut variables = environment(function, options, addresses, clock_file);
        for (name, value) in &function.variables {
            let value = secrets.resolve(value).map_err(|problem| StartError::Variable(name.clone(), problem))?;
            variables.insert(name.clone(), value);
        }
        let itself = (options.program.clone(), vec!["function".to_owned(), function.name.clone()]);
        let StandIn { command, variables: own } = options.stand_ins.get(&function.name).cloned().unwrap_or_default();
        let (program, arguments) = command.unwrap_or(itself);
        variables.extend(own);
        let launch = Launch {
            name: function.name.clone(),
            arn: format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", function.name),
            program,
            arguments,
            variables,
            log: options.logs.join(format!("{}.log", function.name)),
            timeout: function.timeout,
        };
        drop(std::fs::remove_file(&launch.log)); // an earlier stack's
        Ok((function.name.clone(), Function::new(launch)))
    });
    functions.collect()
}

/// What Lambda itself puts into a function's environment, and where this machine's servers are.
fn environment(
    function: &template::Function,
    options: &Options,
    addresses: &Addresses,
    clock_file: &Path,
) -> BTreeMap<String, String> {
    let between = options.in_between.as_ref();
    let variables = [
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", between.map_or(&addresses.dynamodb, |between| &between.dynamodb).clone()),
        ("AWS_ENDPOINT_URL_SQS", between.map_or(&addresses.sqs, |between| &between.sqs).clone()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
        ("AWS_SDK_UA_APP_ID", function.name.clone()), // so that a server sees who calls
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory.to_string()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO".to_owned()),
        ("CLOCK_FILE", clock_file.to_string_lossy().into_owned()),
    ];
    let loopback = options.loopback_endpoints.then(|| ("LOOPBACK_ENDPOINTS", "allow".to_owned()));
    variables.into_iter().chain(loopback).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Starts a process of each and waits until all are ready for their first event.
pub async fn warm_up(functions: &BTreeMap<String, Function>, logs: &Path) -> Result<(), StartError> {
    let warmed = functions.values().map(|function| async {
        function.warm_up().await.map_err(|cause| StartError::Function {
            name: function.name().to_owned(),
            cause,
            log: logs.join(format!("{}.log", function.name())),
        })
    });
    try_join_all(warmed).await.map(drop)
}
