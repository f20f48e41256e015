//! Handles a request to send, from authentication to the response.

use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, RequestExt, Response};
use serde::Serialize;
use shared::account::{Caller, Scope};
use shared::clock::{self, Timestamp};
use shared::http::api_error::respond;
use shared::http::{ApiError, query};
use shared::ids::{self, AccountId, InstanceId, MessageId, RequestId};
use shared::ledger::{Charge, Lane, Purchase, SendSlots};
use shared::message::{AcceptedStatus, Draft, Message};
use shared::observability::{Metric, metrics, request_log};
use utoipa::ToSchema;

use crate::batch::{self, status};
use crate::connected_instance::disconnected;
use crate::idempotent_request::IdempotentRequest;
use crate::send_request::{SendRequest, check_country_code, check_send_at};
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

/// A request that was refused, and what a repeated one is known by: its Idempotency-Key and its instance.
struct RefusedRequest {
    refusal: ApiError,
    repeatable: Option<Box<(IdempotentRequest, InstanceId)>>,
}

impl From<ApiError> for RefusedRequest {
    fn from(refusal: ApiError) -> Self {
        Self { refusal, repeatable: None }
    }
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
                let mut response = error.into_response(id);
                response.extensions_mut().insert(caller.account().clone()); // for the log
                response
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
                Err(RefusedRequest { refusal, repeatable }) => {
                    let refusal = self.charger.count_refusal(key, refusal, now).await;
                    let repeatable = repeatable.as_deref().map(|(idempotent, instance)| (idempotent, instance));
                    return self.refuse(key, repeatable, refusal, now).await;
                }
            };
        let message_id = idempotent.as_ref().map_or_else(ids::random, |idempotent| idempotent.ids[0]);
        let is_scheduled = send_request.send_at.is_some_and(|send_at| send_at > now);
        let instance = &send_request.instance_id;
        let purchase = Purchase { key, instance, slots, message: message_id, batch_size: None, is_scheduled };
        let charge = match self.charger.charge(&purchase, now).await {
            Ok(charge) => charge,
            Err(refusal) => {
                let repeatable = idempotent.as_ref().map(|idempotent| (idempotent, instance));
                return self.refuse(key, repeatable, refusal, now).await;
            }
        };
        stale_reservations::complete(&self.charger, &self.messages, account, &charge.reservations, now).await;
        let message =
            self.message(account, (send_request, is_marketing), message_id, &charge, idempotent.as_ref(), now);
        if let Some(existing) = self.record_and_enqueue(&message).await? {
            self.refund(&message).await?;
            return self.replay(idempotent.as_ref(), existing, now).await;
        }
        self.release(account, &charge).await;
        metrics::count(Metric::MessagesAccepted);
        let kind = message.content.kind();
        tracing::info!(message_id = %message.id, instance_id = %message.instance_id, kind, "message.queued");
        Ok(message)
    }

    /// Checks everything that a charge does not check: what costs little first, a call of the file's host last.
    async fn check(&self, caller: &Caller, request: &Request, now: Timestamp) -> Result<Checked, RefusedRequest> {
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
            Err(refusal) => {
                let repeatable = idempotent.map(|idempotent| Box::new((idempotent, send_request.instance_id)));
                Err(RefusedRequest { refusal, repeatable })
            }
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
        check_country_code(&request.to)?;
        let (account, key) = (caller.account(), caller.limited_key());
        let instance = self.instance(account, &request.instance_id, now).await?;
        let number = instance.connected_number().ok_or_else(disconnected)?;
        self.charger.refuse_early(key, now)?;
        let is_marketing = self.check_recipient(caller, (&instance, number), request, now).await?;
        if let Some(file) = self.preflight.file(account, &request.content)? {
            self.charger.refuse_before_call(key, now).await?;
            self.preflight.check(account, &file).await?;
        }
        Ok((number.slots(), is_marketing))
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
