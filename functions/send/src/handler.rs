//! Handles a request to send, from authentication to the response.

use futures::future::try_join_all;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, RequestExt, Response};
use serde::Serialize;
use shared::account::{Caller, Scope};
use shared::clock::{self, Timestamp};
use shared::http::api_error::respond;
use shared::http::{ApiError, query};
use shared::ids::{self, AccountId, InstanceId, MessageId, RequestId};
use shared::ledger::{Charge, Lane, LimitedKey, Purchase, SendSlots};
use shared::message::{AcceptedStatus, Draft, Message, Stored};
use shared::observability::{Metric, metrics, request_log};
use utoipa::ToSchema;

use crate::batch::{self, status};
use crate::connected_instance::disconnected;
use crate::idempotency::{IdempotentRequest, ReplayDecision};
use crate::record_and_enqueue::{erased, unavailable};
use crate::send_request::{SendRequest, check_send_at};
use crate::sender::Sender;
use crate::stale_reservations;

/// The contract's flat response. A replay repeats it, whatever the message's status is by then.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Accepted)]
pub struct SendResponse {
    /// Always true.
    success: bool,
    /// The id of the message, by which events and `GET /v1/messages/{messageId}` name it.
    message_id: MessageId,
    /// `scheduled` if the request has a `sendAt` in the future, else `queued`.
    #[schema(value_type = AcceptedStatus)]
    status: &'static str,
    /// When the message was accepted. Absent in answers of inbound URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    timestamp: Option<String>,
}

/// A request that was checked.
enum Checked {
    /// It asks for a message, if it can be charged.
    New(Box<CheckedRequest>),
    /// Its Idempotency-Key has a message already.
    Repeated(Option<IdempotentRequest>, Box<Message>),
}

/// A request for a message.
struct CheckedRequest {
    send_request: SendRequest,
    idempotent: Option<IdempotentRequest>,
    slots: SendSlots,
    is_marketing: bool,
}

impl SendResponse {
    /// The response of an inbound URL has no timestamp (contract).
    fn new(message: &Message, caller: &Caller) -> Self {
        let timestamp = caller.instance().is_none().then(|| message.created_at.to_string());
        let status = status(message.send_at, message.created_at);
        Self { success: true, message_id: message.id.clone(), status, timestamp }
    }
}

impl Sender {
    /// Answers one request.
    pub async fn handle(&self, request: &Request) -> Response<Body> {
        let id = RequestId::generate();
        request_log::answer(&id, self.answer(request, &id)).await
    }

    async fn answer(&self, request: &Request, id: &RequestId) -> Response<Body> {
        let caller = match self.caller(request).await {
            Ok(caller) => caller,
            Err(error) => return error.into_response(id),
        };
        // One time for the whole request: a refusal and the rate-limit headers must not disagree.
        let now = clock::now();
        let answer = if request.uri().path() == batch::PATH {
            let accepted = self.accept_batch(&caller, request, now).await;
            accepted.map(|batch| respond(StatusCode::ACCEPTED, &batch, id))
        } else {
            let accepted = self.accept(&caller, request, now).await;
            accepted.map(|message| respond(StatusCode::ACCEPTED, &SendResponse::new(&message, &caller), id))
        };
        let mut response = match answer {
            Ok(response) => response,
            Err(error) => {
                metrics::count(Metric::MessagesRefused(error.code));
                error.into_response(id)
            }
        };
        self.charger.allowance(caller.limited_key(), now).write_to(&mut response);
        response
    }

    /// Authenticates the caller: by the API key, or by the token of an inbound URL.
    async fn caller(&self, request: &Request) -> Result<Caller, ApiError> {
        match request.path_parameters().first("token") {
            Some(token) => self.authenticator.authenticate_inbound(token).await,
            None => self.authenticator.authenticate(request.headers()).await,
        }
    }

    /// Accepts a message. Each request counts against its key's limit: with its charge, or by itself when it makes none.
    async fn accept(&self, caller: &Caller, request: &Request, now: Timestamp) -> Result<Message, ApiError> {
        let (account, key) = (caller.account(), caller.limited_key());
        self.charger.refuse_over_limit(key, now)?;
        let CheckedRequest { send_request, idempotent, slots, is_marketing } =
            match self.check(caller, request, now).await {
                Ok(Checked::New(checked)) => *checked,
                Ok(Checked::Repeated(idempotent, existing)) => {
                    return self.repeat(key, idempotent.as_ref(), existing, now).await;
                }
                Err(refusal) => return Err(self.charger.count_refusal(key, refusal, now).await),
            };
        let message_id = idempotent.as_ref().map_or_else(ids::random, |idempotent| idempotent.ids[0]);
        let is_scheduled = send_request.send_at.is_some_and(|send_at| send_at > now);
        let instance = &send_request.instance_id;
        let purchase = Purchase { key, instance, slots, message: message_id, batch: None, is_scheduled };
        let charge = match self.charger.charge(&purchase, now).await {
            Ok(charge) => charge,
            Err(refusal) => match self.find(idempotent.as_ref(), &send_request.instance_id).await? {
                Some(existing) => return self.repeat(key, idempotent.as_ref(), existing, now).await,
                None => return Err(refusal),
            },
        };
        stale_reservations::complete(&self.charger, &self.messages, account, &charge.reservations, now).await;
        let message =
            self.message(account, (send_request, is_marketing), message_id, &charge, idempotent.as_ref(), now);
        if let Some(existing) = self.record(&message).await? {
            self.refund(&message).await?;
            return self.replay(idempotent.as_ref(), existing, now).await;
        }
        self.enqueue(&message).await?;
        self.release(account, &charge).await;
        metrics::count(Metric::MessagesAccepted);
        let kind = message.content.kind();
        tracing::info!(message_id = %message.id, instance_id = %message.instance_id, kind, "message.queued");
        Ok(message)
    }

    /// Checks everything that a charge does not check: what costs little first, a call of the file's host last.
    async fn check(&self, caller: &Caller, request: &Request, now: Timestamp) -> Result<Checked, ApiError> {
        caller.require(Scope::MessagesWrite)?;
        query::refuse_unknown(request, &[])?;
        let mut send_request = match caller.instance() {
            Some(instance) => SendRequest::parse_inbound(request.body(), instance)?,
            None => SendRequest::parse(request.body())?,
        };
        let idempotent = self.idempotency.get().read(request.headers(), caller, request.body())?;
        let instance = &send_request.instance_id.clone();
        if self.may_be_repeated(idempotent.as_ref()).await?
            && let Some(existing) = self.find(idempotent.as_ref(), instance).await?
        {
            return Ok(Checked::Repeated(idempotent, existing));
        }
        match self.check_new(caller, &mut send_request, now).await {
            Ok((slots, is_marketing)) => {
                Ok(Checked::New(Box::new(CheckedRequest { send_request, idempotent, slots, is_marketing })))
            }
            Err(refusal) => match self.find(idempotent.as_ref(), instance).await? {
                Some(existing) => Ok(Checked::Repeated(idempotent, existing)),
                None => Err(refusal),
            },
        }
    }

    /// Checks a request that repeats none. Returns the slots of its number, and whether the message is for marketing.
    async fn check_new(
        &self,
        caller: &Caller,
        request: &mut SendRequest,
        now: Timestamp,
    ) -> Result<(SendSlots, bool), ApiError> {
        check_send_at(request.send_at, now)?;
        let (account, key) = (caller.account(), caller.limited_key());
        let instance = self.instance(account, &request.instance_id, now).await?;
        let number = instance.connected_number().ok_or_else(disconnected)?;
        self.check_quoted(account, request).await?;
        self.find_uploaded_file(account, request, now).await?;
        self.charger.refuse_early(key, now)?;
        self.refuse_outside_window(&instance, request, now).await?;
        let is_marketing = self.check_template(key, (&instance, number), &request.content, now).await?;
        self.refuse_opted_out(&instance.id, &request.to, is_marketing).await?;
        if let Some(file) = self.preflight.file(account, &request.content)? {
            self.charger.refuse_before_call(key, now).await?;
            self.preflight.check(account, &file).await?;
        }
        Ok((number.slots(), is_marketing))
    }

    /// Whether an earlier request may have the same Idempotency-Key, for half the price of [`Self::find`]: the read is eventually
    /// consistent. One that misses the record of a moment ago does no harm: the insert finds it, and a refusal is only given after
    /// `find`. The insert does not find records under ids of earlier versions, so these are always looked for.
    async fn may_be_repeated(&self, idempotent: Option<&IdempotentRequest>) -> Result<bool, ApiError> {
        let Some(idempotent) = idempotent else { return Ok(false) };
        let [id] = idempotent.ids[..] else { return Ok(true) };
        if !idempotent.earlier_ids.is_empty() {
            return Ok(true);
        }
        let id = MessageId::from_bytes(id);
        self.messages.may_exist(&id).await.map_err(unavailable)
    }

    /// The record of an earlier request with the same Idempotency-Key.
    async fn find(
        &self,
        idempotent: Option<&IdempotentRequest>,
        instance: &InstanceId,
    ) -> Result<Option<Box<Message>>, ApiError> {
        let Some(idempotent) = idempotent else {
            return Ok(None);
        };
        let ids: Vec<_> =
            idempotent.ids.iter().chain(&idempotent.earlier_ids).map(|id| MessageId::from_bytes(*id)).collect();
        let found = try_join_all(ids.iter().map(|id| self.messages.get_stored(id))).await.map_err(unavailable)?;
        for (position, found) in found.into_iter().enumerate() {
            let is_own = position < idempotent.ids.len();
            match found {
                Some(Stored::Message(message)) if is_own || idempotent.is_earlier(&message, instance) => {
                    return Ok(Some(message));
                }
                Some(Stored::Erased(_)) if is_own => return Err(erased()),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Answers a request whose Idempotency-Key has a message already, and counts it.
    async fn repeat(
        &self,
        key: &LimitedKey,
        idempotent: Option<&IdempotentRequest>,
        existing: Box<Message>,
        now: Timestamp,
    ) -> Result<Message, ApiError> {
        self.charger.count(key, now).await?;
        self.replay(idempotent, existing, now).await
    }

    /// Repeats the first response. `now` is from before the record was read: a record that is young then may be withdrawn.
    async fn replay(
        &self,
        idempotent: Option<&IdempotentRequest>,
        existing: Box<Message>,
        now: Timestamp,
    ) -> Result<Message, ApiError> {
        let Some(idempotent) = idempotent else {
            return Err(ApiError::internal("a new message id was taken"));
        };
        if matches!(idempotent.decide(&existing, now)?, ReplayDecision::EnqueueAgain) {
            let enqueued = self.queues.enqueue_again(&existing, clock::now()).await;
            enqueued.map_err(unavailable)?;
        }
        tracing::info!(message_id = %existing.id, "request.repeated");
        Ok(*existing)
    }

    fn message(
        &self,
        account: &AccountId,
        (request, is_marketing): (SendRequest, bool),
        id: [u8; 16],
        charge: &Charge,
        idempotent: Option<&IdempotentRequest>,
        now: Timestamp,
    ) -> Message {
        let send_at = request.send_at.filter(|send_at| *send_at > now);
        let draft = Draft {
            account_id: account.clone(),
            instance_id: request.instance_id,
            to: request.to,
            content: request.content,
            quoted: request.quoted,
            metadata: request.metadata,
            reference: request.reference,
            body_hash: idempotent.map(|idempotent| idempotent.body_hash.clone()),
            slot: charge.slot,
            bulk: (charge.lane == Lane::Bulk).then_some(charge.slots),
            batch_row: None,
            send_at,
            is_marketing: is_marketing && send_at.is_some(),
            expires_in: request.expires_in,
            retention: self.retention,
        };
        Message::queued(draft, MessageId::from_bytes(id), charge.nonce.clone(), now)
    }
}
