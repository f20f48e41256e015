//! `POST /{version}/{number}/messages`: accepts or refuses a message, responds, and sends the status callbacks.

use std::future::pending;

use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;

use super::behaviour::{Behaviour, SimulatedResponse};
use super::cloud_api;
use super::graph_error::GraphError;
use super::ledger::{AcceptedMessage, recipient};
use super::message_id;
use super::reception::REACTED;
use super::state::Simulator;
use super::status_plan::Timing;
use crate::breakable_connection::ConnectionHandle;

/// An error page of a proxy in front of WhatsApp.
const HTML_ERROR: Html<&str> = Html("<!DOCTYPE html><html><head><title>Error</title></head><body>Sorry.</body></html>");
/// A response that was cut off.
const TRUNCATED_JSON: &str = r#"{"messaging_product":"whatsapp","contacts":[{"inp"#;

/// The first version whose statuses have no conversation (whatsapp-cloud-api-2026, section 8). Meta's statuses follow the
/// version of the app's subscription; the simulator, which has none, follows that of the message.
const CONVERSATION_GONE: u32 = 24;

/// A message that was not refused.
struct Decision {
    behaviour: Behaviour,
    /// The message that the phone shows, if it was accepted.
    accepted: Option<AcceptedMessage>,
    /// When it was posted, in milliseconds since the epoch.
    at: i64,
}

pub(super) async fn handle(
    State(simulator): State<Simulator>,
    ConnectInfo(connection): ConnectInfo<ConnectionHandle>,
    Path((version, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    simulator.numbers.note(&number);
    if let Some(receipt) = simulator.read_receipt(&number, &body) {
        return cloud_api::check_token(&headers).and(receipt).map(Json).into_response();
    }
    simulator.ledger.count_post();
    let mut decision = match simulator.decide(&number, &headers, &body) {
        Ok(decision) => decision,
        Err(error) => return error.into_response(),
    };
    if let Some(accepted) = &mut decision.accepted {
        accepted.has_conversation = cloud_api::major_version(&version) < CONVERSATION_GONE;
    }
    let response = decision.behaviour.response;
    let accepted = decision.accepted.clone();
    // A separate task, which continues when the client disconnects.
    drop(tokio::spawn(simulator.start_callbacks(decision)).await);
    respond(response, accepted.as_ref(), &connection).await
}

impl Simulator {
    fn decide(&self, number: &str, headers: &HeaderMap, body: &[u8]) -> Result<Decision, GraphError> {
        cloud_api::check_token(headers)?;
        let message = cloud_api::check_message(body)?;
        self.files.check(&message, self.clock.now())?;
        self.templates.check(&message)?;
        let recipient = recipient(&message);
        let behaviour = Behaviour::for_recipient(&recipient);
        if let Some(refusal) = &behaviour.refusal
            && self.ledger.refuse(&recipient, refusal.count)
        {
            return Err(refusal.error.clone());
        }
        if !behaviour.accepts {
            return Ok(Decision { behaviour, accepted: None, at: self.clock.now() });
        }
        // The test numbers behave as they are documented to, whatever their owners have done.
        let is_normal = behaviour.is_normal();
        let not_shown = if is_normal { self.not_shown(number, &message) } else { None };
        let (accepted, at) = self.accept(number, message)?;
        match &not_shown {
            Some(plan) => self.miss(&accepted, plan),
            None => self.show(&accepted, is_normal),
        }
        let is_reaction = is_normal && accepted.message["type"] == "reaction";
        let statuses = not_shown.unwrap_or(if is_reaction { REACTED } else { behaviour.statuses });
        Ok(Decision { behaviour: Behaviour { statuses, ..behaviour }, accepted: Some(accepted), at })
    }

    /// Accepts a message: from here on WhatsApp has it, whatever the response is. The phone may not show it.
    fn accept(&self, number: &str, message: Value) -> Result<(AcceptedMessage, i64), GraphError> {
        let Some(at) = self.throughput.admit(number, &self.clock) else {
            self.ledger.count_throttled();
            return Err(GraphError::new(130_429, "Cloud API message throughput has been reached."));
        };
        let (wamid, template) = (message_id::generate(), self.templates.definition(&message));
        let number_id = number.to_owned();
        Ok((AcceptedMessage { wamid, number_id, at, message, template, has_conversation: false }, at))
    }

    /// Sends a message to the phone. What people do with their phones matters to messages to normal numbers alone.
    fn show(&self, message: &AcceptedMessage, is_normal: bool) {
        let recipient = message.recipient();
        self.people.find(&recipient, |person| {
            if is_normal {
                person.inbox.receive(message, person.phone_use);
            }
            person.typing_at.remove(&message.number_id); // the reply ends it
        });
        self.ledger.add(message.clone());
        self.people.tell(&recipient);
    }

    /// Starts the status callbacks, and returns when the response is due.
    async fn start_callbacks(self, decision: Decision) {
        if let SimulatedResponse::AcceptedAfter(time) = decision.behaviour.response {
            tokio::time::sleep(time).await; // real time, as the client's timeout is
        }
        let (Some(accepted), plan) = (decision.accepted, decision.behaviour.statuses) else { return };
        let callbacks = self.send_callbacks(accepted, plan, decision.at);
        if plan.timing == Timing::BeforeResponse {
            callbacks.await;
        } else {
            tokio::spawn(callbacks);
        }
    }
}

async fn respond(
    response: SimulatedResponse,
    accepted: Option<&AcceptedMessage>,
    connection: &ConnectionHandle,
) -> Response {
    let accepted = |status| Json(accepted.map(|message| cloud_api::accepted(message, status))).into_response();
    match response {
        SimulatedResponse::Accepted | SimulatedResponse::AcceptedAfter(_) => accepted("accepted"),
        SimulatedResponse::Held => accepted("held_for_quality_assessment"),
        SimulatedResponse::HtmlError => (StatusCode::INTERNAL_SERVER_ERROR, HTML_ERROR).into_response(),
        SimulatedResponse::TruncatedJson => {
            ([(header::CONTENT_TYPE, "application/json")], TRUNCATED_JSON).into_response()
        }
        SimulatedResponse::Hang => pending().await,
        // The client never receives the empty response: the server's attempt to write it ends the connection.
        SimulatedResponse::Reset => {
            connection.reset();
            Response::default()
        }
        SimulatedResponse::Close => {
            connection.close();
            Response::default()
        }
    }
}
