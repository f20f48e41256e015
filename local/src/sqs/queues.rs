//! The server's queues by name: created, found by URL or ARN, listed and deleted.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustack_sqs_model::input::ListQueuesInput;
use rustack_sqs_model::output::ListQueuesOutput;

use super::attributes::Attributes;
use super::error::{ErrorCode, SqsError};
use super::move_tasks::MoveTasks;
use super::queue::Queue;
use super::receiving::{Receive, Received};
use crate::clock::Clock;

/// For how long a deleted queue's name can't be used, in milliseconds.
const NAME_REST: i64 = 60 * 1000;
/// The most queues of one ListQueues.
const MAX_LISTED: usize = 1000;

/// An SQS server. Its queues live as long as it.
#[derive(Debug)]
pub struct Sqs {
    pub(super) clock: Clock,
    region: String,
    pub(super) account: String,
    /// Where it listens, once it does.
    pub(super) address: OnceLock<SocketAddr>,
    queues: Mutex<Queues>,
    pub(super) move_tasks: Mutex<MoveTasks>,
}

#[derive(Debug, Default)]
struct Queues {
    by_name: BTreeMap<String, Arc<Queue>>,
    /// When each queue was deleted whose name rests.
    deleted: HashMap<String, i64>,
}

impl Sqs {
    /// A server without queues, in account 000000000000.
    pub fn new(clock: Clock, region: &str) -> Self {
        Self::in_account(clock, region, "000000000000")
    }

    /// A server without queues, in an account of twelve digits.
    pub fn in_account(clock: Clock, region: &str, account: &str) -> Self {
        Self {
            clock,
            region: region.to_owned(),
            account: account.to_owned(),
            address: OnceLock::new(),
            queues: Mutex::default(),
            move_tasks: Mutex::default(),
        }
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Creates a queue, or finds the one of this name that has these attributes, and tells its URL.
    ///
    /// # Errors
    ///
    /// `QueueNameExists` if an attribute differs, `QueueDeletedRecently` within a minute of its deletion, and what
    /// SQS answers to a wrong name or attribute.
    pub fn create_queue(&self, name: &str, attributes: &HashMap<String, String>) -> Result<String, SqsError> {
        let is_fifo = attributes.get("FifoQueue").is_some_and(|value| value == "true");
        check_name(name, is_fifo)?;
        let parsed = Attributes::new(is_fifo, attributes)?;
        self.check_redrive_policy(&parsed)?;
        let (queue, is_new) = self.find_or_create(name, parsed)?;
        let difference = queue.attributes(|existing| existing.difference(attributes).map(ToOwned::to_owned));
        match difference.filter(|_| !is_new) {
            None => Ok(self.url(name)),
            Some(attribute) => {
                let message = format!(
                    "A queue already exists with the same name and a different value for attribute {attribute}"
                );
                Err(SqsError::new(ErrorCode::QueueNameExists, message))
            }
        }
    }

    fn find_or_create(&self, name: &str, attributes: Attributes) -> Result<(Arc<Queue>, bool), SqsError> {
        let now = self.clock.now();
        let mut queues = self.queues();
        if let Some(queue) = queues.by_name.get(name) {
            return Ok((queue.clone(), false));
        }
        queues.deleted.retain(|_, deleted| now < *deleted + NAME_REST);
        if queues.deleted.contains_key(name) {
            let message = "You must wait 60 seconds after deleting a queue before you can create another with the \
                           same name.";
            return Err(SqsError::new(ErrorCode::QueueDeletedRecently, message));
        }
        let queue = Queue::new(name, self.arn(name), attributes, self.clock.clone());
        let queue = Arc::new(queue);
        queues.by_name.insert(name.to_owned(), queue.clone());
        Ok((queue, true))
    }

    /// A dead-letter queue must be there and be of the same type.
    pub(super) fn check_redrive_policy(&self, attributes: &Attributes) -> Result<(), SqsError> {
        let Some(policy) = &attributes.redrive_policy else {
            return Ok(());
        };
        let invalid = |reason| SqsError::invalid_value("RedrivePolicy", &policy.target, reason);
        let target = self.queue_of_arn(&policy.target);
        let target = target.ok_or_else(|| invalid("Dead letter target does not exist."))?;
        if target.attributes(|target| target.is_fifo) == attributes.is_fifo {
            Ok(())
        } else {
            Err(invalid("Dead-letter queue must be same type of queue as the source."))
        }
    }

    /// Deletes a queue with its messages.
    pub(super) fn delete_queue(&self, url: &str) -> Result<(), SqsError> {
        let queue = self.queue(url)?;
        let now = self.clock.now();
        let mut queues = self.queues();
        queues.by_name.remove(&queue.name);
        queues.deleted.insert(queue.name.clone(), now);
        drop(queues);
        queue.delete_queue();
        Ok(())
    }

    /// Finds a queue by its URL's path, whatever host the URL names, or by its name alone.
    pub(super) fn queue(&self, url: &str) -> Result<Arc<Queue>, SqsError> {
        let path = url.split_once("://").map_or(url, |(_, rest)| rest);
        let mut parts = path.rsplit('/');
        let name = parts.next().unwrap_or_default();
        if parts.next().is_some_and(|account| account != self.account) {
            return Err(SqsError::no_queue());
        }
        self.queue_named(name)
    }

    /// Finds a queue by its name.
    pub(super) fn queue_named(&self, name: &str) -> Result<Arc<Queue>, SqsError> {
        self.queues().by_name.get(name).cloned().ok_or_else(SqsError::no_queue)
    }

    /// Finds a queue by its ARN.
    pub(super) fn queue_of_arn(&self, arn: &str) -> Option<Arc<Queue>> {
        let name = arn.rsplit(':').next()?;
        self.queue_named(name).ok().filter(|queue| queue.arn == arn)
    }

    /// Whether a queue's redrive policy names this one.
    pub(super) fn is_dead_letter_queue(&self, arn: &str) -> bool {
        let queues: Vec<Arc<Queue>> = self.queues().by_name.values().cloned().collect();
        let names_it = |attributes: &Attributes| {
            let policy = attributes.redrive_policy.as_ref();
            policy.is_some_and(|policy| policy.target == arn)
        };
        queues.iter().any(|queue| queue.attributes(names_it))
    }

    /// Receives from a queue, dead letters looked after.
    pub(super) async fn receive(&self, queue: &Queue, request: &Receive) -> Result<Vec<Received>, SqsError> {
        queue.receive(request, |arn| self.queue_of_arn(arn)).await
    }

    /// The queues whose names begin so, by name.
    pub(super) fn list_queues(&self, input: &ListQueuesInput) -> Result<ListQueuesOutput, SqsError> {
        let max = match input.max_results {
            None => MAX_LISTED,
            Some(max @ 1..=1000) => usize::try_from(max).unwrap_or(MAX_LISTED),
            Some(max) => {
                return Err(SqsError::invalid_value("MaxResults", max, "Must be between 1 and 1000."));
            }
        };
        let prefix = input.queue_name_prefix.as_deref().unwrap_or_default();
        let from = input.next_token.as_deref().unwrap_or_default();
        let queues = self.queues();
        let names = queues.by_name.keys().filter(|name| name.starts_with(prefix) && name.as_str() > from);
        let names: Vec<&String> = names.take(max + 1).collect();
        let has_more = names.len() > max && input.max_results.is_some();
        let listed = &names[..names.len().min(max)];
        Ok(ListQueuesOutput {
            queue_urls: listed.iter().map(|name| self.url(name)).collect(),
            next_token: listed.last().filter(|_| has_more).map(ToString::to_string),
        })
    }

    /// A queue's URL; without a port before the server listens.
    pub(super) fn url(&self, name: &str) -> String {
        let host = self.address.get().map_or("localhost".into(), ToString::to_string);
        format!("http://{host}/{}/{name}", self.account)
    }

    fn arn(&self, name: &str) -> String {
        format!("arn:aws:sqs:{}:{}:{name}", self.region, self.account)
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
    Err(SqsError::new(ErrorCode::InvalidParameterValue, message))
}
