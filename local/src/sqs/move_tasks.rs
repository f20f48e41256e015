//! The redrive of a dead-letter queue: its visible messages go back to where they came from, at once.

use std::collections::{HashMap, VecDeque};
use std::sync::PoisonError;

use rustack_sqs_model::input::{ListMessageMoveTasksInput, StartMessageMoveTaskInput};
use rustack_sqs_model::output::{ListMessageMoveTasksOutput, StartMessageMoveTaskOutput};
use rustack_sqs_model::types::ListMessageMoveTasksResultEntry;
use uuid::Uuid;

use super::error::{ErrorCode, SqsError};
use super::queue::Queue;
use super::queues::Sqs;

/// How many tasks of a queue are remembered.
const REMEMBERED: usize = 10;

/// The finished tasks of each dead-letter queue, by its ARN, newest first.
pub type MoveTasks = HashMap<String, VecDeque<ListMessageMoveTasksResultEntry>>;

impl Sqs {
    /// Moves the messages of a dead-letter queue to the given queue, or each to the one it came from. The task is
    /// done when this returns; a rate is accepted and not kept.
    ///
    /// # Errors
    ///
    /// `ResourceNotFoundException` without such queues, `InvalidParameterValue` if the source is no dead-letter queue.
    pub(super) fn start_move_task(
        &self,
        input: StartMessageMoveTaskInput,
    ) -> Result<StartMessageMoveTaskOutput, SqsError> {
        let source = self.queue_of_arn(&input.source_arn).ok_or_else(|| not_found("SourceArn"))?;
        let destination = input.destination_arn.as_deref();
        let given = destination.map(|arn| self.queue_of_arn(arn).ok_or_else(|| not_found("DestinationArn")));
        let given = given.transpose()?;
        if !self.is_dead_letter_queue(&input.source_arn) {
            let message = "Source queue must be configured as a Dead Letter Queue.";
            return Err(SqsError::new(ErrorCode::InvalidParameterValue, message));
        }
        let (moved, left) = self.move_messages(&source, given.as_deref())?;
        let is_complete = left == 0;
        let task = ListMessageMoveTasksResultEntry {
            source_arn: Some(input.source_arn.clone()),
            destination_arn: input.destination_arn,
            max_number_of_messages_per_second: input.max_number_of_messages_per_second,
            approximate_number_of_messages_moved: Some(moved),
            approximate_number_of_messages_to_move: Some(moved + left),
            status: Some(if is_complete { "COMPLETED" } else { "FAILED" }.into()),
            failure_reason: (!is_complete).then(|| "CouldNotDetermineMessageSource".into()),
            started_timestamp: Some(self.clock.now()),
            ..ListMessageMoveTasksResultEntry::default()
        };
        let mut tasks = self.move_tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let of_queue = tasks.entry(input.source_arn).or_default();
        of_queue.push_front(task);
        of_queue.truncate(REMEMBERED);
        Ok(StartMessageMoveTaskOutput { task_handle: Some(Uuid::new_v4().to_string()) })
    }

    /// Moves visible messages and tells how many, and how many have no queue to go to and stay.
    fn move_messages(&self, source: &Queue, given: Option<&Queue>) -> Result<(i64, i64), SqsError> {
        let (mut moved, mut left) = (0, 0);
        for message in source.remove_visible()? {
            let origin = message.dead_letter_source.clone().unwrap_or_default();
            let found = self.queue_of_arn(&origin);
            if let Some(destination) = given.or(found.as_deref()) {
                destination.take_back(message)?;
                moved += 1;
            } else {
                source.keep(message)?;
                left += 1;
            }
        }
        Ok((moved, left))
    }

    /// The latest tasks of a dead-letter queue, one if not asked for more.
    ///
    /// # Errors
    ///
    /// `ResourceNotFoundException` without such a queue.
    pub(super) fn list_move_tasks(
        &self,
        input: &ListMessageMoveTasksInput,
    ) -> Result<ListMessageMoveTasksOutput, SqsError> {
        self.queue_of_arn(&input.source_arn).ok_or_else(|| not_found("SourceArn"))?;
        let max = usize::try_from(input.max_results.unwrap_or(1)).unwrap_or_default();
        let tasks = self.move_tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let of_queue = tasks.get(&input.source_arn).into_iter().flatten();
        Ok(ListMessageMoveTasksOutput { results: of_queue.take(max).cloned().collect() })
    }
}

fn not_found(parameter: &str) -> SqsError {
    let message = format!("The resource that you specified for the {parameter} parameter doesn't exist.");
    SqsError::new(ErrorCode::ResourceNotFound, message)
}
