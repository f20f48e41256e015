//! The proxy itself.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use local::breakable_connection::BreakableListener;
use local::lambda::Function;
use reqwest::Client;
use shared::mutex::lock;
use tokio::net::TcpListener;
use tokio::sync::{SetOnce, watch};
use tokio::task::JoinHandle;

use super::calls::{Calls, EmptyRead};
use super::client_process::ClientProcess;
use super::forwarding;
use super::state::{Decide, Inner, Listener};
use crate::fault::{CallId, Fault};

/// Longer than any caller waits, and than a long poll takes: the simulator answers some calls never.
const UPSTREAM_TIME: Duration = Duration::from_secs(25);

/// A proxy. Dropping it stops it.
pub struct Proxy {
    /// Where it listens.
    pub url: String,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
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
            client: Client::builder().no_proxy().tls_certs_only([]).timeout(UPSTREAM_TIME).build().expect("a client"),
            calls: Calls::default(),
            decide: Mutex::new(nothing),
            listener: OnceLock::new(),
            functions: OnceLock::new(),
            busy: watch::Sender::new(0),
            frozen: watch::Sender::new(Vec::new()),
        });
        let router = Router::new().fallback(forwarding::forward_or_fault).with_state(inner.clone());
        let service = router.into_make_service_with_connect_info::<ClientProcess>();
        let server = tokio::spawn(async move { drop(axum::serve(BreakableListener(listener), service).await) });
        Self { url, inner, server }
    }

    /// Sets the server that calls are forwarded to.
    pub fn set_upstream(&self, url: &str) {
        drop(self.inner.upstream.set(url.to_owned()));
    }

    /// Sets the functions that call: needed to kill or freeze their processes, and for callers without a name in their
    /// user agent.
    pub fn set_functions(&self, functions: &BTreeMap<String, Function>) {
        drop(self.inner.functions.set(functions.clone()));
    }

    /// Sets the fault of each attempt from now on, by its call and number.
    pub fn set_faults(&self, decide: impl FnMut(&CallId, usize) -> Fault + Send + 'static) {
        *lock(&self.inner.decide) = Box::new(decide);
    }

    /// Notifies this listener, the only one, of each call from now on.
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

    /// How often each function called each operation, retries by the SDK included.
    pub fn calls_by_caller(&self) -> BTreeMap<(String, String), usize> {
        self.inner.calls.attempts()
    }

    /// The calls so far, each once.
    pub fn made(&self) -> Vec<CallId> {
        self.inner.calls.made()
    }

    /// The reads of a table so far that found nothing, and what each asked.
    pub fn empty_reads(&self) -> HashMap<CallId, EmptyRead> {
        self.inner.calls.empty_reads()
    }

    /// Restarts the numbering of calls at 1.
    pub fn reset_counts(&self) {
        self.inner.calls.clear();
    }

    /// How many calls are in progress, without those of frozen processes.
    pub fn busy(&self) -> usize {
        *self.inner.busy.borrow()
    }

    /// The processes that are frozen.
    pub fn frozen(&self) -> Vec<u32> {
        self.inner.frozen.borrow().clone()
    }

    /// Resumes the frozen processes, except those that have ended meanwhile.
    pub fn resume(&self) {
        for pid in self.inner.frozen.send_replace(Vec::new()) {
            if crate::process::exists(pid) {
                crate::process::signal(pid, "-CONT");
            }
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.resume();
        self.server.abort();
    }
}
