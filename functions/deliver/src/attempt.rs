//! One message from the queue: from its claim to its result.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use shared::books::Books;
use shared::clock::{self, Timestamp};
use shared::conditional_write::TableError;
use shared::content::Quoted;
use shared::failure::{Failure, FailureCode};
use shared::graph_error::GraphError;
use shared::instance::{Connection, Instance, Number};
use shared::instances::Instances;
use shared::message::Message;
use shared::message_table::Billed;
use shared::queue::{Delivery, DeliveryQueue, QueueError, SettleQueue, Unsettled};
use shared::sealed::Sealer;
use shared::tag::{Tag, Tagger};

use crate::batch::InvocationDeadline;
use crate::claim::{Claim, Standing, claim};
use crate::message_body;
use crate::outcome::Outcome;
use crate::result;
use crate::whatsapp::WhatsApp;

/// Nothing is begun with less time than this left: a POST and the record of its result must fit.
const LEAST_TIME: Duration = Duration::from_secs(8);
/// Of an invocation's time, what is kept for the record after the POST.
const TIME_TO_RECORD: Duration = Duration::from_secs(5);
/// How much longer than the invocation a claim holds: by then Lambda has ended the process.
const LEASE_MARGIN: Duration = Duration::from_secs(5);
/// How long after its enqueue a message without a record is waited for.
const ABSENT_GRACE: Duration = Duration::from_secs(60);
/// How long a message waits when a table, a queue or a quoted message is not ready.
const SHORT_WAIT: Duration = Duration::from_secs(2);

/// Delivers messages.
pub struct Deliverer {
    /// The records and the meters.
    pub books: Books,
    /// The numbers.
    pub instances: Instances,
    /// Where messages come from.
    pub deliveries: DeliveryQueue,
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
            return match result::fail_untried(&self.books, delivery, disconnected()).await? {
                Billed::Done => Ok(Next::Done),
                Billed::Refused(standing) => self.leave(Standing::of(standing), enqueued_at).await,
            };
        };
        let lease = deadline.left() + LEASE_MARGIN;
        match claim(&self.books.messages, &delivery.message_id, &number.id, lease).await? {
            Claim::Ours(message) => self.send(&message, instance, number, deadline).await,
            Claim::NotOurs(standing) => self.leave(standing, enqueued_at).await,
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
        if message.deadline <= clock::now() {
            return Ok(result::fail(&self.books, message, expired()).await?);
        }
        let quoted = match self.quoted(message).await {
            Ok(Context::Known(provider_id)) => provider_id,
            Ok(Context::NotYet) => return Ok(result::release_unposted(&self.books, message, SHORT_WAIT).await?),
            Err(error) => {
                tracing::error!(message_id = %message.id, %error, "delivery.not_now");
                return Ok(result::release_unposted(&self.books, message, SHORT_WAIT).await?);
            }
            Ok(Context::Never) => return Ok(result::fail(&self.books, message, quoted_never_sent()).await?),
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
            Outcome::Rejected { error, retry_after } => {
                if error.is_of_the_instance() {
                    self.disconnect(instance, &error).await?;
                }
                Ok(result::rejected(&self.books, message, &error, retry_after).await?)
            }
            Outcome::NotSent(reason) => Ok(result::not_sent(&self.books, message, &reason).await?),
            Outcome::Unknown(reason) => self.leave_unknown(message, &reason).await,
        }
    }

    /// What is queued behind it fails without being tried, instead of being refused one by one.
    async fn disconnect(&self, instance: &Instance, error: &GraphError) -> Result<(), TableError> {
        self.instances.forget(instance);
        if self.books.accounts.disconnect(instance, &error.failure().message).await? {
            tracing::error!(instance_id = %instance.id, code = error.code, "instance.disconnected");
        }
        Ok(())
    }

    /// WhatsApp's id of the quoted message.
    async fn quoted(&self, message: &Message) -> Result<Context, TableError> {
        Ok(match &message.quoted {
            None => Context::Known(None),
            Some(Quoted::Provider(id)) => Context::Known(Some(id.clone())),
            Some(Quoted::Message(id)) => match self.books.messages.get(id).await? {
                Some(quoted) if quoted.provider_id.is_some() => Context::Known(quoted.provider_id),
                Some(quoted) if quoted.failed_at.is_none() => Context::NotYet,
                _ => Context::Never,
            },
        })
    }

    async fn leave_unknown(&self, message: &Message, reason: &str) -> Result<Next, NotNow> {
        tracing::warn!(message_id = %message.id, attempt = message.attempt, reason, "message.unknown");
        result::unknown(&self.books, message).await?;
        self.have_settled(message).await
    }

    /// Only once `settle` has it may the queue forget it.
    async fn have_settled(&self, message: &Message) -> Result<Next, NotNow> {
        self.unsettled.enqueue(&Unsettled::attempt_at(message)).await?;
        Ok(Next::Done)
    }
}

/// What a reply quotes.
enum Context {
    /// WhatsApp's id of it, if it quotes anything.
    Known(Option<String>),
    /// The quoted message has not been sent yet.
    NotYet,
    /// The quoted message failed or is gone.
    Never,
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

fn quoted_never_sent() -> Failure {
    failure(FailureCode::ProviderError, "the message that it quotes was never sent")
}

fn failure(code: FailureCode, message: &str) -> Failure {
    Failure { code, message: message.to_owned(), provider_code: None }
}
