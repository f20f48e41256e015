//! What the stack's queues hold, and waiting for it.

use aws_sdk_sqs::types::QueueAttributeName;

use crate::test_stack::TestStack;
use crate::wait::eventually;

impl TestStack {
    /// Waits until this many messages are delayed in a queue and none is in flight: then the clock may be moved without
    /// making anything visible that is still being worked on.
    pub async fn wait_for_delayed(&self, queue: &str, count: usize) {
        let ask = || async { (self.count(queue).await? == (count, 0)).then_some(()) };
        eventually(&format!("{count} delayed messages in {queue}"), ask).await;
    }

    /// Waits until this many messages are in flight in a queue: being worked on, or given back for later.
    pub async fn wait_for_in_flight(&self, queue: &str, count: usize) {
        let ask = || async { (self.count(queue).await?.1 == count).then_some(()) };
        eventually(&format!("{count} messages in flight in {queue}"), ask).await;
    }

    /// Waits until deliver has given this many messages back for later and is idle: only then may the clock be moved, or
    /// their waits would begin after it.
    pub async fn wait_until_given_back(&self, queue: &str, count: usize) {
        let deliver = &self.stack.functions["deliver"];
        let ask = || async { (deliver.at_work() == 0 && self.count(queue).await?.1 == count).then_some(()) };
        eventually(&format!("{count} messages of {queue} to be given back"), ask).await;
    }

    /// How many messages of a queue are delayed, and how many in flight.
    async fn count(&self, queue: &str) -> Option<(usize, usize)> {
        let request = self.stack.clients.sqs.get_queue_attributes().queue_url(self.queue_url(queue));
        let answer = request.attribute_names(QueueAttributeName::All).send().await.ok()?;
        let count_of = |name| answer.attributes()?.get(&name)?.parse::<usize>().ok();
        let delayed = count_of(QueueAttributeName::ApproximateNumberOfMessagesDelayed)?;
        Some((delayed, count_of(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)?))
    }

    /// The address of one of the stack's queues.
    pub fn queue_url(&self, queue: &str) -> String {
        format!("{}/000000000000/{queue}", self.stack.addresses.sqs)
    }
}
