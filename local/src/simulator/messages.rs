//! `POST /{version}/{number}/messages`: what becomes of a message, of the answer, and of the reports.

use std::future::pending;

use axum::body::Body;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;

use super::behaviour::{Answer, Behaviour};
use super::graph_error::GraphError;
use super::reports::{Reports, Status, When};
use super::{Simulator, StatusReport, Taken, answer, graph};
use crate::connection::End;

/// What a proxy in front of WhatsApp says when it has lost its way.
const PAGE: Html<&str> = Html("<!DOCTYPE html><html><head><title>Error</title></head><body>Sorry.</body></html>");
/// An answer that was cut off.
const RUBBISH: &str = r#"{"messaging_product":"whatsapp","contacts":[{"inp"#;

/// A message that was not refused.
struct Turn {
    behaviour: Behaviour,
    /// What the phone will show, if it will.
    taken: Option<Taken>,
    /// When it came, in milliseconds since the epoch.
    at: i64,
}

pub(super) async fn take(
    State(simulator): State<Simulator>,
    ConnectInfo(end): ConnectInfo<End>,
    Path((_, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    simulator.ledger.ask();
    let turn = match simulator.decide(&number, &headers, &body) {
        Ok(turn) => turn,
        Err(error) => return error.into_response(),
    };
    let answer = turn.behaviour.answer;
    let taken = turn.taken.clone();
    // In a task of its own, which goes on when the client hangs up.
    drop(tokio::spawn(simulator.see_to_reports(turn)).await);
    give(answer, taken.as_ref(), &end).await
}

impl Simulator {
    fn decide(&self, number: &str, headers: &HeaderMap, body: &[u8]) -> Result<Turn, GraphError> {
        graph::check_token(headers)?;
        let message = graph::check_message(body)?;
        self.media.check(&message)?;
        self.templates.check(&message)?;
        let recipient = graph::recipient(&message);
        let behaviour = Behaviour::towards(&recipient);
        if let Some(refuses) = &behaviour.refuses
            && self.ledger.refuse(&recipient, refuses.most)
        {
            return Err(refuses.error());
        }
        if !behaviour.takes {
            return Ok(Turn { behaviour, taken: None, at: self.clock.now() });
        }
        let (taken, at) = self.take_in(number, message)?;
        Ok(Turn { behaviour, taken: Some(taken), at })
    }

    /// The message is on its way to the phone: from here on, WhatsApp has it whatever becomes of the answer.
    fn take_in(&self, number: &str, message: Value) -> Result<(Taken, i64), GraphError> {
        let Some(at) = self.throughput.admit(number, &self.clock) else {
            self.ledger.throttle();
            return Err(GraphError::new(130_429, "Cloud API message throughput has been reached."));
        };
        let wamid = format!("wamid.{}", Uuid::new_v4().simple());
        Ok((self.ledger.take_in(Taken { wamid, number_id: number.to_owned(), message }), at))
    }

    /// Begins the reports, and returns when the answer is due.
    async fn see_to_reports(self, turn: Turn) {
        if let Answer::Slow(time) = turn.behaviour.answer {
            tokio::time::sleep(time).await; // the client's patience is real
        }
        let (Some(taken), reports) = (turn.taken, turn.behaviour.reports) else { return };
        let reporting = self.report_all(taken, reports, turn.at);
        if reports.when == When::BeforeTheAnswer {
            reporting.await;
        } else {
            tokio::spawn(reporting);
        }
    }

    /// Makes each report once the one before it is acknowledged.
    async fn report_all(self, taken: Taken, reports: Reports, at: i64) {
        let (begun, late) = match reports.when {
            When::Usual | When::BeforeTheAnswer => (at, 0),
            When::Happens(after) => (at + after.as_millis() as i64, 0),
            When::Told(late) => (at, late.as_millis() as i64),
        };
        for status in reports.statuses {
            let happened = begun + status.after().as_millis() as i64;
            let report = match status {
                Status::Failed => StatusReport::failed(&taken, reports.code, happened),
                _ => StatusReport::of(&taken, status.word(), happened),
            };
            self.clock.sleep_until(happened + late).await;
            for _ in 0..reports.times {
                self.callbacks.report(&report, &self.clock).await;
            }
        }
    }
}

async fn give(what: Answer, taken: Option<&Taken>, end: &End) -> Response {
    let said = |word| taken.map(|taken| graph::taken_in(taken, word)).unwrap_or_default();
    match what {
        Answer::Accepted | Answer::Slow(_) => answer(StatusCode::OK, &said("accepted")),
        Answer::Held => answer(StatusCode::OK, &said("held_for_quality_assessment")),
        Answer::Page => (StatusCode::INTERNAL_SERVER_ERROR, PAGE).into_response(),
        Answer::Rubbish => answer(StatusCode::OK, RUBBISH),
        Answer::Nothing => pending().await,
        // The answer is empty because nobody will see it: the server's attempt to write it ends the connection.
        Answer::Reset => {
            end.reset();
            Response::new(Body::empty())
        }
        Answer::Close => {
            end.close();
            Response::new(Body::empty())
        }
    }
}
