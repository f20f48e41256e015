//! The SQS server's queues by name: create, find by URL or ARN, list and delete.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};

use rustack_sqs_model::input::ListQueuesInput;
use rustack_sqs_model::output::ListQueuesOutput;
use rustack_sqs_model::types::ListMessageMoveTasksResultEntry;

use super::error::SqsError;
use super::queue::Queue;
use super::queue_attributes::QueueAttributes;
use crate::clock::Clock;
use shared::mutex::lock;

/// How long the name of a deleted queue cannot be used again, in milliseconds.
const RECREATE_INTERVAL: i64 = 60 * 1000;
/// The most queues that one ListQueues returns.
const MAX_LISTED: usize = 1000;

/// The finished message move tasks of each dead-letter queue, by its ARN, newest first.
type MoveTasks = HashMap<String, VecDeque<ListMessageMoveTasksResultEntry>>;

/// An SQS server. Its queues live in memory.
#[derive(Debug)]
pub struct Sqs {
    pub(super) clock: Clock,
    region: String,
    pub(super) account: String,
    /// The address, once the server listens.
    pub(super) address: OnceLock<SocketAddr>,
    queues: Mutex<Queues>,
    pub(super) move_tasks: Mutex<MoveTasks>,
}

#[derive(Debug, Default)]
struct Queues {
    by_name: BTreeMap<String, Arc<Queue>>,
    /// Recently deleted queues, with the time of their deletion.
    deleted: HashMap<String, i64>,
}

impl Sqs {
    /// A server without queues. `account` has twelve digits.
    pub fn new(clock: Clock, region: &str, account: &str) -> Self {
        Self {
            clock,
            region: region.to_owned(),
            account: account.to_owned(),
            address: OnceLock::new(),
            queues: Mutex::default(),
            move_tasks: Mutex::default(),
        }
    }

    /// Creates a queue, or finds the existing one with this name and these attributes. Returns its URL.
    /// Fails with `QueueNameExists` if an attribute differs, with `QueueDeletedRecently` within a minute of its deletion,
    /// and with SQS's errors for an invalid name or attribute.
    pub fn create_queue(&self, name: &str, attributes: &HashMap<String, String>) -> Result<String, SqsError> {
        let is_fifo = attributes.get("FifoQueue").is_some_and(|value| value == "true");
        check_name(name, is_fifo)?;
        let parsed = QueueAttributes::new(is_fifo, attributes)?;
        self.check_redrive_policy(&parsed)?;
        let now = self.clock.now();
        let mut queues = lock(&self.queues);
        if let Some(queue) = queues.by_name.get(name).cloned() {
            drop(queues); // no call holds two locks
            let difference = queue.attributes(|existing| existing.first_difference(attributes).map(ToOwned::to_owned));
            return difference.map_or_else(|| Ok(self.url(name)), |name| Err(SqsError::QueueNameExists(name)));
        }
        queues.deleted.retain(|_, deleted| now < *deleted + RECREATE_INTERVAL);
        if queues.deleted.contains_key(name) {
            return Err(SqsError::QueueDeletedRecently);
        }
        let arn = format!("arn:aws:sqs:{}:{}:{name}", self.region, self.account);
        let queue = Queue::new(name, arn, parsed, self.clock.clone());
        queues.by_name.insert(name.to_owned(), Arc::new(queue));
        Ok(self.url(name))
    }

    /// Checks that the dead-letter queue exists and is of the same type.
    pub(super) fn check_redrive_policy(&self, attributes: &QueueAttributes) -> Result<(), SqsError> {
        let Some(policy) = &attributes.redrive_policy else {
            return Ok(());
        };
        let invalid = |reason| SqsError::invalid_value("RedrivePolicy", &policy.dead_letter_target_arn, reason);
        let target = self.queue_by_arn(&policy.dead_letter_target_arn);
        let target = target.ok_or_else(|| invalid("Dead letter target does not exist."))?;
        if target.attributes(|target| target.is_fifo) == attributes.is_fifo {
            Ok(())
        } else {
            Err(invalid("Dead-letter queue must be same type of queue as the source."))
        }
    }

    /// Deletes a queue with its messages.
    pub(super) fn delete_queue(&self, url: &str) -> Result<(), SqsError> {
        let queue = self.queue_by_url(url)?;
        let now = self.clock.now();
        let mut queues = lock(&self.queues);
        queues.by_name.remove(&queue.name);
        queues.deleted.insert(queue.name.clone(), now);
        drop(queues);
        queue.mark_deleted();
        Ok(())
    }

    /// Finds a queue by its URL's path, whatever host the URL names, or by its name alone.
    pub(super) fn queue_by_url(&self, url: &str) -> Result<Arc<Queue>, SqsError> {
        let path = url.split_once("://").map_or(url, |(_, rest)| rest);
        let mut parts = path.rsplit('/');
        let name = parts.next().unwrap_or_default();
        if parts.next().is_some_and(|account| account != self.account) {
            return Err(SqsError::QueueDoesNotExist);
        }
        self.queue_by_name(name)
    }

    pub(super) fn queue_by_name(&self, name: &str) -> Result<Arc<Queue>, SqsError> {
        lock(&self.queues).by_name.get(name).cloned().ok_or(SqsError::QueueDoesNotExist)
    }

    pub(super) fn queue_by_arn(&self, arn: &str) -> Option<Arc<Queue>> {
        let name = arn.rsplit(':').next()?;
        self.queue_by_name(name).ok().filter(|queue| queue.arn == arn)
    }

    /// Whether any queue's redrive policy names this queue.
    pub(super) fn is_dead_letter_queue(&self, arn: &str) -> bool {
        let queues: Vec<Arc<Queue>> = lock(&self.queues).by_name.values().cloned().collect();
        let is_source = |attributes: &QueueAttributes| {
            let policy = attributes.redrive_policy.as_ref();
            policy.is_some_and(|policy| policy.dead_letter_target_arn == arn)
        };
        queues.iter().any(|queue| queue.attributes(is_source))
    }

    /// Lists the queues whose names begin with a prefix, by name.
    pub(super) fn list_queues(&self, input: &ListQueuesInput) -> Result<ListQueuesOutput, SqsError> {
        let max = match input.max_results {
            None => MAX_LISTED,
            Some(max @ 1..=1000) => usize::try_from(max).unwrap_or(MAX_LISTED),
            Some(max) => return Err(SqsError::invalid_value("MaxResults", max, "Must be between 1 and 1000.")),
        };
        let prefix = input.queue_name_prefix.as_deref().unwrap_or_default();
        let from = input.next_token.as_deref().unwrap_or_default();
        let queues = lock(&self.queues);
        let names = queues.by_name.keys().filter(|name| name.starts_with(prefix) && name.as_str() > from);
        let names: Vec<&String> = names.take(max + 1).collect();
        let has_more = names.len() > max && input.max_results.is_some();
        let listed = &names[..names.len().min(max)];
        Ok(ListQueuesOutput {
            queue_urls: listed.iter().map(|name| self.url(name)).collect(),
            next_token: listed.last().filter(|_| has_more).map(ToString::to_string),
        })
    }

    /// A queue's URL, without a port while the server does not listen yet.
    pub(super) fn url(&self, name: &str) -> String {
        let host = self.address.get().map_or("localhost".into(), ToString::to_string);
        format!("http://{host}/{}/{name}", self.account)
    }
}

fn check_name(name: &str, is_fifo: bool) -> Result<(), SqsError> {
    let stem = if is_fifo { name.strip_suffix(".fifo") } else { Some(name) };
    let is_name = |stem: &str| {
        !stem.is_empty() && stem.chars().all(|character| character.is_ascii_alphanumeric() || "-_".contains(character))
    };
    if name.len() <= 80 && stem.is_some_and(is_name) {
        return Ok(());
    }
    let message = if is_fifo {
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with \
         .fifo suffix and be 1 to 80 in length."
    } else {
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length."
    };
    Err(SqsError::InvalidParameterValue(message.into()))
}
