//! A proxy between a caller and a server: counts calls by caller and operation, and lets a test step in or listen.
//!
//! It stands between the functions and DynamoDB, SQS and WhatsApp, and before webhooks and the API. A caller is known by
//! the name that its AWS SDK gives, or else by its process.

mod calls;
mod passing;
mod peer;
mod strike;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::Router;
use bytes::Bytes;
use local::connection::Connections;
use local::lambda::Function;
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::sync::{SetOnce, watch};
use tokio::task::JoinHandle;

use crate::fault::{CallId, Fault};
use calls::Calls;
use peer::Peer;
pub use strike::{ALWAYS, At};

/// What listens to calls.
pub trait Listener: Send + Sync {
    /// What is passed on in place of a call's body.
    fn ask(&self, body: Bytes) -> Bytes {
        body
    }

    /// A call was answered.
    fn answered(&self, call: &Call<'_>);
}

/// A call and its answer.
pub struct Call<'a> {
    /// The function that made it.
    pub caller: &'a str,
    /// Its operation.
    pub operation: &'a str,
    /// Its body, as it was passed on.
    pub body: &'a [u8],
    /// The answer's body.
    pub answer: &'a [u8],
}

/// Takes the call, and which attempt at it this is, from 1.
type Decide = Box<dyn FnMut(&CallId, usize) -> Fault + Send>;

/// A proxy. Dropping it stops it.
pub struct Proxy {
    /// Where it listens.
    pub url: String,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

/// What all of a proxy's connections share.
struct Inner {
    port: u16,
    upstream: SetOnce<String>,
    client: Client,
    calls: Calls,
    decide: Mutex<Decide>,
    listener: OnceLock<Arc<dyn Listener>>,
    /// The functions whose processes may call.
    functions: OnceLock<BTreeMap<String, Function>>,
    /// How many calls are under way.
    busy: watch::Sender<usize>,
    /// The processes that are stopped.
    frozen: watch::Sender<Vec<u32>>,
}

impl Proxy {
    /// Listens on a free port.
    ///
    /// # Panics
    /// When there is none.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let url = format!("http://{address}");
        let nothing: Decide = Box::new(|_, _| Fault::None);
        let inner = Arc::new(Inner {
            port: address.port(),
            upstream: SetOnce::new(),
            client: Client::builder().no_proxy().build().expect("a client"),
            calls: Calls::default(),
            decide: Mutex::new(nothing),
            listener: OnceLock::new(),
            functions: OnceLock::new(),
            busy: watch::Sender::new(0),
            frozen: watch::Sender::new(Vec::new()),
        });
        let router = Router::new().fallback(passing::pass).with_state(inner.clone());
        let service = router.into_make_service_with_connect_info::<Peer>();
        let server = tokio::spawn(async move { drop(axum::serve(Connections(listener), service).await) });
        Self { url, inner, server }
    }

    /// Where calls are passed on to.
    pub fn set_upstream(&self, url: &str) {
        drop(self.inner.upstream.set(url.to_owned()));
    }

    /// Whose processes call: needed to do something to them, and for callers that give no name.
    pub fn set_functions(&self, functions: &BTreeMap<String, Function>) {
        drop(self.inner.functions.set(functions.clone()));
    }

    /// What is done with each call from now on, by the call and which attempt at it this is.
    pub fn decide(&self, decide: impl FnMut(&CallId, usize) -> Fault + Send + 'static) {
        *lock(&self.inner.decide) = Box::new(decide);
    }

    /// Tells each call from now on to a listener, the only one there is.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        drop(self.inner.listener.set(listener));
    }

    /// How often each operation was called.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        let mut calls = BTreeMap::new();
        for ((_, operation), count) in self.calls_by_caller() {
            *calls.entry(operation).or_default() += count;
        }
        calls
    }

    /// How often each function called each operation, repeats by the SDK included.
    pub fn calls_by_caller(&self) -> BTreeMap<(String, String), usize> {
        self.inner.calls.attempts()
    }

    /// The calls so far, each once.
    pub fn made(&self) -> Vec<CallId> {
        self.inner.calls.made()
    }

    /// Counts calls from 1 again.
    pub fn count_anew(&self) {
        self.inner.calls.clear();
    }

    /// How many calls are under way, those of a stopped process not counted.
    pub fn busy(&self) -> usize {
        *self.inner.busy.borrow()
    }

    /// The processes that are stopped.
    pub fn frozen(&self) -> Vec<u32> {
        self.inner.frozen.borrow().clone()
    }

    /// Lets the stopped processes go on, but for those that their host has ended meanwhile.
    pub fn thaw(&self) {
        for pid in self.inner.frozen.send_replace(Vec::new()) {
            if crate::process::exists(pid) {
                crate::process::signal(pid, "-CONT");
            }
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.thaw();
        self.server.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
