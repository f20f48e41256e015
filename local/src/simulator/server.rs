//! The simulator's HTTP server: its routes, and the handlers of all calls but sending.

use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart, Path, State};
use axum::http::{HeaderMap, Uri};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::graph_error::GraphError;
use super::state::Simulator;
use super::{cloud_api, media, send_message};
use crate::breakable_connection::{BreakableListener, ConnectionHandle};

/// A response's body, or an error.
type JsonResult = Result<Json<Value>, GraphError>;

impl Simulator {
    /// Serves the Cloud API until it is aborted.
    pub fn serve(&self, listener: TcpListener) -> JoinHandle<()> {
        let media = post(upload_media).layer(DefaultBodyLimit::max(media::MAX_UPLOAD));
        let router = Router::new()
            .route("/{version}/{number}/messages", post(send_message::handle))
            .route("/{version}/{number}/media", media)
            .route("/{version}/{number}", get(get_number))
            .route("/{version}/{business}/subscribed_apps", post(subscribe_app))
            .route("/{version}/{business}/message_templates", post(add_template))
            .route("/ledger", get(get_ledger))
            .with_state(self.clone())
            .into_make_service_with_connect_info::<ConnectionHandle>();
        tokio::spawn(async move { drop(axum::serve(BreakableListener(listener), router).await) })
    }
}

async fn get_number(Path((version, number)): Path<(String, String)>, uri: Uri, headers: HeaderMap) -> JsonResult {
    cloud_api::check_token(&headers)?;
    let fields = uri.query().and_then(|query| query.strip_prefix("fields=")).unwrap_or_default();
    cloud_api::number(&version, &number, fields).map(Json)
}

async fn subscribe_app(Path((_, business)): Path<(String, String)>, headers: HeaderMap) -> JsonResult {
    cloud_api::check_token(&headers)?;
    cloud_api::check_known(&business)?;
    Ok(Json(json!({ "success": true })))
}

async fn add_template(State(simulator): State<Simulator>, headers: HeaderMap, body: Bytes) -> JsonResult {
    cloud_api::check_token(&headers)?;
    simulator.templates.add(&body).map(Json)
}

async fn upload_media(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> JsonResult {
    cloud_api::check_token(&headers)?;
    let form = form.map_err(|rejection| GraphError::invalid_parameter(rejection.body_text()))?;
    simulator.media.upload(form).await.map(Json)
}

async fn get_ledger(State(simulator): State<Simulator>) -> Json<Value> {
    let ledger = &simulator.ledger;
    Json(json!({ "asked": ledger.asked(), "throttled": ledger.throttled(), "taken": ledger.taken() }))
}
