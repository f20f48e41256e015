//! The result of an attempt that did not send the message: it is retried or it fails, and a refusal may stop the instance.

use std::time::Duration;

use shared::aws::{ProcessingError, TableError};
use shared::clock;
use shared::instance::{Instance, Pause, RefusedConnection};
use shared::jitter::with_jitter;
use shared::message::{Failure, FailureCode, Message};
use shared::observability::{Metric, metrics};
use shared::whatsapp::{ErrorMeaning, GraphError, Reaction};

use crate::deliverer::{Deliverer, Next};

/// The largest share of a wait that is added at random.
const JITTER: f64 = 0.5;
/// The wait of a message that was refused for a connection that has ended.
const RECONNECTED: Duration = Duration::from_secs(1);
/// Attempts at a message that never reached WhatsApp.
const MAX_UNSENT_ATTEMPTS: u32 = 8;

impl Deliverer {
    /// WhatsApp refused the message: temporarily or permanently.
    pub async fn refused(
        &self,
        message: &Message,
        instance: &Instance,
        error: &GraphError,
        requested_wait: Option<Duration>,
    ) -> Result<Next, ProcessingError> {
        let stopped = self.stop_instance(message, instance, error, requested_wait).await;
        let is_of_former_connection = stopped.unwrap_or_else(|error| {
            // The next message meets the same; this one must not be left to its lease, as one of unknown outcome.
            tracing::error!(message_id = %message.id, %error, "instance.stop_failed");
            false
        });
        metrics::count(Metric::ProviderErrors(ErrorMeaning::metric_label(error.code)));
        tracing::warn!(message_id = %message.id, attempt = message.attempt, code = error.code, "message.refused");
        if is_of_former_connection {
            return self.retry_after(message, with_jitter(RECONNECTED, JITTER), error.failure()).await;
        }
        let meaning = error.meaning();
        let pause =
            meaning.instance_pause(message.attempt, requested_wait).filter(|_| meaning.pause_reason().is_some());
        match (pause, meaning.retry_wait(message.attempt, requested_wait)) {
            (Some(pause), _) => self.wait_for_condition(message, pause).await,
            (None, Some(wait)) => self.retry_after(message, with_jitter(wait, JITTER), error.failure()).await,
            (None, None) => self.fail(message, &error.failure()).await,
        }
    }

    /// Releases a message that a condition of the account has stopped: it waits with the others of its instance, also when
    /// the pause is longer than its `expiresIn`, since the condition may end at any time.
    async fn wait_for_condition(&self, message: &Message, pause: Duration) -> Result<Next, ProcessingError> {
        self.transitions.release(message).await?;
        Ok(Next::Backoff(pause))
    }

    /// Disconnects or pauses the instance, if the error is not only about the message: what is queued behind it fails or
    /// waits without being attempted, instead of being refused one by one. `true` when the instance was connected anew since this
    /// process read it: then the refusal says nothing about the connection of now.
    async fn stop_instance(
        &self,
        message: &Message,
        instance: &Instance,
        error: &GraphError,
        requested_wait: Option<Duration>,
    ) -> Result<bool, TableError> {
        let meaning = error.meaning();
        if meaning.reaction == Reaction::DisconnectInstance {
            self.instances.invalidate(instance);
            return Ok(self.accounts.disconnect_refused(instance, error).await? == RefusedConnection::Replaced);
        }
        if let Some(pause) = meaning.instance_pause(message.attempt, requested_wait) {
            self.instances.invalidate(instance);
            self.accounts.pause(instance, Pause::new(clock::now().plus(pause), error)).await?;
        }
        Ok(false)
    }

    /// WhatsApp could not be reached.
    pub async fn not_sent(&self, message: &Message, reason: &str) -> Result<Next, ProcessingError> {
        metrics::count(Metric::MessagesNotSent);
        tracing::warn!(message_id = %message.id, attempt = message.attempt, reason, "message.send_failed");
        if message.attempt >= MAX_UNSENT_ATTEMPTS {
            return self.fail(message, &unreachable()).await;
        }
        let wait = Duration::from_secs(1 << message.attempt.min(8));
        self.retry_after(message, with_jitter(wait, JITTER), unreachable()).await
    }

    /// Releases a message to be retried after `wait`, or fails it now if that is past its `expiresIn`.
    async fn retry_after(&self, message: &Message, wait: Duration, last: Failure) -> Result<Next, ProcessingError> {
        if clock::now().plus(wait) < message.deadline {
            self.transitions.release(message).await?;
            return Ok(Next::Later(wait));
        }
        let text = format!("The message could not be sent within its `expiresIn`: {}", last.message);
        self.fail(message, &Failure { code: FailureCode::Expired, message: text, ..last }).await
    }

    /// Releases a message before its POST, to be received again.
    pub async fn release_unposted(&self, message: &Message, next: Next) -> Result<Next, ProcessingError> {
        self.transitions.release_unposted(message).await?;
        Ok(next)
    }

    /// Releases a message before its POST, and has it enqueued again before it is deleted from its place in the queue.
    pub async fn move_back(&self, message: &Message) -> Result<Next, ProcessingError> {
        self.transitions.release_unposted(message).await?;
        self.queues.settle.move_back(&message.account_id, &message.id).await?;
        tracing::warn!(message_id = %message.id, "message.moved_back");
        Ok(Next::Done)
    }

    /// Fails the message. If its record has changed meanwhile, the next receive decides by the new record.
    pub async fn fail(&self, message: &Message, failure: &Failure) -> Result<Next, ProcessingError> {
        let is_failed = self.transitions.fail(message, failure).await?.is_applied();
        Ok(if is_failed { Next::Done } else { Next::SOON })
    }
}

fn unreachable() -> Failure {
    Failure::new(FailureCode::ProviderError, "WhatsApp could not be reached.")
}
