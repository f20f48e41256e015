//! StartMessageMoveTask: the redrive of a dead-letter queue, which moves its visible messages back to their source queues.

use rustack_sqs_model::input::{ListMessageMoveTasksInput, StartMessageMoveTaskInput};
use rustack_sqs_model::output::{ListMessageMoveTasksOutput, StartMessageMoveTaskOutput};
use rustack_sqs_model::types::ListMessageMoveTasksResultEntry;
use uuid::Uuid;

use super::error::SqsError;
use super::queue::Queue;
use super::service::Sqs;
use shared::mutex::lock;

/// How many tasks of a queue are listed.
const MAX_TASKS: usize = 10;

impl Sqs {
    /// Moves the messages of a dead-letter queue to the given queue, or each to its source queue. The task has finished
    /// when this returns; a maximum rate is accepted and ignored.
    /// Fails with `ResourceNotFoundException` if a queue does not exist, and with `InvalidParameterValue` if the source is
    /// no dead-letter queue.
    pub(super) fn start_move_task(
        &self,
        input: StartMessageMoveTaskInput,
    ) -> Result<StartMessageMoveTaskOutput, SqsError> {
        let find = |arn: &str, parameter| self.queue_by_arn(arn).ok_or(SqsError::ResourceNotFound(parameter));
        let source = find(&input.source_arn, "SourceArn")?;
        let destination = input.destination_arn.as_deref().map(|arn| find(arn, "DestinationArn")).transpose()?;
        if !self.is_dead_letter_queue(&input.source_arn) {
            let message = "Source queue must be configured as a Dead Letter Queue.";
            return Err(SqsError::InvalidParameterValue(message.into()));
        }
        let (moved, left) = self.move_messages(&source, destination.as_deref())?;
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
        let mut tasks = lock(&self.move_tasks);
        let queue_tasks = tasks.entry(input.source_arn).or_default();
        queue_tasks.push_front(task);
        queue_tasks.truncate(MAX_TASKS);
        Ok(StartMessageMoveTaskOutput { task_handle: Some(Uuid::new_v4().to_string()) })
    }

    /// Moves visible messages. Returns how many were moved, and how many stay because their source queue does not exist.
    fn move_messages(&self, source: &Queue, destination: Option<&Queue>) -> Result<(i64, i64), SqsError> {
        let (mut moved, mut left) = (0, 0);
        for message in source.change(|state, _| Ok(state.messages.remove_visible()))? {
            let origin = message.dead_letter_source_arn.as_deref().and_then(|arn| self.queue_by_arn(arn));
            if let Some(destination) = destination.or(origin.as_deref()) {
                destination.add_redriven(message)?;
                moved += 1;
            } else {
                source.change(|state, now| {
                    state.messages.add(message, now, now);
                    Ok(())
                })?;
                left += 1;
            }
        }
        Ok((moved, left))
    }

    /// Lists the latest tasks of a dead-letter queue, one unless MaxResults says more.
    /// Fails with `ResourceNotFoundException` if the queue does not exist.
    pub(super) fn list_move_tasks(
        &self,
        input: &ListMessageMoveTasksInput,
    ) -> Result<ListMessageMoveTasksOutput, SqsError> {
        self.queue_by_arn(&input.source_arn).ok_or(SqsError::ResourceNotFound("SourceArn"))?;
        let max = usize::try_from(input.max_results.unwrap_or(1)).unwrap_or_default();
        let tasks = lock(&self.move_tasks);
        let queue_tasks = tasks.get(&input.source_arn).into_iter().flatten();
        Ok(ListMessageMoveTasksOutput { results: queue_tasks.take(max).cloned().collect() })
    }
}
