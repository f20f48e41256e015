//! One queue message: from its claim to its result.

use std::ops::ControlFlow::{self, Break, Continue};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use aws_lambda_events::sqs::SqsMessage;
use secrecy::SecretString;
use shared::aws::{ConditionalWrite, ProcessingError};
use shared::clock::{self, Timestamp};
use shared::instance::{Instance, Number};
use shared::lease::{self, remaining};
use shared::ledger::{Lane, REQUEST_ENDED};
use shared::message::{Claim, ClaimConflict, Failure, FailureCode, FailureWrite, Message, QueuedMessage};
use shared::observability::{Metric, metrics};
use shared::security::DecryptionError;
use shared::whatsapp::message_body::message_body;
use shared::whatsapp::{CallbackTag, Outcome, Reaction};

use crate::deliverer::{Deliverer, Next, SOON};
use crate::posts_in_progress::PostInProgress;
use crate::prepare::Prepared;
use crate::received_message::Received;
use crate::requeue_delay::{least_wait, or_again};
use crate::time_left::{MIN_ATTEMPT_TIME, RECORD_TIME};

/// How long to wait for the record of a message after its enqueue: until its request has ended, by whatever clock.
const ABSENT_GRACE: Duration = Duration::from_secs(REQUEST_ENDED.as_secs() + 5);
/// How soon a record is looked for again that may be inserted at this moment, in milliseconds.
const LOOKS: [u64; 4] = [10, 30, 100, 300];
/// How long an unreadable queue message waits; it ends in the dead-letter queue, with its alarm.
const UNREADABLE_WAIT: Duration = Duration::from_secs(60);

impl Deliverer {
    /// Processes one queue message as far as is possible now. Returns the time after which it is received again, or none
    /// when it leaves the queue.
    pub async fn deliver(
        &self,
        message: &SqsMessage,
        (lane, follows): (Lane, bool),
        deadline: SystemTime,
    ) -> Option<Duration> {
        let body = message.body.as_deref().unwrap_or_default();
        let Ok(queued) = serde_json::from_str::<QueuedMessage>(body) else {
            tracing::error!(queue_message = message.message_id, "delivery.unreadable");
            return Some(UNREADABLE_WAIT);
        };
        let enqueued_at = Timestamp::from_millis(number(message, "SentTimestamp"));
        let conversation = message.attributes.get("MessageGroupId").map(String::as_str).unwrap_or_default();
        let receives = number(message, "ApproximateReceiveCount");
        let slot = queued.slot;
        let is_behind = follows && slot <= clock::now();
        let mut received = Received { queued: &queued, conversation, lane, enqueued_at, receives, is_behind, slot };
        let attempt = async {
            let next = self.attempt_in_slots(&mut received, deadline).await?;
            self.wait_for(next, &received).await
        };
        or_again(&queued.message_id, receives, attempt).await
    }

    /// The time after which a message is received again; none when it leaves the queue, or waits in the table.
    async fn wait_for(&self, next: Next, received: &Received<'_>) -> Result<Option<Duration>, ProcessingError> {
        let next = match next {
            Next::Behind(due) => self.wait_behind(received, due).await?,
            next => next,
        };
        let wait = match next {
            Next::Done => return Ok(None),
            Next::Later(wait) => wait,
            Next::Backoff(wait) => wait.max(least_wait(received.receives)),
            Next::Behind(_) | Next::InSlot(_) => SOON,
        };
        let left = clock::now().until(received.queued.deadline); // then it expires
        let wait = if left.is_zero() { wait } else { wait.min(left) };
        Ok(match self.move_to_table(received, wait).await? {
            Next::Done => None,
            Next::Later(wait) | Next::Backoff(wait) => Some(wait),
            Next::Behind(_) | Next::InSlot(_) => Some(SOON),
        })
    }

    /// Attempts a message, again in a new slot when it has missed one.
    async fn attempt_in_slots(
        &self,
        received: &mut Received<'_>,
        deadline: SystemTime,
    ) -> Result<Next, ProcessingError> {
        loop {
            match self.attempt(received, deadline).await? {
                Next::InSlot(slot) => received.slot = slot,
                next => return Ok(next),
            }
        }
    }

    async fn attempt(&self, received: &Received<'_>, deadline: SystemTime) -> Result<Next, ProcessingError> {
        if remaining(deadline) < MIN_ATTEMPT_TIME {
            return Ok(Next::Later(Duration::ZERO));
        }
        let queued = received.queued;
        let mut instance = match self.ready_instance(received).await? {
            Continue(instance) => instance,
            Break(next) => return Ok(next),
        };
        if received.slot > clock::now() {
            if let Some(wait) = self.slot_waits.wait_before_claim(received.slot, deadline).await {
                return Ok(Next::Later(wait));
            }
            instance = match self.ready_instance(received).await? {
                Continue(instance) => instance,
                Break(next) => return Ok(next), // paused or disconnected meanwhile
            };
        }
        let Some(number) = instance.connected_number() else { return Ok(Next::SOON) };
        let token = match self.token(queued, &instance, number).await {
            Ok(token) => token,
            Err(DecryptionError::UnknownKey) => return Ok(Next::SOON), // not the message's fault: it waits until it expires
            Err(DecryptionError::Changed) => {
                return self.fail_disconnected(received).await;
            }
        };
        match self.claim(received, number, deadline).await? {
            Claim::Claimed(mut message) => {
                message.slot = message.slot.max(queued.slot); // booked when it was enqueued, if it waited in the table
                self.send(&mut message, received, (&instance, number, &token), deadline).await
            }
            Claim::Refused(conflict) => self.resolve(conflict, received).await,
        }
    }

    /// Claims a message. `send` inserts its record while it enqueues it, so the record may be some milliseconds behind. Looking for it costs
    /// less than a claim that is refused.
    async fn claim(
        &self,
        received: &Received<'_>,
        number: &Number,
        deadline: SystemTime,
    ) -> Result<Claim, ProcessingError> {
        let claim = async || {
            let lease = lease::length(deadline);
            self.transitions.claim(received.queued, &number.id, lease).await
        };
        let first = claim().await?;
        if received.receives > 1 || !matches!(first, Claim::Refused(ClaimConflict::Absent)) {
            return Ok(first);
        }
        for wait in LOOKS {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            if self.messages.get(&received.queued.message_id).await?.is_some() {
                return Ok(claim().await?);
            }
        }
        Ok(first)
    }

    /// The instance of a message, if that may leave from it now, or what happens to the message instead.
    async fn ready_instance(&self, received: &Received<'_>) -> Result<ControlFlow<Next, Instance>, ProcessingError> {
        let (account, queued) = (&received.queued.account_id, received.queued);
        let instance = self.instances.get(account, &queued.instance_id).await?;
        let Some(instance) = instance.filter(|instance| instance.connected_number().is_some()) else {
            return Ok(Break(self.fail_disconnected(received).await?));
        };
        let now = clock::now();
        if queued.deadline <= now {
            let expired = self.transitions.expire((account, &queued.message_id), queued.nonce.as_deref()).await?;
            return Ok(Break(self.after_failure(expired, received).await?));
        }
        if instance.connected_number().is_some_and(|number| self.posts.hangs(&number.id)) {
            return Ok(Break(Next::SOON));
        }
        Ok(match instance.wait(now) {
            Some(wait) => Break(Next::Backoff(wait)), // another pause may follow
            None => Continue(instance),
        })
    }

    /// Fails a message whose instance is not connected.
    async fn fail_disconnected(&self, received: &Received<'_>) -> Result<Next, ProcessingError> {
        let failed = self.transitions.fail_queued(received.queued, &Failure::disconnected()).await?;
        self.after_failure(failed, received).await
    }

    /// The number's token, decrypted.
    async fn token(
        &self,
        queued: &QueuedMessage,
        instance: &Instance,
        number: &Number,
    ) -> Result<SecretString, DecryptionError> {
        let token = self.secrets.decrypt(|secrets| instance.decrypt_token(number, &secrets.cipher)).await;
        if token.as_ref().is_err_and(DecryptionError::is_unknown_key) {
            metrics::count(Metric::KeysUnknown);
            tracing::error!(message_id = %queued.message_id, instance_id = %instance.id, "access_token.key_unknown");
        }
        token
    }

    async fn after_failure(&self, written: FailureWrite, received: &Received<'_>) -> Result<Next, ProcessingError> {
        match written {
            ConditionalWrite::Applied(()) => Ok(Next::Done),
            ConditionalWrite::Refused(record) => {
                self.resolve(ClaimConflict::from_record(received.queued, record), received).await
            }
        }
    }

    /// Decides what to do with a message that cannot be claimed. An unknown outcome is handed to `settle` before the message
    /// is deleted from the queue.
    pub async fn resolve(&self, conflict: ClaimConflict, received: &Received<'_>) -> Result<Next, ProcessingError> {
        match conflict {
            ClaimConflict::Leased(until) => Ok(Next::Later(clock::now().until(until))),
            ClaimConflict::LeaseExpired(message) => {
                self.end_unknown(&message, "its process ended without a result").await
            }
            ClaimConflict::Unknown(message) => self.hand_to_settle(&message).await,
            ClaimConflict::Finished => Ok(Next::Done),
            ClaimConflict::OfAnother => {
                // Not to be waited for here: what the other request has enqueued may be behind this.
                let QueuedMessage { account_id, message_id, .. } = received.queued;
                self.queues.settle.move_back(account_id, message_id).await?;
                Ok(Next::Done)
            }
            ClaimConflict::Absent if clock::now() < received.enqueued_at.plus(ABSENT_GRACE) => Ok(Next::SOON),
            ClaimConflict::Absent => Ok(Next::Done), // withdrawn by `send`, which answered its client so
        }
    }

    async fn send(
        &self,
        message: &mut Message,
        received: &Received<'_>,
        (instance, number, token): (&Instance, &Number, &SecretString),
        deadline: SystemTime,
    ) -> Result<Next, ProcessingError> {
        let ids = match self.prepare(message, received, (instance, number)).await {
            Ok(Prepared::Ready(ids)) => ids,
            Ok(Prepared::Wait(next)) => return self.release_unposted(message, next).await,
            Ok(Prepared::MoveBack) => return self.move_back(message).await,
            Ok(Prepared::Failed(failure)) => return self.fail(message, &failure).await,
            Err(error) => {
                tracing::error!(message_id = %message.id, %error, "delivery.failed");
                return self.release_unposted(message, Next::SOON).await;
            }
        };
        let tag =
            self.secrets.get().tagger.write(&CallbackTag { message: message.id.clone(), attempt: message.attempt });
        let Some(body) = message_body(message, &ids, &tag) else {
            let failure = Failure::new(
                FailureCode::ProviderError,
                "This message cannot be sent: it was received, or it is a reaction to nothing.",
            );
            return self.fail(message, &failure).await;
        };
        let time = remaining(deadline).saturating_sub(RECORD_TIME);
        let post = self.posts.begin(&number.id);
        let outcome = self.whatsapp.post_message(&number.id, token, body, time).await;
        self.note_answer(instance, post, &outcome).await;
        self.record(message, instance, outcome).await
    }

    /// Opens the circuit of an instance whose call got no answer, or closes it, and ends a condition of its account that
    /// WhatsApp no longer reports. Whether that succeeds does not matter to the message: the next call notes it again.
    async fn note_answer(&self, instance: &Instance, post: PostInProgress<'_>, outcome: &Outcome) {
        let noted = match outcome {
            Outcome::NoAnswer(_) if post.is_number_silent() => self.accounts.open_circuit(instance, clock::now()).await,
            Outcome::NoAnswer(_) | Outcome::NotSent(_) => return,
            _ => {
                post.answered();
                if instance.unanswered.is_some() {
                    self.accounts.close_circuit(instance).await
                } else if instance.condition().is_some() && !reports_condition(outcome) {
                    self.accounts.resume(instance).await
                } else {
                    return;
                }
            }
        };
        self.instances.invalidate(instance);
        if let Err(error) = noted {
            tracing::warn!(instance_id = %instance.id, %error, "instance.update_failed");
        }
    }

    async fn record(&self, message: &Message, instance: &Instance, outcome: Outcome) -> Result<Next, ProcessingError> {
        match outcome {
            Outcome::Accepted { provider_id, recipient } => {
                self.transitions.mark_sent(message, &provider_id).await?;
                self.join_recipient(message, recipient).await;
                Ok(Next::Done)
            }
            Outcome::Held { provider_id, recipient } => {
                self.transitions.mark_held(message, &provider_id).await?;
                self.join_recipient(message, recipient).await;
                self.hand_to_settle(message).await
            }
            Outcome::Rejected { error, requested_wait } => {
                self.refused(message, instance, &error, requested_wait).await
            }
            Outcome::NotSent(reason) => self.not_sent(message, &reason).await,
            Outcome::NoAnswer(reason) | Outcome::Unknown(reason) => self.end_unknown(message, &reason).await,
        }
    }
}

/// Whether an answer is that of a condition of the account, or says nothing about it.
fn reports_condition(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Accepted { .. } | Outcome::Held { .. } => false,
        Outcome::Rejected { error, .. } => error.meaning().reaction != Reaction::Fail,
        Outcome::NotSent(_) | Outcome::NoAnswer(_) | Outcome::Unknown(_) => true,
    }
}

/// A number that SQS says of a message; 0 without it.
fn number<N: FromStr + Default>(message: &SqsMessage, attribute: &str) -> N {
    message.attributes.get(attribute).and_then(|text| text.parse().ok()).unwrap_or_default()
}
