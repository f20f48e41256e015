//! A function whose behaviour the test defines: the `relay` program forwards every event here.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use bytes::Bytes;
use local::dev_stack::{Options, Stack};
use local::simulator::ServiceWindow;
use serde_json::Value;
use shared::mutex::lock;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::wait::eventually;

/// How the function reacts to an event.
#[derive(Clone, Debug)]
pub enum Reaction {
    /// Returns this.
    Answer(Value),
    /// Returns an error.
    Fail,
    /// Ends its process.
    Exit,
    /// Never returns.
    Hang,
}

/// Chooses the reaction to an event.
type Decide = Box<dyn FnMut(&Value) -> Reaction + Send>;

struct Inner {
    events: Mutex<Vec<Value>>,
    next: Mutex<VecDeque<Reaction>>,
    decide: Mutex<Decide>,
}

/// A stack with one function, `relay`, whose reactions the test chooses.
pub struct ScriptedFunction {
    /// The stack.
    pub stack: Stack,
    play: Arc<Inner>,
    server: JoinHandle<()>,
    _folder: TempDir,
}

impl ScriptedFunction {
    /// Starts a stack of a template in which `{relay}` is replaced by the function's address. `program` is
    /// `CARGO_BIN_EXE_relay`.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(program: &str, template: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::start_in(program, template, folder, None).await
    }

    /// The same with tables that are kept in `data`.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_in(program: &str, template: &str, folder: TempDir, data: Option<&Path>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let nothing: Decide = Box::new(|_| Reaction::Answer(Value::Null));
        let play = Arc::new(Inner {
            events: Mutex::new(Vec::new()),
            next: Mutex::new(VecDeque::new()),
            decide: Mutex::new(nothing),
        });
        let router = Router::new().route("/", post(take)).with_state(play.clone());
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        let file = folder.path().join("template.yaml");
        std::fs::write(&file, template.replace("{relay}", &url)).expect("a template");
        let options = Options {
            port: 0,
            template: file,
            program: program.into(),
            data: data.map(Path::to_owned),
            logs: folder.path().join("logs"),
            whatsapp: None,
            window: ServiceWindow::Off,
            proxies: None,
            overtime: 1,
            loopback_endpoints: true,
            parameters: BTreeMap::new(),
            secrets: BTreeMap::new(),
            function_overrides: BTreeMap::new(),
        };
        let stack = Stack::start(options).await.expect("the stack starts");
        Self { stack, play, server, _folder: folder }
    }

    /// Sets the reactions to the next events, in order.
    pub fn next(&self, acts: impl IntoIterator<Item = Reaction>) {
        lock(&self.play.next).extend(acts);
    }

    /// Sets the reaction to every event that `next` does not cover.
    pub fn always(&self, decide: impl FnMut(&Value) -> Reaction + Send + 'static) {
        *lock(&self.play.decide) = Box::new(decide);
    }

    /// All events so far.
    pub fn events(&self) -> Vec<Value> {
        lock(&self.play.events).clone()
    }

    /// Waits until there have been this many events, and returns them.
    pub async fn wait_for(&self, count: usize) -> Vec<Value> {
        let events = || async { Some(self.events()).filter(|events| events.len() >= count) };
        eventually(&format!("{count} events"), events).await
    }
}

impl Drop for ScriptedFunction {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(State(play): State<Arc<Inner>>, body: Bytes) -> (StatusCode, String) {
    let event: Value = serde_json::from_slice(&body).unwrap_or_default();
    let act = lock(&play.next).pop_front();
    let act = act.unwrap_or_else(|| (lock(&play.decide))(&event));
    lock(&play.events).push(event);
    match act {
        Reaction::Answer(answer) => (StatusCode::OK, answer.to_string()),
        Reaction::Fail => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
        Reaction::Exit => (StatusCode::GONE, String::new()),
        Reaction::Hang => std::future::pending().await,
    }
}
