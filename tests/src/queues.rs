//! Waiting for the state of the stack's queues.

use aws_sdk_sqs::types::QueueAttributeName;
use shared::ids::MessageId;
use shared::message::{Message, QueuedMessage};

use crate::test_stack::TestStack;
use crate::wait::eventually;

impl TestStack {
    /// Waits until this many messages are delayed in a queue and none is in flight: then the clock can be moved without
    /// making a message visible that is still being processed.
    pub async fn wait_for_delayed(&self, queue: &str, count: usize) {
        let ask = || async { (self.count(queue).await? == (count, 0)).then_some(()) };
        eventually(&format!("{count} delayed messages in {queue}"), ask).await;
    }

    /// Waits until messages are delayed in a queue, however many, and none is in flight.
    pub async fn wait_for_any_delayed(&self, queue: &str) {
        let ask = || async { matches!(self.count(queue).await?, (1.., 0)).then_some(()) };
        eventually(&format!("delayed messages in {queue}"), ask).await;
    }

    /// Waits until this many messages of a queue are in flight: being processed, or hidden until later.
    pub async fn wait_for_in_flight(&self, queue: &str, count: usize) {
        let ask = || async { (self.count(queue).await?.1 == count).then_some(()) };
        eventually(&format!("{count} messages in flight in {queue}"), ask).await;
    }

    /// Waits until `deliver` has received each of these messages and returned it to the queue for later. Only then can
    /// the clock be moved: a visibility timeout that is set afterwards would begin after the move.
    pub async fn wait_until_returned(&self, queue: &str, ids: impl IntoIterator<Item = &MessageId>) {
        for id in ids {
            self.wait_until_handled(queue, id).await;
        }
        self.wait_until_idle("deliver").await;
    }

    /// Waits until an invocation of `deliver` with a message has ended, whatever others are doing.
    pub async fn wait_until_handled(&self, queue: &str, id: &MessageId) {
        let handled = || async { self.handled.has(queue, id).then_some(()) };
        eventually(&format!("{id} of {queue} to be handled"), handled).await;
    }

    /// Waits until a queue holds no message: all that were in it have been processed and deleted.
    pub async fn wait_until_empty(&self, queue: &str) {
        let empty = || async { (self.visible(queue).await == 0 && self.count(queue).await? == (0, 0)).then_some(()) };
        eventually(&format!("{queue} to be empty"), empty).await;
    }

    /// Waits until a function works on no event.
    pub async fn wait_until_idle(&self, function: &str) {
        let at_work = &self.stack.functions[function];
        eventually(&format!("{function} to be idle"), || async {
            (at_work.concurrent_executions() == 0).then_some(())
        })
        .await;
    }

    /// Puts the queue message of a record into a queue, as `send` does and as SQS does with a dead letter.
    ///
    /// # Panics
    /// When the send fails.
    pub async fn enqueue(&self, queue: &str, id: &MessageId) {
        self.enqueue_before_record(queue, &self.record(id).await).await;
    }

    /// The same of a record that need not be in the table.
    ///
    /// # Panics
    /// When the send fails.
    pub async fn enqueue_before_record(&self, queue: &str, message: &Message) {
        let body = serde_json::to_string(&QueuedMessage::from(message)).expect("JSON");
        let request = self.stack.clients.sqs.send_message().queue_url(self.queue_url(queue)).message_body(body);
        let request = request
            .message_group_id(message.message_group())
            .message_deduplication_id(format!("{}-{}-{}", message.id, message.nonce, message.deadline));
        request.send().await.expect("the queue takes it");
    }

    /// How many messages of a queue are delayed, and how many in flight.
    pub async fn count(&self, queue: &str) -> Option<(usize, usize)> {
        let request = self.stack.clients.sqs.get_queue_attributes().queue_url(self.queue_url(queue));
        let answer = request.attribute_names(QueueAttributeName::All).send().await.ok()?;
        let count_of = |name| answer.attributes()?.get(&name)?.parse::<usize>().ok();
        let delayed = count_of(QueueAttributeName::ApproximateNumberOfMessagesDelayed)?;
        Some((delayed, count_of(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)?))
    }

    /// How many messages of a queue can be received now.
    ///
    /// # Panics
    /// When the queue does not answer.
    pub async fn visible(&self, queue: &str) -> usize {
        let request = self.stack.clients.sqs.get_queue_attributes().queue_url(self.queue_url(queue));
        let answer = request.attribute_names(QueueAttributeName::All).send().await.expect("the queue answers");
        let visible = answer.attributes().and_then(|all| all.get(&QueueAttributeName::ApproximateNumberOfMessages));
        visible.and_then(|count| count.parse().ok()).expect("a number")
    }

    /// The address of one of the stack's queues.
    pub fn queue_url(&self, queue: &str) -> String {
        format!("{}/000000000000/{queue}", self.stack.addresses.sqs)
    }
}
