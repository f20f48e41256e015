//! WhatsApp's Cloud API on this machine: takes messages as Meta does, calls back signed as Meta does, and misbehaves
//! when a message goes to one of its magic numbers (docs/simulator.md).

mod behaviour;
mod callback;
mod graph;
mod ledger;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

pub use callback::{Callbacks, StatusReport};
pub use ledger::{Ledger, Taken};

use crate::clock::Clock;
use behaviour::Behaviour;

/// After the answer, when each status is reported.
const STATUSES: [(&str, Duration); 3] = [
    ("sent", Duration::from_millis(20)),
    ("delivered", Duration::from_millis(120)),
    ("read", Duration::from_millis(240)),
];

/// A WhatsApp that nobody's phone hears of. Clones are the same one.
#[derive(Clone)]
pub struct Simulator {
    ledger: Arc<Ledger>,
    callbacks: Callbacks,
    clock: Clock,
}

impl Simulator {
    /// A simulator that reports to this address.
    pub fn new(callbacks: Callbacks, clock: Clock) -> Self {
        Self { ledger: Arc::new(Ledger::default()), callbacks, clock }
    }

    /// What it was asked and what reached the phones.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Reports a status of a message that it took, out of turn.
    pub async fn report(&self, taken: &Taken, status: &str) {
        self.callbacks.report(&StatusReport::of(taken, status, self.clock.now()), &self.clock).await;
    }

    /// Serves the Cloud API until it is aborted.
    pub fn serve(&self, listener: TcpListener) -> JoinHandle<()> {
        let router = Router::new()
            .route("/{version}/{number}/messages", post(take))
            .route("/{version}/{number}", get(number))
            .route("/{version}/{business}/subscribed_apps", post(subscribe))
            .route("/ledger", get(show_ledger))
            .with_state(self.clone());
        tokio::spawn(async move { drop(axum::serve(listener, router).await) })
    }

    /// The message is on its way to the phone: from here on, WhatsApp has it whatever becomes of the answer.
    fn take_in(&self, number: &str, message: Value) -> Taken {
        let wamid = format!("wamid.{}", Uuid::new_v4().simple());
        self.ledger.take_in(Taken { wamid, number_id: number.to_owned(), message })
    }

    fn report_later(&self, taken: Taken) {
        let simulator = self.clone();
        tokio::spawn(async move {
            let begun = simulator.clock.now();
            for (status, after) in STATUSES {
                simulator.clock.sleep_until(begun + after.as_millis() as i64).await;
                simulator.report(&taken, status).await;
            }
        });
    }
}

async fn take(
    State(simulator): State<Simulator>,
    Path((_, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    simulator.ledger.ask();
    if let Err(error) = graph::check_token(&headers) {
        return answer(StatusCode::UNAUTHORIZED, &error);
    }
    let message = match graph::check_message(&body) {
        Ok(message) => message,
        Err(error) => return answer(StatusCode::BAD_REQUEST, &error),
    };
    let recipient = graph::recipient(&message);
    match Behaviour::towards(&recipient) {
        Behaviour::RefusesFirst(most, code) if simulator.ledger.refuse(&recipient, most) => {
            answer(StatusCode::BAD_REQUEST, &graph::error(code, "refused on request"))
        }
        Behaviour::Ordinary | Behaviour::RefusesFirst(..) => {
            let taken = simulator.take_in(&number, message);
            let response = answer(StatusCode::OK, &graph::accepted(&taken));
            simulator.report_later(taken);
            response
        }
        Behaviour::NeverTakes => std::future::pending().await,
        Behaviour::TakesAndHangs => {
            simulator.take_in(&number, message);
            std::future::pending().await
        }
        Behaviour::TakesReportsAndHangs => {
            let taken = simulator.take_in(&number, message);
            simulator.report_later(taken);
            std::future::pending().await
        }
        Behaviour::Refuses(code) => answer(StatusCode::BAD_REQUEST, &graph::error(code, "refused on request")),
    }
}

async fn number(Path((_, number)): Path<(String, String)>, headers: HeaderMap) -> Response<Body> {
    answer_about(&headers, || graph::number(&number))
}

async fn subscribe(Path((_, business)): Path<(String, String)>, headers: HeaderMap) -> Response<Body> {
    answer_about(&headers, || graph::subscribed(&business))
}

fn answer_about(headers: &HeaderMap, ask: impl FnOnce() -> Result<Value, Value>) -> Response<Body> {
    match graph::check_token(headers) {
        Ok(()) => match ask() {
            Ok(said) => answer(StatusCode::OK, &said),
            Err(error) => answer(StatusCode::BAD_REQUEST, &error),
        },
        Err(error) => answer(StatusCode::UNAUTHORIZED, &error),
    }
}

async fn show_ledger(State(simulator): State<Simulator>) -> Response<Body> {
    answer(StatusCode::OK, &json!({ "asked": simulator.ledger.asked(), "taken": simulator.ledger.taken() }))
}

fn answer(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}
