//! Creates the template's functions: their configuration and environment variables.

use std::collections::BTreeMap;
use std::path::Path;

use futures::future::try_join_all;

use super::listeners::Addresses;
use super::options::{FunctionOverride, Options};
use super::start_error::StartError;
use super::template::{self, Deployment};
use crate::aws::{ACCOUNT_ID, CREDENTIALS, REGION};
use crate::lambda::{Function, FunctionConfig};

/// Creates the functions by name, without starting a process.
pub fn create(
    deployment: &Deployment,
    options: &Options,
    addresses: &Addresses,
    clock_file: &Path,
) -> BTreeMap<String, Function> {
    let functions = deployment.functions.iter().map(|function| {
        let mut variables = base_variables(function, options, addresses, clock_file);
        variables.extend(function.variables.clone());
        let default_command = (options.program.clone(), vec!["function".to_owned(), function.name.clone()]);
        let FunctionOverride { command, variables: additional } =
            options.function_overrides.get(&function.name).cloned().unwrap_or_default();
        let (program, arguments) = command.unwrap_or(default_command);
        variables.extend(additional);
        let config = FunctionConfig {
            name: function.name.clone(),
            arn: format!("arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{}", function.name),
            program,
            arguments,
            variables,
            log: options.logs.join(format!("{}.log", function.name)),
            timeout: function.timeout,
            ended_after: function.timeout * options.overtime,
        };
        drop(std::fs::remove_file(&config.log)); // the log of an earlier run
        (function.name.clone(), Function::new(config))
    });
    functions.collect()
}

/// The variables that Lambda itself defines, and the endpoints of the stack's servers.
fn base_variables(
    function: &template::Function,
    options: &Options,
    addresses: &Addresses,
    clock_file: &Path,
) -> BTreeMap<String, String> {
    let proxies = options.proxies.as_ref();
    let variables = [
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", CREDENTIALS.0.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", CREDENTIALS.1.to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", proxies.map_or(&addresses.dynamodb, |proxies| &proxies.dynamodb).clone()),
        ("AWS_ENDPOINT_URL_SQS", proxies.map_or(&addresses.sqs, |proxies| &proxies.sqs).clone()),
        ("AWS_ENDPOINT_URL_S3", proxies.and_then(|proxies| proxies.s3.as_ref()).unwrap_or(&addresses.s3).clone()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", addresses.secrets.clone()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
        ("AWS_SDK_UA_APP_ID", function.name.clone()), // names the caller to the servers
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory.to_string()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO".to_owned()),
        ("CLOCK_FILE", clock_file.to_string_lossy().into_owned()),
    ];
    let loopback = options.loopback_endpoints.then(|| ("LOOPBACK_ENDPOINTS", "allow".to_owned()));
    variables.into_iter().chain(loopback).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Starts a process of each function and waits until all are ready for their first event.
pub async fn warm_up(functions: &BTreeMap<String, Function>) -> Result<(), StartError> {
    let warmed = functions.values().map(|function| async {
        function.warm_up().await.map_err(|cause| StartError::Function {
            name: function.name().to_owned(),
            cause,
            log: function.config().log.clone(),
        })
    });
    try_join_all(warmed).await.map(drop)
}
