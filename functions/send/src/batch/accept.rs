//! Accepts a batch, or repeats the answer to one.

use std::collections::HashSet;
use std::time::Duration;

use lambda_http::Request;
use shared::account::{Caller, Scope};
use shared::aws::ConditionalWrite;
use shared::batch::{Batch, BatchState, MAX_OPEN_BATCHES, Opened};
use shared::clock::{self, Timestamp};
use shared::http::{ApiError, ErrorCode, idempotency_key, query};
use shared::ids::{self, BatchId, InstanceId};
use shared::ledger::reservation::reservation_attribute;
use shared::ledger::{Charge, Purchase, SendSlots, TABLE_WAIT};
use shared::message::BatchesOf;
use shared::observability::{Metric, metrics};

use super::repeats::{BrokenOff, Earlier, RequestedBatch, decide, repeated};
use super::request::BatchRequest;
use super::response::BatchResponse;
use super::rows::{Row, Rows};
use crate::connected_instance::disconnected;
use crate::idempotency_ids::IdempotencyIds;
use crate::record_and_enqueue::unavailable;
use crate::send_request::check_send_at;
use crate::sender::Sender;

/// The path.
pub const PATH: &str = "/v1/messages/batch";

/// Up to so many recipients the charge of a batch is ended with a later one, as that of a message is. Of more, `settle` would read more units
/// meanwhile, one for each message, than a write costs.
const FEW: u16 = 10;
/// When a client whose instance has too many open batches should try again, in seconds: `settle` looks every minute whether one is complete.
const NEXT_OPEN: u32 = 60;

/// A batch that was checked.
struct NewBatch {
    requested: RequestedBatch,
    slots: SendSlots,
    rows: Rows,
    recipients: u16,
}

/// A request that was checked.
enum Checked {
    New(Box<NewBatch>),
    Repeated(Box<Batch>),
    Refused(Box<RequestedBatch>, ApiError),
}

impl Sender {
    /// Accepts a batch. It counts once against its key's limit: with its charge, or by itself when it makes none.
    pub async fn accept_batch(
        &self,
        caller: &Caller,
        request: &Request,
        now: Timestamp,
    ) -> Result<BatchResponse, ApiError> {
        let key = caller.limited_key();
        self.charger.refuse_over_limit(key, now)?;
        match self.check_batch(caller, request, now).await {
            Ok(Checked::New(batch)) => self.send_batch(caller, *batch, now).await,
            Ok(Checked::Repeated(batch)) => {
                self.charger.count(key, now).await?;
                Ok(BatchResponse::new(&batch))
            }
            Ok(Checked::Refused(requested, refusal)) => {
                let refusal = self.charger.count_refusal(key, refusal, now).await;
                self.refuse_batch(caller, &requested, refusal, now).await
            }
            Err(refusal) => Err(self.charger.count_refusal(key, refusal, now).await),
        }
    }

    async fn check_batch(&self, caller: &Caller, request: &Request, now: Timestamp) -> Result<Checked, ApiError> {
        caller.require(Scope::MessagesWrite)?;
        query::refuse_unknown(request, &[])?;
        let body: &[u8] = request.body();
        let parsed = BatchRequest::parse(body)?;
        let key = idempotency_key::read(request.headers())?;
        let id = key.map_or_else(ids::random, |key| IdempotencyIds::batch_id(caller.account(), key));
        let body_hash = key.map(|_| idempotency_key::body_hash(body));
        let found = if key.is_some() { self.find_batch(caller, &BatchId::from_bytes(id)).await? } else { None };
        let broken_off = match found.map(|found| decide(found, body_hash.as_deref(), now)).transpose()? {
            Some(Earlier::Accepted(batch)) => return Ok(Checked::Repeated(batch)),
            Some(Earlier::BrokenOff(batch)) => self.broken_off(batch).await?,
            None => BrokenOff::default(),
        };
        let checked = self.check_content(caller, &parsed, &broken_off, now).await;
        let requested = RequestedBatch { id, body_hash, broken_off };
        let recipients = u16::try_from(parsed.recipients()).unwrap_or(u16::MAX);
        Ok(match checked {
            Ok((slots, rows)) => Checked::New(Box::new(NewBatch { requested, slots, rows, recipients })),
            Err(refusal) => Checked::Refused(Box::new(requested), refusal),
        })
    }

    /// Checks what the batch is to send, and whether its instance can send it.
    async fn check_content(
        &self,
        caller: &Caller,
        parsed: &BatchRequest,
        broken_off: &BrokenOff,
        now: Timestamp,
    ) -> Result<(SendSlots, Rows), ApiError> {
        let first = parsed.rows().find_map(Result::ok);
        let Some(first) = first else {
            let refused = (0..).zip(parsed.rows()).filter_map(|(index, row)| Some((index, row.err()?)));
            return Err(parsed.none_acceptable(refused));
        };
        check_send_at(first.send_at, broken_off.began_at(now))?;
        let instance = self.instance(caller.account(), &first.instance_id, now).await?;
        let number = instance.connected_number().ok_or_else(disconnected)?;
        self.charger.refuse_early(caller.limited_key(), now)?;
        self.refuse_too_many_open(caller, &instance.id).await?;
        let rows = self.check_rows(caller, (&instance, number), (parsed, &broken_off.recorded), now).await?;
        Ok((number.slots(), rows))
    }

    /// Refuses a batch of an instance that has too many open ones. Requests in parallel may exceed the bound by as many as they are.
    async fn refuse_too_many_open(&self, caller: &Caller, instance: &InstanceId) -> Result<(), ApiError> {
        let open = self.accounts.count_open_batches(caller.account(), instance).await.map_err(unavailable)?;
        if open < MAX_OPEN_BATCHES {
            return Ok(());
        }
        let message = format!(
            "`instanceId` names an instance that has {MAX_OPEN_BATCHES} open batches: wait until one is complete, or cancel one."
        );
        let refusal = ApiError::field(ErrorCode::LimitReached, "instanceId", message);
        Err(ApiError { retry_after: Some(NEXT_OPEN), ..refusal })
    }

    /// Charges, records and accepts. What breaks off from the charge on is finished by `settle`, or by the next request with the
    /// same Idempotency-Key.
    async fn send_batch(&self, caller: &Caller, new: NewBatch, now: Timestamp) -> Result<BatchResponse, ApiError> {
        let missing = missing_rows(&new);
        let messages = u16::try_from(missing.len()).unwrap_or(u16::MAX);
        let instance = new.rows.accepted[0].request.instance_id.clone();
        let (key, batch_size) = (caller.limited_key(), Some(messages.max(1)));
        let is_scheduled = new.rows.accepted[0].request.send_at.is_some_and(|send_at| send_at > now);
        let message = new.requested.id;
        let purchase = Purchase { key, instance: &instance, slots: new.slots, message, batch_size, is_scheduled };
        let charge = match self.charger.charge(&purchase, now).await {
            Ok(charge) => charge,
            Err(refusal) => return self.refuse_batch(caller, &new.requested, refusal, now).await,
        };
        let batch = record_of(caller, &new, &charge, self.retention, now);
        let begun = match &new.requested.broken_off.batch {
            None => self.accounts.begin_batch(&batch).await,
            Some(broken_off) => self.accounts.resume_batch(&batch, &broken_off.nonce).await,
        };
        if let ConditionalWrite::Refused(existing) = begun.map_err(ApiError::internal)? {
            self.end_charge(&batch, &charge, messages.max(1)).await;
            let existing = existing.ok_or_else(|| ApiError::internal("a batch disappeared"))?;
            return repeated(Box::new(existing), new.requested.body_hash.as_deref(), now);
        }
        self.record_and_accept(batch, (new, missing, messages), &charge, now).await
    }

    async fn record_and_accept(
        &self,
        mut batch: Batch,
        (new, missing, messages): (NewBatch, HashSet<u16>, u16),
        charge: &Charge,
        now: Timestamp,
    ) -> Result<BatchResponse, ApiError> {
        let body_hash = new.requested.body_hash;
        let present = u16::try_from(new.rows.accepted.len() - missing.len()).unwrap_or(u16::MAX);
        let rows: Vec<Row> = new.rows.accepted.into_iter().filter(|row| missing.contains(&row.index)).collect();
        let recorded = self.record_rows(&batch, rows).await?;
        let refunded = messages.max(1) - recorded.charged;
        batch.accepted = present + recorded.charged + recorded.earlier;
        batch.rejections = batch.rejections.list().into_iter().chain(recorded.rejected).collect();
        if batch.accepted == 0 {
            self.end_charge(&batch, charge, refunded).await;
            return Err(unavailable("no message of a batch could be recorded"));
        }
        match self.accounts.accept_batch(&batch).await.map_err(ApiError::internal)? {
            Opened::Accepted => {}
            Opened::Changed => {
                // The request took so long that it was finished by `settle`, which counts what is recorded.
                let found = self.accounts.batch(&batch.account_id, &batch.id).await.map_err(ApiError::internal)?;
                let found = found.ok_or_else(|| ApiError::internal("a batch disappeared"))?;
                return repeated(Box::new(found), body_hash.as_deref(), now);
            }
        }
        self.end_charge(&batch, charge, refunded).await;
        self.begin_to_leave(&batch).await;
        metrics::count_many(Metric::MessagesAccepted, u64::from(recorded.charged));
        tracing::info!(batch_id = %batch.id, instance_id = %batch.instance_id, messages = batch.accepted, "batch.queued");
        Ok(BatchResponse::new(&batch))
    }

    /// Ends a charge: refunds what was not recorded. `settle` does it when this does not.
    async fn end_charge(&self, batch: &Batch, charge: &Charge, refunded: u16) {
        if refunded == 0 && batch.recipients <= FEW {
            return self.release(&batch.account_id, charge).await;
        }
        let reservation = reservation_attribute(&charge.nonce);
        if let Err(error) = self.ledger.settle_reservation(&batch.account_id, &reservation, refunded).await {
            tracing::warn!(account_id = %batch.account_id, %error, "reservation.refund_failed");
        }
    }

    /// Has `settle` enqueue the first messages at once, or at the batch's `sendAt` if that is soon; each minute it looks for what
    /// was not scheduled.
    async fn begin_to_leave(&self, batch: &Batch) {
        let (account_id, instance_id) = (batch.account_id.clone(), batch.instance_id.clone());
        let wait = batch.send_at.map_or(Duration::ZERO, |send_at| clock::now().until(send_at));
        if wait <= TABLE_WAIT
            && let Err(error) = self.queues.settle.feed_batches(&BatchesOf { account_id, instance_id }, wait).await
        {
            tracing::warn!(batch_id = %batch.id, %error, "batch.begin_failed");
        }
    }
}

/// The accepted rows whose messages are not recorded yet: all of a first request.
fn missing_rows(new: &NewBatch) -> HashSet<u16> {
    let accepted = new.rows.accepted.iter().map(|row| row.index);
    accepted.filter(|row| !new.requested.broken_off.recorded.contains(row)).collect()
}

/// The record of a batch whose messages are about to be recorded.
fn record_of(caller: &Caller, new: &NewBatch, charge: &Charge, retention: Duration, now: Timestamp) -> Batch {
    let first = &new.rows.accepted[0].request;
    let created_at = new.requested.broken_off.began_at(now);
    let send_at = first.send_at.filter(|send_at| *send_at > created_at);
    let begin = send_at.unwrap_or(created_at);
    let longest = new.rows.accepted.iter().map(|row| row.request.expires_in).max().unwrap_or_default();
    Batch {
        id: new.requested.batch_id(),
        account_id: caller.account().clone(),
        instance_id: first.instance_id.clone(),
        recipients: new.recipients,
        accepted: u16::try_from(new.rows.accepted.len()).unwrap_or(u16::MAX),
        rejections: new.rows.rejected.iter().cloned().collect(),
        state: BatchState::Recording,
        nonce: charge.nonce.clone(),
        body_hash: new.requested.body_hash.clone(),
        created_at,
        recording_since: now,
        send_at,
        deadline: begin.plus(longest),
        canceled_at: None,
        completed_at: None,
        forget_at: begin.plus(retention).secs(),
    }
}
