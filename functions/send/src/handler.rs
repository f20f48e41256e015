//! The way of a request through `send`.

use std::time::Duration;

use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, RequestExt, Response};
use serde::Serialize;
use shared::account::Scope;
use shared::api_error::{ApiError, ErrorCode, respond, tell_allowance};
use shared::authentication::{Authenticator, Caller};
use shared::clock::{self, Timestamp};
use shared::content::Quoted;
use shared::delivery_queue::DeliveryQueues;
use shared::ids::{self, AccountId, InstanceId, MessageId, RequestId};
use shared::instance::{Connection, Number};
use shared::instances::Instances;
use shared::message::{Draft, Message};
use shared::message_table::{MessageTable, Written};
use shared::metrics::{self, Metric};
use utoipa::ToSchema;

use crate::charge::{Charged, Charger, Purchase};
use crate::idempotency::{IdempotencyIds, Idempotent, Standing};
use crate::order::Order;
use crate::preflight::Preflight;
use crate::reservations;

/// What a client is told to wait after a 503, in seconds.
const RETRY_AFTER: u32 = 1;

/// Accepts messages.
pub struct Sender {
    /// Finds out who sends.
    pub authenticator: Authenticator,
    /// The instances that are sent from.
    pub instances: Instances,
    /// The records.
    pub messages: MessageTable,
    /// Where messages wait.
    pub deliveries: DeliveryQueues,
    /// Looks at files before they are charged for.
    pub preflight: Preflight,
    /// Takes credits.
    pub charger: Charger,
    /// Makes ids from Idempotency-Keys.
    pub idempotency: IdempotencyIds,
    /// How long records are kept.
    pub retention: Duration,
}

/// The contract's flat answer. A replay gives it again, whatever became of the message since.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    success: bool,
    message_id: MessageId,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
}

impl Accepted {
    /// An inbound URL's answer has no time (contract).
    fn of(message: &Message, caller: &Caller) -> Self {
        let timestamp = caller.instance().is_none().then(|| message.created_at.to_string());
        Self { success: true, message_id: message.id.clone(), status: "queued", timestamp }
    }
}

impl Sender {
    /// Answers one request.
    pub async fn handle(&self, request: &Request) -> Response<Body> {
        let id = RequestId::generate();
        let caller = match self.caller(request).await {
            Ok(caller) => caller,
            Err(error) => return error.into_response(&id),
        };
        // One time for the whole request: a refusal and the headers that explain it must not disagree.
        let now = clock::now();
        let mut response = match self.accept(&caller, request, now).await {
            Ok(message) => respond(StatusCode::ACCEPTED, &Accepted::of(&message, &caller), &id),
            Err(error) => {
                metrics::count(Metric::MessagesRefused(error.code()));
                error.into_response(&id)
            }
        };
        tell_allowance(&mut response, self.charger.allowance(&caller, now));
        response
    }

    /// Whose key it is, or whose inbound URL, which carries its own.
    async fn caller(&self, request: &Request) -> Result<Caller, ApiError> {
        match request.path_parameters().first("token") {
            Some(token) => self.authenticator.authenticate_inbound(token).await,
            None => self.authenticator.authenticate(request.headers()).await,
        }
    }

    async fn accept(&self, caller: &Caller, request: &Request, now: Timestamp) -> Result<Message, ApiError> {
        caller.require(Scope::MessagesWrite)?;
        let order = match caller.instance() {
            Some(instance) => Order::parse_inbound(request.body(), instance)?,
            None => Order::parse(request.body())?,
        };
        let account = caller.account();
        let idempotent = self.idempotency.read(request.headers(), account, request.body())?;
        if let Some(standing) = self.find(idempotent.as_ref()).await? {
            return self.answer_again(idempotent.as_ref(), standing, now).await;
        }
        let number = self.number(account, &order.instance_id, now).await?;
        self.check_quoted(account, order.quoted.as_ref()).await?;
        self.charger.refuse_early(caller, now)?;
        self.preflight.check(&order.content).await?;
        let message_id = idempotent.as_ref().map_or_else(ids::random, |idempotent| idempotent.ids[0]);
        let purchase = Purchase { caller, instance: &order.instance_id, number: &number, message: message_id };
        let charged = self.charger.charge(&purchase, now).await?;
        reservations::tidy(&self.charger, &self.messages, account, &charged.open, now).await;
        let message = self.draft(account, order, message_id, &charged, idempotent.as_ref(), now);
        if let Some(standing) = self.record(&message).await? {
            self.give_back(&message).await?;
            return self.answer_again(idempotent.as_ref(), standing, now).await;
        }
        self.enqueue(&message).await?;
        self.charger.done(account, charged.nonce);
        metrics::count(Metric::MessagesAccepted);
        tracing::info!(message_id = %message.id, instance_id = %message.instance_id, kind = message.content.kind(), "message.queued");
        Ok(message)
    }

    /// The record that an earlier request with the same Idempotency-Key made.
    async fn find(&self, idempotent: Option<&Idempotent>) -> Result<Option<Box<Message>>, ApiError> {
        for id in idempotent.iter().flat_map(|idempotent| &idempotent.ids) {
            let found = self.messages.get(&MessageId::from_bytes(*id)).await;
            if let Some(message) = found.map_err(|error| ApiError::unavailable(error, RETRY_AFTER))? {
                return Ok(Some(Box::new(message)));
            }
        }
        Ok(None)
    }

    /// `now` is from before the record was read: one that looks young may be withdrawn until then.
    async fn answer_again(
        &self,
        idempotent: Option<&Idempotent>,
        standing: Box<Message>,
        now: Timestamp,
    ) -> Result<Message, ApiError> {
        let Some(idempotent) = idempotent else {
            return Err(ApiError::internal("a new message id was taken"));
        };
        if matches!(idempotent.standing(&standing, now)?, Standing::EnqueueAgain) {
            let enqueued = self.deliveries.enqueue_again(&standing, clock::now()).await;
            enqueued.map_err(|error| ApiError::unavailable(error, RETRY_AFTER))?;
        }
        Ok(*standing)
    }

    /// The number of an instance that is connected and that WhatsApp has not stopped.
    async fn number(&self, account: &AccountId, id: &InstanceId, now: Timestamp) -> Result<Number, ApiError> {
        let found = self.instances.find(account, id).await;
        let instance = found.map_err(|error| ApiError::unavailable(error, RETRY_AFTER))?;
        let instance = instance.ok_or_else(|| {
            ApiError::field(ErrorCode::InvalidInstance, "instanceId", "there is no such instance in this account")
        })?;
        if let Some(wait) = instance.paused_for(now) {
            let message = "WhatsApp has stopped this number for a while because of its policies";
            return Err(ApiError::field(ErrorCode::RateLimitExceeded, "instanceId", message).retry_after(wait));
        }
        instance.number.filter(|_| instance.status == Connection::Connected).ok_or_else(|| {
            let message = "this instance is not connected to WhatsApp; connect it first";
            ApiError::field(ErrorCode::InstanceDisconnected, "instanceId", message)
        })
    }

    /// A quoted message of ours must be the account's own.
    async fn check_quoted(&self, account: &AccountId, quoted: Option<&Quoted>) -> Result<(), ApiError> {
        let Some(Quoted::Message(id)) = quoted else {
            return Ok(());
        };
        let found = self.messages.get(id).await.map_err(|error| ApiError::unavailable(error, RETRY_AFTER))?;
        if found.is_some_and(|message| message.account_id == *account) {
            return Ok(());
        }
        Err(ApiError::invalid("quotedMessageId", "there is no such message in this account"))
    }

    fn draft(
        &self,
        account: &AccountId,
        order: Order,
        id: [u8; 16],
        charged: &Charged,
        idempotent: Option<&Idempotent>,
        now: Timestamp,
    ) -> Message {
        let draft = Draft {
            account_id: account.clone(),
            instance_id: order.instance_id,
            to: order.to,
            content: order.content,
            quoted: order.quoted,
            metadata: order.metadata,
            body_hash: idempotent.map(|idempotent| idempotent.body_hash.clone()),
            slot: charged.slot,
            lane: charged.lane,
            expires_in: order.expires_in,
            retention: self.retention,
        };
        Message::queued(draft, MessageId::from_bytes(id), charged.nonce.clone(), now)
    }

    /// Nothing when the record is written; the one that stands when another request with the same key was faster.
    async fn record(&self, message: &Message) -> Result<Option<Box<Message>>, ApiError> {
        match self.messages.insert(message).await {
            Ok(Written::Done(_)) => Ok(None),
            Ok(Written::Refused(standing)) => Ok(standing),
            Err(error) => {
                if !self.take_back(message).await? {
                    return Err(ApiError::internal("a record whose put was not answered is being sent"));
                }
                Err(ApiError::unavailable(error, RETRY_AFTER))
            }
        }
    }

    async fn enqueue(&self, message: &Message) -> Result<(), ApiError> {
        let Err(error) = self.deliveries.enqueue(message, 0).await else {
            return Ok(());
        };
        if self.take_back(message).await? {
            return Err(ApiError::unavailable(error, RETRY_AFTER));
        }
        Ok(()) // the queue took it after all, and deliver has begun
    }

    /// Takes a message and its charge back, so that a 503 may say that nothing was accepted. `false` when the message
    /// is being sent. Without an answer the outcome is unknown, and `settle` finishes by the reservation.
    async fn take_back(&self, message: &Message) -> Result<bool, ApiError> {
        let withdrawn = self.messages.withdraw(message).await.map_err(ApiError::internal)?;
        if withdrawn {
            self.give_back(message).await?;
        }
        Ok(withdrawn)
    }

    async fn give_back(&self, message: &Message) -> Result<(), ApiError> {
        self.charger.give_back(&message.account_id, &message.nonce).await.map_err(ApiError::internal)
    }
}
