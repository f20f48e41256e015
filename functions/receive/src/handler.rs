//! The way of a callback through `receive`.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_lc_rs::constant_time;
use futures::future::join_all;
use futures::{StreamExt, stream};
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, RequestExt, Response};
use secrecy::{ExposeSecret, SecretString};
use shared::books::Books;
use shared::conditional_write::TableError;
use shared::metrics::{self, Metric};
use shared::sealed::Sealer;
use shared::tag::Tagger;

use crate::callback::{Callback, InboundMessage, StatusUpdate};
use crate::heard::Heard;
use crate::inbound;
use crate::own_apps;
use crate::owners::Owners;
use crate::signature::AppSecret;
use crate::status_update;

/// Updates of one callback that are stored at the same time.
const SIDE_BY_SIDE: usize = 32;

/// Takes callbacks.
pub struct Receiver {
    /// The records and the meters.
    pub books: Books,
    /// Reads the tags.
    pub tagger: Tagger,
    /// Signs callbacks.
    pub app_secret: AppSecret,
    /// Opens the secrets of numbers' own apps.
    pub sealer: Sealer,
    /// Whose the numbers are.
    pub owners: Owners,
    /// Which numbers' callbacks come.
    pub heard: Heard,
    /// How long what comes in is kept.
    pub retention: Duration,
    /// Proves to Meta that this address is ours.
    pub verify_token: SecretString,
}

impl Receiver {
    /// Answers one request of Meta's, or of somebody who pretends to be.
    pub async fn handle(&self, request: &Request) -> Response<Body> {
        match *request.method() {
            Method::GET => self.verify(request),
            Method::POST => self.take(request).await,
            _ => empty(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    /// Meta asks whether this address is meant to be called: the answer is its challenge.
    fn verify(&self, request: &Request) -> Response<Body> {
        let query = request.query_string_parameters();
        let token = query.first("hub.verify_token").unwrap_or_default().as_bytes();
        let expected = self.verify_token.expose_secret().as_bytes();
        let right = constant_time::verify_slices_are_equal(token, expected).is_ok();
        match query.first("hub.challenge") {
            Some(challenge) if right && query.first("hub.mode") == Some("subscribe") => {
                Response::new(Body::Text(challenge.to_owned()))
            }
            _ => empty(StatusCode::FORBIDDEN),
        }
    }

    async fn store(&self, update: Update) -> Result<(), TableError> {
        match update {
            Update::Status(status) => status_update::store(&self.books, &self.tagger, status).await,
            Update::Message(message) => self.record(message).await,
        }
    }

    /// A message to a number that nobody has connected is counted in the log and acknowledged.
    async fn record(&self, message: InboundMessage) -> Result<(), TableError> {
        let Some(owner) = self.owners.find(&message.number_id).await? else {
            tracing::warn!("callback.unknown_number");
            return Ok(());
        };
        inbound::store(&self.books.messages, owner, message, self.retention).await
    }

    async fn signer(&self, callback: &Callback, signature: &str, body: &[u8]) -> Result<Signer, TableError> {
        if self.app_secret.verifies(signature, body) {
            return Ok(Signer::Deployment);
        }
        // Meta puts the numbers of one business account, and so of one app, into a callback: any of them will do.
        let Some(number) = callback.numbers().next().map(str::to_owned) else {
            return Ok(Signer::Nobody);
        };
        let owner = self.owners.find(&number).await?;
        let own = owner.is_some_and(|owner| own_apps::verifies(&self.sealer, &owner, &number, signature, body));
        Ok(if own { Signer::Number(number) } else { Signer::Nobody })
    }

    async fn take(&self, request: &Request) -> Response<Body> {
        let signature = request.headers().get("x-hub-signature-256").and_then(|value| value.to_str().ok());
        let mut callback = Callback::read(request.body());
        match self.signer(&callback, signature.unwrap_or_default(), request.body()).await {
            Ok(Signer::Deployment) => {}
            Ok(Signer::Number(number)) => callback.keep_only(&number),
            Ok(Signer::Nobody) => {
                metrics::count(Metric::CallbacksForged);
                tracing::warn!("callback.forged");
                return empty(StatusCode::UNAUTHORIZED);
            }
            Err(error) => {
                tracing::error!(%error, "callback.not_verified");
                return empty(StatusCode::INTERNAL_SERVER_ERROR);
            }
        }
        if callback.unreadable > 0 {
            tracing::warn!(unreadable = callback.unreadable, "callback.passed_over");
        }
        let numbers: BTreeSet<String> = callback.numbers().map(str::to_owned).collect();
        let statuses = callback.statuses.into_iter().map(Update::Status);
        let updates = statuses.chain(callback.inbound.into_iter().map(Update::Message));
        let stored: Vec<_> =
            stream::iter(updates).map(|update| self.store(update)).buffer_unordered(SIDE_BY_SIDE).collect().await;
        metrics::count_many(Metric::CallbacksStored, stored.iter().flatten().count() as u64);
        let failed = stored.iter().filter_map(|stored| stored.as_ref().err());
        let failed = failed.inspect(|error| tracing::error!(%error, "callback.not_stored")).count();
        if failed > 0 {
            return empty(StatusCode::INTERNAL_SERVER_ERROR);
        }
        join_all(numbers.iter().map(|number| self.heard.note(number))).await;
        empty(StatusCode::OK)
    }
}

/// What a callback brings, each stored on its own.
enum Update {
    /// A status of a message of ours.
    Status(StatusUpdate),
    /// A message that came in.
    Message(InboundMessage),
}

/// Whose app signed a callback.
enum Signer {
    /// The deployment's: it speaks for every number.
    Deployment,
    /// That of this number, which speaks for no other.
    Number(String),
    /// None that is known.
    Nobody,
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status;
    response
}
