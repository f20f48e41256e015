//! The calls that only the simulator has: `/people/…`, `/templates/…` and `/callbacks` (docs/simulator.md).

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use bytes::Bytes;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::super::message_templates::TemplateChange;
use super::super::state::Simulator;
use super::call::NewCall;
use super::changes::{NumberChange, PreferenceChange, ProfileChange};
use super::control_error::ControlError;
use super::inbound_message::InboundMessage;
use super::phone_use::OpenedConversation;
use super::profile::Profile;
use super::write::read_many;

/// The most bytes of a request: a file of 16 MB in Base64, and the rest.
const MAX_BODY: usize = 24 * 1024 * 1024;

/// An answer in JSON, or what is wrong with the request.
type Answer = Result<Json<Value>, ControlError>;

/// The routes of people.
pub fn routes() -> Router<Simulator> {
    Router::new()
        .route("/people", get(list))
        .route("/people/messages", post(write_many))
        .route("/people/{person}", get(show).put(change_profile))
        .route("/people/{person}/messages", get(conversation).post(write))
        .route("/people/{person}/read", post(open_conversation))
        .route("/people/{person}/calls", post(call))
        .route("/people/{person}/number", put(change_number))
        .route("/people/{person}/preferences", put(change_preference))
        .route("/people/{person}/blocks/{number}", put(block).delete(unblock))
        .route("/templates/{name}", put(change_template))
        .route("/callbacks", post(send_callback))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

async fn list(State(simulator): State<Simulator>) -> Json<Value> {
    Json(json!({ "people": simulator.people.all(Profile::to_json) }))
}

async fn show(State(simulator): State<Simulator>, Path(person): Path<String>) -> Answer {
    simulator.people.with(&person, |profile| Ok(Json(profile.to_json())))
}

async fn change_profile(State(simulator): State<Simulator>, Path(person): Path<String>, body: Bytes) -> Answer {
    simulator.change_profile(&person, read::<ProfileChange>(&body)?).map(Json)
}

async fn change_number(State(simulator): State<Simulator>, Path(person): Path<String>, body: Bytes) -> Answer {
    simulator.change_number(&person, read::<NumberChange>(&body)?).await.map(Json)
}

async fn change_preference(State(simulator): State<Simulator>, Path(person): Path<String>, body: Bytes) -> Answer {
    simulator.change_preference(&person, read::<PreferenceChange>(&body)?).await.map(Json)
}

async fn block(State(simulator): State<Simulator>, Path((person, number)): Path<(String, String)>) -> Answer {
    simulator.change_block(&person, &number, true).map(Json)
}

async fn unblock(State(simulator): State<Simulator>, Path((person, number)): Path<(String, String)>) -> Answer {
    simulator.change_block(&person, &number, false).map(Json)
}

#[derive(Deserialize)]
struct ConversationQuery {
    number: Option<String>,
}

async fn conversation(
    State(simulator): State<Simulator>,
    Path(person): Path<String>,
    Query(query): Query<ConversationQuery>,
) -> Answer {
    simulator.conversation(&person, query.number.as_deref()).map(Json)
}

async fn write(State(simulator): State<Simulator>, Path(person): Path<String>, body: Bytes) -> Answer {
    let message = InboundMessage::read(read::<Map<String, Value>>(&body)?)?;
    simulator.write(vec![(person, message)]).await.map(Json)
}

async fn open_conversation(State(simulator): State<Simulator>, Path(person): Path<String>, body: Bytes) -> Answer {
    simulator.open_conversation(&person, &read::<OpenedConversation>(&body)?).map(Json)
}

async fn call(State(simulator): State<Simulator>, Path(person): Path<String>, body: Bytes) -> Answer {
    simulator.call(&person, read::<NewCall>(&body)?).await.map(Json)
}

async fn write_many(State(simulator): State<Simulator>, body: Bytes) -> Answer {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Messages {
        messages: Vec<Map<String, Value>>,
    }
    let messages = read_many(read::<Messages>(&body)?.messages)?;
    simulator.write(messages).await.map(Json)
}

async fn change_template(State(simulator): State<Simulator>, Path(name): Path<String>, body: Bytes) -> Answer {
    simulator.change_template(&name, &read::<TemplateChange>(&body)?).await.map(Json)
}

/// Sends a callback as it is, for what no person can do: of an odd form, of another field, or signed by another app.
async fn send_callback(State(simulator): State<Simulator>, body: Bytes) -> Answer {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Callback {
        callback: Map<String, Value>,
        app_secret: Option<String>,
    }
    let Callback { callback, app_secret } = read(&body)?;
    let sender = match app_secret {
        Some(secret) => simulator.callbacks.with_secret(&SecretString::from(secret)),
        None => simulator.callbacks.clone(),
    };
    let status = sender.send_whole(Value::from(callback).to_string(), &simulator.clock).await;
    Ok(Json(json!({ "callback": status })))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlError> {
    serde_json::from_slice(body).map_err(|error| ControlError::unreadable("body", &error))
}
