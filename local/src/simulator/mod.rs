//! WhatsApp's Cloud API on this machine: takes messages as Meta does, calls back signed as Meta does, and misbehaves
//! when a message goes to one of its magic numbers (docs/simulator.md).

mod behaviour;
mod callback;
mod graph;
mod graph_error;
mod ledger;
mod media;
mod messages;
mod reports;
mod status_report;
mod templates;
#[cfg(test)]
mod tests;
mod throughput;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use callback::Callbacks;
pub use ledger::{Ledger, Taken};
pub use status_report::StatusReport;

use crate::clock::Clock;
use crate::connection::{Connections, End};
use graph_error::GraphError;
use media::Media;
use templates::Templates;
use throughput::Throughput;

/// The id of the business account that callbacks and limits are about.
const BUSINESS: &str = "1022";

/// A WhatsApp that nobody's phone hears of. Clones are the same one.
#[derive(Clone)]
pub struct Simulator {
    ledger: Arc<Ledger>,
    throughput: Arc<Throughput>,
    templates: Arc<Templates>,
    media: Arc<Media>,
    callbacks: Callbacks,
    clock: Clock,
}

impl Simulator {
    /// A simulator that reports to this address.
    pub fn new(callbacks: Callbacks, clock: Clock) -> Self {
        let (ledger, throughput, templates, media) = Default::default();
        Self { ledger, throughput, templates, media, callbacks, clock }
    }

    /// What it was asked and what reached the phones.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Reports a status of a message that it took, out of turn, and returns once that is acknowledged.
    pub async fn report(&self, taken: &Taken, status: &str) {
        self.callbacks.report(&StatusReport::of(taken, status, self.clock.now()), &self.clock).await;
    }

    /// Serves the Cloud API until it is aborted.
    pub fn serve(&self, listener: TcpListener) -> JoinHandle<()> {
        let media = post(upload).layer(DefaultBodyLimit::max(media::MAX_UPLOAD));
        let router = Router::new()
            .route("/{version}/{number}/messages", post(messages::take))
            .route("/{version}/{number}/media", media)
            .route("/{version}/{number}", get(number))
            .route("/{version}/{business}/subscribed_apps", post(subscribe))
            .route("/{version}/{business}/message_templates", post(add_template))
            .route("/ledger", get(show_ledger))
            .with_state(self.clone())
            .into_make_service_with_connect_info::<End>();
        tokio::spawn(async move { drop(axum::serve(Connections(listener), router).await) })
    }
}

async fn number(Path((_, number)): Path<(String, String)>, headers: HeaderMap) -> Result<Response, GraphError> {
    graph::check_token(&headers)?;
    Ok(answer(StatusCode::OK, &graph::number(&number)?))
}

async fn subscribe(Path((_, business)): Path<(String, String)>, headers: HeaderMap) -> Result<Response, GraphError> {
    graph::check_token(&headers)?;
    Ok(answer(StatusCode::OK, &graph::subscribed(&business)?))
}

async fn add_template(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, GraphError> {
    graph::check_token(&headers)?;
    Ok(answer(StatusCode::OK, &simulator.templates.add(&body)?))
}

async fn upload(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, GraphError> {
    graph::check_token(&headers)?;
    let form = form.map_err(|rejection| GraphError::parameter(rejection.body_text()))?;
    Ok(answer(StatusCode::OK, &simulator.media.upload(form).await?))
}

async fn show_ledger(State(simulator): State<Simulator>) -> Response {
    let ledger = &simulator.ledger;
    answer(
        StatusCode::OK,
        &json!({ "asked": ledger.asked(), "throttled": ledger.throttled(), "taken": ledger.taken() }),
    )
}

/// An answer that says it is JSON.
fn answer(status: StatusCode, body: &(impl ToString + ?Sized)) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], Body::from(body.to_string())).into_response()
}
