//! The IAM permissions that calls require: an action on a resource (Service Authorization Reference, DynamoDB, SQS, S3
//! and Secrets Manager).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use local::dev_stack::template::{EventSource, Function, Permission};
use serde_json::Value;
use shared::mutex::lock;

use crate::proxy::{Call, HEALTH, Listener};

/// The permissions for reads of secrets, by caller; `reads` are those of [`local::dev_stack::Secrets`].
pub fn needed_for_secrets(reads: BTreeMap<(String, String), usize>) -> BTreeSet<(String, Permission)> {
    let needed =
        reads.into_keys().map(|(caller, secret)| (caller, Permission::new("secretsmanager:GetSecretValue", secret)));
    needed.collect()
}

/// Collects the permissions that each function requires.
#[derive(Debug, Default)]
pub struct RequiredPermissions(Mutex<BTreeSet<(String, Permission)>>);

impl RequiredPermissions {
    /// All permissions so far, by caller.
    pub fn so_far(&self) -> BTreeSet<(String, Permission)> {
        lock(&self.0).clone()
    }
}

impl Listener for RequiredPermissions {
    fn answered(&self, call: &Call<'_>) {
        // A customer who puts a file uses a URL that `manage` has signed, with the permissions of `manage`.
        let caller = if call.caller == "customer" { "manage" } else { call.caller };
        let needed = match on_object(caller, call.operation, call.path) {
            Some(needed) => needed,
            None => needed(call.operation, call.body),
        };
        lock(&self.0).extend(needed.into_iter().map(|permission| (caller.to_owned(), permission)));
    }
}

/// The permissions that a call of S3 requires, by its operation and path; none of another call.
fn on_object(caller: &str, operation: &str, path: &str) -> Option<Vec<Permission>> {
    let (bucket, key) = path.trim_start_matches('/').split_once('/')?;
    let (prefix, _) = key.split_once('/')?;
    let on_object = Permission::new(format!("s3:{operation}"), format!("{bucket}/{prefix}/*"));
    match operation {
        // Where there is no object, S3 denies the access of a caller who may not list.
        "GetObject" if caller == "media" => Some(vec![on_object, Permission::new("s3:ListBucket", bucket)]),
        "GetObject" => Some(vec![on_object]),
        "PutObject" | "DeleteObject" => Some(vec![on_object]),
        _ => None,
    }
}

/// The permissions that a call requires, by its operation and body.
fn needed(operation: &str, body: &[u8]) -> Vec<Permission> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let dynamodb = |operation: &str, table: &str| Permission::new(format!("dynamodb:{operation}"), table);
    let on_items = |operation: &str, table: &str, call: &Value| {
        let permission = dynamodb(operation, table);
        match partition_key(call) {
            Some(key) => permission.with_leading_keys(pattern(key)),
            None => permission,
        }
    };
    match operation {
        HEALTH => Vec::new(),
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(table, _)| dynamodb(operation, table)).collect()
        }
        "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            let keys = |(table, requests): (&String, &Value)| {
                let deletions = requests.as_array().into_iter().flatten().map(|request| &request["DeleteRequest"]);
                deletions.map(|deletion| on_items(operation, table, deletion)).collect::<Vec<_>>()
            };
            tables.flat_map(keys).collect()
        }
        // A transaction needs what each of its parts would need by itself, and a check its own action.
        "TransactWriteItems" => {
            let parts = body["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
            let needed = |(part, what): (&String, &Value)| {
                let action = match part.as_str() {
                    "Put" => "PutItem",
                    "Update" => "UpdateItem",
                    "Delete" => "DeleteItem",
                    _ => "ConditionCheckItem",
                };
                on_items(action, what["TableName"].as_str().unwrap_or_default(), what)
            };
            parts.map(needed).collect()
        }
        _ => match (body["QueueUrl"].as_str(), body["TableName"].as_str(), body["IndexName"].as_str()) {
            (Some(queue), ..) => {
                let operation = operation.trim_end_matches("Batch"); // a batch needs what one does
                vec![Permission::new(format!("sqs:{operation}"), queue.rsplit('/').next().unwrap_or_default())]
            }
            (_, Some(table), Some(index)) => vec![dynamodb(operation, &format!("{table}/index/{index}"))],
            (_, Some(table), _) => vec![on_items(operation, table, &body)],
            _ => vec![Permission::new(operation, "?")],
        },
    }
}

/// The partition key that a call names, in a table whose partitions hold items of several kinds.
fn partition_key(call: &Value) -> Option<&str> {
    [&call["Key"]["pk"]["S"], &call["Item"]["pk"]["S"], &call["ExpressionAttributeValues"][":pk"]["S"]]
        .into_iter()
        .find_map(Value::as_str)
}

/// The pattern of all keys of a key's kind: its prefix, which ends with `_` or `#`.
fn pattern(key: &str) -> String {
    let end = key.find(['_', '#']).map_or(key.len(), |end| end + 1);
    format!("{}*", &key[..end])
}

/// The permissions that Lambda itself needs: to read the function's queues and streams, to write failed stream batches
/// to their destination, and to write the log (AWS Lambda Developer Guide, execution role permissions of SQS and
/// DynamoDB event sources).
pub fn needed_by_lambda(function: &Function) -> Vec<Permission> {
    let on = |service: &str, actions: &[&str], resource: &str| {
        actions.iter().map(|action| Permission::new(format!("{service}:{action}"), resource)).collect::<Vec<_>>()
    };
    let mut needed = on("logs", &["CreateLogStream", "PutLogEvents"], &format!("{}Logs", function.name));
    for source in &function.event_sources {
        match source {
            EventSource::Sqs(source) => {
                needed.extend(on("sqs", &["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"], &source.queue));
            }
            EventSource::Stream(source) => {
                let actions = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
                needed.extend(on("dynamodb", &actions, &format!("{}/stream/latest", source.table)));
                needed.extend(source.on_failure.iter().map(|queue| Permission::new("sqs:SendMessage", queue)));
            }
            EventSource::HttpApi(_) | EventSource::Schedule(_) => {}
        }
    }
    needed
}
