//! One message from the queue: from its claim to its result.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use shared::books::Books;
use shared::clock::{self, Timestamp};
use shared::conditional_write::TableError;
use shared::delivery_queue::{Delivery, DeliveryQueues};
use shared::failure::{Failure, FailureCode};
use shared::graph_error::{GraphError, pauses};
use shared::instance::{Connection, Instance, Number};
use shared::instances::Instances;
use shared::message::Message;
use shared::message_table::Billed;
use shared::metrics::{self, Metric};
use shared::queue::QueueError;
use shared::sealed::Sealer;
use shared::settle_queue::{SettleQueue, Unsettled};
use shared::tag::{Tag, Tagger};

use crate::batch::InvocationDeadline;
use crate::claim::{Claim, Standing, claim};
use crate::message_body;
use crate::outcome::Outcome;
use crate::pacer::{self, Pacer};
use crate::prepare::{Prepared, SHORT_WAIT, prepare};
use crate::whatsapp::WhatsApp;
use crate::{result, retry};

/// Nothing is begun with less time than this left: a slot that is a moment away, a POST and the record of its result
/// must fit.
const LEAST_TIME: Duration = Duration::from_secs(9);
/// Of an invocation's time, what is kept for the record after the POST.
const TIME_TO_RECORD: Duration = Duration::from_secs(5);
/// How much longer than the invocation a claim holds: by then Lambda has ended the process.
const LEASE_MARGIN: Duration = Duration::from_secs(5);
/// How long after its enqueue a message without a record is waited for.
const ABSENT_GRACE: Duration = Duration::from_secs(60);

/// Delivers messages.
pub struct Deliverer {
    /// The records and the meters.
    pub books: Books,
    /// The numbers.
    pub instances: Instances,
    /// Where messages come from.
    pub deliveries: DeliveryQueues,
    /// Books slots.
    pub pacer: Pacer,
    /// Where attempts of unknown outcome go.
    pub unsettled: SettleQueue,
    /// Where messages go.
    pub whatsapp: WhatsApp,
    /// Opens the numbers' tokens.
    pub sealer: Sealer,
    /// Makes the tags that callbacks bring back.
    pub tagger: Tagger,
}

/// What becomes of a queue message.
#[derive(Debug)]
pub enum Next {
    /// It leaves the queue.
    Done,
    /// It is to be received again after this time.
    Later(Duration),
}

/// Why a message could not be brought to a result now.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
enum NotNow {
    Table(#[from] TableError),
    Queue(#[from] QueueError),
}

impl Deliverer {
    /// Brings one message as far as it goes now.
    pub async fn deliver(&self, message: &SqsMessage, deadline: InvocationDeadline) -> Next {
        let body = message.body.as_deref().unwrap_or_default();
        let Ok(delivery) = serde_json::from_str::<Delivery>(body) else {
            tracing::error!(queue_message = message.message_id, "delivery.unreadable");
            return Next::Later(Duration::from_secs(60)); // ends in the dead-letter queue, with its alarm
        };
        match self.attempt(&delivery, enqueued_at(message), deadline).await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(message_id = %delivery.message_id, %error, "delivery.not_now");
                Next::Later(SHORT_WAIT)
            }
        }
    }

    async fn attempt(
        &self,
        delivery: &Delivery,
        enqueued_at: Timestamp,
        deadline: InvocationDeadline,
    ) -> Result<Next, NotNow> {
        if deadline.left() < LEAST_TIME {
            return Ok(Next::Later(Duration::ZERO));
        }
        let instance = self.instances.find(&delivery.account_id, &delivery.instance_id).await?;
        let Some((instance, number)) = instance.as_ref().and_then(connected) else {
            return self.fail_untried(delivery, disconnected(), enqueued_at).await;
        };
        let now = clock::now();
        if delivery.deadline <= now {
            return self.fail_untried(delivery, expired(), enqueued_at).await;
        }
        if let Some(wait) = instance.held_for(now) {
            return Ok(Next::Later(wait.min(now.until(delivery.deadline))));
        }
        if let Some(wait) = pacer::wait_for(delivery.slot).await {
            return Ok(Next::Later(wait.min(now.until(delivery.deadline))));
        }
        let lease = deadline.left() + LEASE_MARGIN;
        match claim(&self.books.messages, &delivery.message_id, &number.id, lease).await? {
            Claim::Ours(message) => self.send(&message, instance, number, deadline).await,
            Claim::NotOurs(standing) => self.leave(standing, enqueued_at).await,
        }
    }

    async fn fail_untried(
        &self,
        delivery: &Delivery,
        failure: Failure,
        enqueued_at: Timestamp,
    ) -> Result<Next, NotNow> {
        match result::fail_untried(&self.books, delivery, failure).await? {
            Billed::Done => Ok(Next::Done),
            Billed::Refused(standing) => self.leave(Standing::of(standing), enqueued_at).await,
        }
    }

    /// A message that can't be claimed: whatever became of it, it is somebody's before the queue forgets it.
    async fn leave(&self, standing: Standing, enqueued_at: Timestamp) -> Result<Next, NotNow> {
        match standing {
            Standing::Theirs(until) => Ok(Next::Later(clock::now().until(until))),
            Standing::Abandoned(message) => self.leave_unknown(&message, "its process ended before its result").await,
            Standing::Unknown(message) => self.have_settled(&message).await,
            Standing::Over => Ok(Next::Done),
            Standing::Absent if clock::now() < enqueued_at.plus(ABSENT_GRACE) => Ok(Next::Later(SHORT_WAIT)),
            Standing::Absent => Ok(Next::Done), // withdrawn by send, which told its client so
        }
    }

    async fn send(
        &self,
        message: &Message,
        instance: &Instance,
        number: &Number,
        deadline: InvocationDeadline,
    ) -> Result<Next, NotNow> {
        let quoted = match prepare(&self.books.messages, &self.pacer, message, number).await {
            Ok(Prepared::Ready(quoted)) => quoted,
            Ok(Prepared::NotYet(wait, slot)) => {
                return Ok(result::release_unposted(&self.books, message, wait, slot).await?);
            }
            Ok(Prepared::Failed(failure)) => return Ok(result::fail(&self.books, message, failure).await?),
            Err(error) => {
                tracing::error!(message_id = %message.id, %error, "delivery.not_now");
                return Ok(result::release_unposted(&self.books, message, SHORT_WAIT, message.slot).await?);
            }
        };
        let place = Instance::token_place(&instance.account_id, &instance.id);
        let Ok(token) = self.sealer.open(&number.access_token, &place) else {
            return Ok(result::fail(&self.books, message, disconnected()).await?);
        };
        let tag = self.tagger.write(&Tag { message: message.id.clone(), attempt: message.attempt });
        let body = message_body::of(message, quoted.as_deref(), &tag);
        let time = deadline.left().saturating_sub(TIME_TO_RECORD);
        match self.whatsapp.post(&number.id, &token, &body, time).await {
            Outcome::Accepted { provider_id } => Ok(result::sent(&self.books, message, &provider_id).await?),
            Outcome::Held { provider_id } => {
                result::held(&self.books, message, &provider_id).await?;
                self.have_settled(message).await
            }
            Outcome::Rejected { error, asked } => self.refused(message, instance, &error, asked).await,
            Outcome::NotSent(reason) => Ok(result::not_sent(&self.books, message, &reason).await?),
            Outcome::Unknown(reason) => self.leave_unknown(message, &reason).await,
        }
    }

    /// WhatsApp refused it: because of the message, or because of the instance, which others would meet as well.
    async fn refused(
        &self,
        message: &Message,
        instance: &Instance,
        error: &GraphError,
        asked: Option<Duration>,
    ) -> Result<Next, NotNow> {
        if error.is_of_the_instance() {
            self.disconnect(instance, error).await?;
        } else if let Some(hold) = retry::hold(error, message.attempt, asked) {
            self.hold(instance, error, hold).await?;
        }
        Ok(result::rejected(&self.books, message, error, asked).await?)
    }

    /// What is queued behind it fails without being tried, instead of being refused one by one.
    async fn disconnect(&self, instance: &Instance, error: &GraphError) -> Result<(), TableError> {
        self.instances.forget(instance);
        if self.books.accounts.disconnect(instance, &error.failure().message).await? {
            metrics::count(Metric::InstancesStopped);
            tracing::error!(instance_id = %instance.id, code = error.code, "instance.disconnected");
        }
        Ok(())
    }

    /// What is queued behind it waits, instead of being refused one by one.
    async fn hold(&self, instance: &Instance, error: &GraphError, hold: Duration) -> Result<(), TableError> {
        self.instances.forget(instance);
        if self.books.accounts.hold(instance, clock::now().plus(hold), error.code).await? {
            if pauses(error.code) {
                metrics::count(Metric::InstancesStopped);
            }
            tracing::warn!(instance_id = %instance.id, code = error.code, seconds = hold.as_secs(), "instance.held");
        }
        Ok(())
    }

    async fn leave_unknown(&self, message: &Message, reason: &str) -> Result<Next, NotNow> {
        if !result::unknown(&self.books, message).await? {
            return Ok(Next::Later(SHORT_WAIT)); // its record has changed: what it says then decides
        }
        metrics::count(Metric::MessagesUnknown);
        tracing::warn!(message_id = %message.id, attempt = message.attempt, reason, "message.unknown");
        self.have_settled(message).await
    }

    /// Only once `settle` has it may the queue forget it.
    async fn have_settled(&self, message: &Message) -> Result<Next, NotNow> {
        self.unsettled.enqueue(&Unsettled::attempt_at(message)).await?;
        Ok(Next::Done)
    }
}

fn connected(instance: &Instance) -> Option<(&Instance, &Number)> {
    let number = instance.number.as_ref()?;
    (instance.status == Connection::Connected).then_some((instance, number))
}

fn enqueued_at(message: &SqsMessage) -> Timestamp {
    let millis = message.attributes.get("SentTimestamp").and_then(|text| text.parse().ok()).unwrap_or_default();
    Timestamp::from_millis(millis)
}

fn disconnected() -> Failure {
    failure(FailureCode::InstanceDisconnected, "the instance is not connected to WhatsApp")
}

fn expired() -> Failure {
    failure(FailureCode::Expired, "it was not sent within its expiresIn")
}

fn failure(code: FailureCode, message: &str) -> Failure {
    Failure { code, message: message.to_owned(), provider_code: None }
}
