//! Handles requests to the callback URL: its verification by Meta (GET), and callbacks (POST).

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_lc_rs::constant_time;
use futures::future::{join, join_all, join3};
use futures::{StreamExt, stream};
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, RequestExt, Response};
use secrecy::ExposeSecret;
use shared::clock::{self, Timestamp};
use shared::observability::{LogLimit, Metric, metrics};
use shared::unread_callback::REPLAY_HEADER;
use shared::whatsapp::{Callback, CallbackSignature, CallbackWeight, UnreadPack, UnreadUpdate};
use shared::whatsapp::{ReceivedCall, ReceivedMessage, StatusUpdate};

use crate::app_secrets::{Owners, Signer};
use crate::messages_of_callback::MessagesOfCallback;
use crate::receiver::{MAX_CONCURRENCY, Receiver};
use crate::secrets::ReceiveSecrets;
use crate::store_error::StoreError;

/// The largest body, in bytes. Meta's have 3 MB at most (whatsapp-cloud-api, Callbacks).
const MAX_BODY: usize = 4 * 1024 * 1024;

/// Lines about forged callbacks, a minute and process: anybody can send them.
static FORGERIES: LogLimit = LogLimit::new(1);

/// When this process last counted as `Attention` that the app secret may be wrong.
static ATTENTION_AT: AtomicI64 = AtomicI64::new(0);
/// Seconds until it counts it again: an alarm that stays on hides what comes next.
const ATTENTION_INTERVAL: i64 = 60 * 60;

/// Lines about callbacks with too many updates, a minute and process.
static TOO_FULL: LogLimit = LogLimit::new(1);

/// An update of a callback; each is stored on its own.
enum Update {
    Status(StatusUpdate),
    Message(Box<ReceivedMessage>),
    Call(Box<ReceivedCall>),
}

impl Receiver {
    /// Answers a request. The caller is not authenticated yet.
    pub async fn handle(&self, request: &Request) -> Response<Body> {
        match *request.method() {
            Method::GET => self.verify(request).await,
            Method::POST => self.process(request).await,
            _ => empty(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    /// Meta verifies the URL of callbacks: the response is its challenge.
    async fn verify(&self, request: &Request) -> Response<Body> {
        let query = request.query_string_parameters();
        let token = query.first("hub.verify_token").unwrap_or_default().as_bytes();
        let is_token = |secrets: &ReceiveSecrets| {
            let expected = secrets.app.verify_token.expose_secret().as_bytes();
            constant_time::verify_slices_are_equal(token, expected).is_ok()
        };
        let is_right = self.secrets.with_latest(is_token, |is_right| !is_right).await;
        match query.first("hub.challenge") {
            Some(challenge) if is_right && query.first("hub.mode") == Some("subscribe") => {
                Response::new(Body::Text(challenge.to_owned()))
            }
            _ => empty(StatusCode::FORBIDDEN),
        }
    }

    /// Size and form first, then the signature, and only then the content: a stranger's body must cost little.
    async fn process(&self, request: &Request) -> Response<Body> {
        if request.body().len() > MAX_BODY {
            return empty(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        if let Some(token) = header(REPLAY_HEADER) {
            return self.replay(token, request).await;
        }
        let Some(signature) = header("x-hub-signature-256").and_then(CallbackSignature::from_header) else {
            return empty(StatusCode::UNAUTHORIZED);
        };
        let owners = match self.signer(&signature, request.body()).await {
            Ok(Signer::Deployment) => None,
            Ok(Signer::Numbers(owners)) => Some(owners),
            Ok(Signer::Forger { is_number_silent }) => {
                note_forgery(is_number_silent);
                return empty(StatusCode::UNAUTHORIZED);
            }
            Ok(Signer::Stranger) => return empty(StatusCode::UNAUTHORIZED),
            Err(error) => {
                if matches!(error, StoreError::UnknownSecretKey) {
                    metrics::count(Metric::KeysUnknown);
                }
                tracing::error!(%error, "callback.verification_failed");
                return empty(StatusCode::INTERNAL_SERVER_ERROR);
            }
        };
        match self.store_body(request.body(), owners.as_ref()).await {
            Ok(()) => empty(StatusCode::OK),
            Err(StoreError::OverOwnAppLimit) => empty(StatusCode::TOO_MANY_REQUESTS),
            Err(StoreError::TooManyUpdates) => empty(StatusCode::PAYLOAD_TOO_LARGE),
            Err(error) => {
                tracing::error!(%error, "callback.store_failed");
                empty(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    /// Stores a body that these owners' own app signed, or the deployment's. What is above an own app's limit is not read.
    async fn store_body(&self, body: &[u8], owners: Option<&Owners>) -> Result<(), StoreError> {
        if let Some(owners) = owners {
            let weight = CallbackWeight::read(body, |number| owners.contains_key(number));
            if weight.is_too_full() {
                // WhatsApp sends no such one: a customer has made it.
                if let Some(unlogged) = TOO_FULL.admit() {
                    tracing::warn!(unlogged, "callback.too_many_updates");
                }
                return Err(StoreError::TooManyUpdates);
            }
            if !self.own_apps.admits(&weight, owners).await? {
                join_all(weight.numbers().map(|number| self.liveness.note_refusal(number))).await;
                return Err(StoreError::OverOwnAppLimit);
            }
            if weight.is_about_others_alone() {
                return Ok(()); // the app has numbers that are connected elsewhere, of which it may tell nothing here
            }
        }
        self.store_callback(Callback::read(body), owners).await
    }

    /// Stores a callback, and keeps what cannot be read of it. `owners` are those of its numbers whose own app signed it, if
    /// that was not the deployment's.
    async fn store_callback(
        &self,
        callback: Result<Callback, UnreadPack>,
        owners: Option<&Owners>,
    ) -> Result<(), StoreError> {
        let came = clock::now();
        let mut callback = match callback {
            Ok(callback) => callback,
            Err(whole) => {
                self.check_quota(&whole, owners).await?;
                return self.keep_unread(vec![whole], owners, came).await;
            }
        };
        if let Some(owners) = owners {
            keep_only(&mut callback, owners);
        }
        metrics::count_many(Metric::CallbacksUntagged, callback.untagged as u64);
        metrics::count_many(Metric::CallbacksUnused, callback.unused as u64);
        let numbers: BTreeSet<String> = callback.numbers().map(str::to_owned).collect();
        let admitted = self.remove_over_quota(&mut callback, owners).await;
        let unread = UnreadPack::pack(&callback.unread);
        // All of it, also when a part fails: WhatsApp repeats the whole.
        let (stored, kept) = join(self.store_all(callback, owners, came), self.keep_unread(unread, owners, came)).await;
        let of_unknown_accounts = stored?;
        kept?;
        self.keep_unread(UnreadPack::pack(&of_unknown_accounts), owners, came).await?;
        // Also when something was above a quota: `settle` asks whether statuses arrive.
        join_all(numbers.iter().map(|number| self.liveness.note(number))).await;
        admitted
    }

    /// Stores the updates of a callback that `came` at a time. Returns those that are about no connected number.
    ///
    /// # Errors
    /// Why the first of those that could not be stored was not; the others are stored all the same.
    pub async fn store_all(
        &self,
        callback: Callback,
        owners: Option<&Owners>,
        came: Timestamp,
    ) -> Result<Vec<UnreadUpdate>, StoreError> {
        let now = came; // what has no time of its own happened then: a replay of it is a repeat
        let beside = &MessagesOfCallback::new(&callback.received, now);
        let statuses = callback.statuses.into_iter().map(Update::Status);
        let calls = callback.calls.into_iter().map(|call| Update::Call(Box::new(call)));
        let messages = callback.received.into_iter().map(|message| Update::Message(Box::new(message)));
        let updates = statuses.chain(messages).chain(calls);
        let stored = stream::iter(updates).map(|update| self.store(update, owners, beside, now));
        let stored = stored.buffer_unordered(MAX_CONCURRENCY).collect::<Vec<_>>();
        let account = self.store_account_updates(callback.account, owners, now);
        let shared_with_app = self.note_shared_with_app(&callback.shared_with_app, owners);
        let (stored, account, noted) = join3(stored, account, shared_with_app).await;
        let is_stored = |result: &&Result<Option<UnreadUpdate>, _>| matches!(result, Ok(None));
        let count = stored.iter().flatten().count() + account.iter().filter(is_stored).count();
        metrics::count_many(Metric::CallbacksStored, count as u64);
        stored.into_iter().chain([noted]).collect::<Result<(), _>>()?;
        let of_unknown_accounts = account.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(of_unknown_accounts.into_iter().flatten().collect())
    }

    async fn store(
        &self,
        update: Update,
        owners: Option<&Owners>,
        beside: &MessagesOfCallback,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match update {
            Update::Status(status) => self.store_status(status, owners).await,
            Update::Message(message) => {
                let owner = owners.and_then(|owners| owners.get(&message.number_id));
                self.store_message(*message, owner, beside, now).await
            }
            Update::Call(call) => self.store_call(*call, owners, now).await,
        }
    }
}

/// Logs and counts forged callbacks, in one line a minute and process: a flood of them must cost little. If a number that they are about has had no
/// other callback, the app secret may be wrong, and somebody is told, once an hour.
fn note_forgery(is_number_silent: bool) {
    let now = clock::now().secs();
    if is_number_silent && now >= ATTENTION_AT.load(Ordering::Relaxed) + ATTENTION_INTERVAL {
        ATTENTION_AT.store(now, Ordering::Relaxed);
        metrics::count(Metric::Attention);
    }
    if let Some(unlogged) = FORGERIES.admit() {
        metrics::count_many(Metric::CallbacksForged, unlogged + 1);
        tracing::warn!(unlogged, "callback.signature_invalid");
    }
}

/// Drops what is not about these numbers, or about a business account of theirs.
pub fn keep_only(callback: &mut Callback, owners: &Owners) {
    callback.keep_only(owners, |business| owners.values().any(|owner| owner.belongs_to(business)));
}

/// A response without a body.
pub fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status;
    response
}
