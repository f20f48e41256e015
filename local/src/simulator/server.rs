//! The simulator's HTTP server: its routes, and the handlers of all calls but sending.

use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::graph_error::GraphError;
use super::message_templates::TemplateQuery;
use super::state::Simulator;
use super::{browser_guard, cloud_api, media, people, phone, send_message};
use crate::breakable_connection::{BreakableListener, ConnectionHandle};

/// When the URL of a file expires, in milliseconds since the epoch.
#[derive(Deserialize)]
struct FileQuery {
    expires: i64,
}

/// A response's body, or an error.
type JsonResult = Result<Json<Value>, GraphError>;

impl Simulator {
    /// Serves the Cloud API until it is aborted.
    pub fn serve(&self, listener: TcpListener) -> JoinHandle<()> {
        if let Ok(address) = listener.local_addr() {
            self.served_at(address);
        }
        let media = post(upload_media).layer(DefaultBodyLimit::max(media::MAX_UPLOAD));
        let router = Router::new()
            .route("/{version}/{number}/messages", post(send_message::handle))
            .route("/{version}/{number}/media", media)
            .route("/{version}/{id}", get(get_object).delete(delete_file))
            .route("/files/{id}", get(get_file))
            .route("/{version}/{business}/subscribed_apps", post(subscribe_app))
            .route(
                "/{version}/{business}/message_templates",
                post(add_template).get(list_templates).delete(remove_templates),
            )
            .route("/ledger", get(get_ledger))
            .merge(people::routes::routes())
            .merge(phone::routes())
            .layer(middleware::from_fn(browser_guard::check))
            .with_state(self.clone())
            .into_make_service_with_connect_info::<ConnectionHandle>();
        tokio::spawn(async move { drop(axum::serve(BreakableListener(listener), router).await) })
    }
}

/// A file that a person sent, or a number: both have ids of digits.
async fn get_object(
    State(simulator): State<Simulator>,
    Path((version, id)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> JsonResult {
    cloud_api::check_token(&headers)?;
    let query = uri.query().unwrap_or_default();
    let fields = query.strip_prefix("fields=").unwrap_or_default();
    match simulator.files.describe(&id, simulator.base_url(), simulator.clock.now()) {
        Some(file) => Ok(Json(file)),
        // Asked for as a file of that number.
        None if query.starts_with("phone_number_id=") => Err(GraphError::no_object()),
        None => {
            let number = cloud_api::number(&version, &id, fields)?;
            simulator.numbers.note(&id);
            Ok(Json(number))
        }
    }
}

async fn delete_file(
    State(simulator): State<Simulator>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> JsonResult {
    cloud_api::check_token(&headers)?;
    if simulator.files.delete(&id) {
        Ok(Json(json!({ "success": true })))
    } else {
        Err(GraphError::invalid_parameter("Unsupported delete request. Object with this id does not exist."))
    }
}

/// Meta wants the token for the file's URL as well, and a `User-Agent`; 404 means that the URL has expired.
async fn get_file(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Query(FileQuery { expires }): Query<FileQuery>,
    headers: HeaderMap,
) -> Result<Response, GraphError> {
    cloud_api::check_token(&headers)?;
    if !headers.contains_key(header::USER_AGENT) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    Ok(match simulator.files.read(&id, expires, simulator.clock.now()) {
        Some((mime_type, bytes)) => ([(header::CONTENT_TYPE, mime_type)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    })
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

async fn list_templates(
    State(simulator): State<Simulator>,
    Query(query): Query<TemplateQuery>,
    headers: HeaderMap,
) -> JsonResult {
    cloud_api::check_token(&headers)?;
    Ok(Json(simulator.templates.page(&query)))
}

async fn remove_templates(
    State(simulator): State<Simulator>,
    Query(query): Query<TemplateQuery>,
    headers: HeaderMap,
) -> JsonResult {
    cloud_api::check_token(&headers)?;
    simulator.templates.remove(&query).map(Json)
}

async fn upload_media(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> JsonResult {
    cloud_api::check_token(&headers)?;
    let form = form.map_err(|rejection| GraphError::invalid_parameter(rejection.body_text()))?;
    simulator.files.upload(form, simulator.clock.now()).await.map(Json)
}

async fn get_ledger(State(simulator): State<Simulator>) -> Json<Value> {
    let ledger = &simulator.ledger;
    Json(json!({ "asked": ledger.asked(), "throttled": ledger.throttled(), "taken": ledger.taken() }))
}
