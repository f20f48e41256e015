//! A proxy between the functions and the stack's AWS servers: counts calls by operation, and lets a test step in or listen.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use bytes::Bytes;
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::sync::SetOnce;
use tokio::task::JoinHandle;

/// What is done with a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// It is passed on, and so is its answer.
    None,
    /// It is applied, and its answer never comes: the caller is killed by this signal's process id meanwhile.
    KillAfter(u32),
    /// It is applied, and its answer is lost.
    DropAfter,
    /// It is never applied, and the connection is closed.
    DropBefore,
}

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

/// Takes the caller and the operation.
type Decide = Box<dyn FnMut(&str, &str) -> Fault + Send>;

/// A proxy. Dropping it stops it.
pub struct Proxy {
    /// Where it listens.
    pub url: String,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

struct Inner {
    upstream: SetOnce<String>,
    client: Client,
    /// By caller and operation.
    calls: Mutex<BTreeMap<(String, String), usize>>,
    decide: Mutex<Decide>,
    listener: OnceLock<Arc<dyn Listener>>,
}

impl Proxy {
    /// Listens on a free port.
    ///
    /// # Panics
    /// When there is none.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let nothing: Decide = Box::new(|_, _| Fault::None);
        let inner = Arc::new(Inner {
            upstream: SetOnce::new(),
            client: Client::builder().no_proxy().build().expect("a client"),
            calls: Mutex::new(BTreeMap::new()),
            decide: Mutex::new(nothing),
            listener: OnceLock::new(),
        });
        let router = Router::new().fallback(pass).with_state(inner.clone());
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { url, inner, server }
    }

    /// Where calls are passed on to.
    pub fn set_upstream(&self, url: &str) {
        drop(self.inner.upstream.set(url.to_owned()));
    }

    /// What is done with each call from now on, by its caller and its operation, such as `send` and `UpdateItem`.
    pub fn decide(&self, decide: impl FnMut(&str, &str) -> Fault + Send + 'static) {
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

    /// How often each function called each operation.
    pub fn calls_by_caller(&self) -> BTreeMap<(String, String), usize> {
        lock(&self.inner.calls).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let caller = caller(&headers);
    *lock(&inner.calls).entry((caller.clone(), operation.clone())).or_default() += 1;
    let fault = (lock(&inner.decide))(&caller, &operation);
    if fault == Fault::DropBefore {
        return lost().await;
    }
    let upstream = inner.upstream.wait().await; // settle may ask while the stack still starts
    let listener = inner.listener.get();
    let asked = listener.map_or_else(|| body.clone(), |listener| listener.ask(body.clone()));
    let mut request = inner.client.post(format!("{upstream}/")).body(asked.clone());
    for (name, value) in headers.iter().filter(|(name, _)| *name != "host" && *name != "content-length") {
        request = request.header(name, value);
    }
    let answer = request.send().await.expect("the server answers");
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers().iter().filter(|(name, _)| *name != "transfer-encoding") {
        response = response.header(name, value);
    }
    let body = answer.bytes().await.expect("a body");
    if let Some(listener) = listener {
        listener.answered(&Call { caller: &caller, operation: &operation, body: &asked, answer: &body });
    }
    match fault {
        Fault::KillAfter(pid) => {
            crate::process::kill(pid);
            lost().await
        }
        Fault::DropAfter => lost().await,
        _ => response.body(Body::from(body)).expect("a response"),
    }
}

/// The function that calls, as the SDK names it in its user agent.
fn caller(headers: &HeaderMap) -> String {
    let agent = headers.get("x-amz-user-agent").or_else(|| headers.get("user-agent"));
    let agent = agent.and_then(|value| value.to_str().ok()).unwrap_or_default();
    agent.split(' ').find_map(|part| part.strip_prefix("app/")).unwrap_or("unknown").to_owned()
}

/// An answer that breaks off: the client sees its connection closed.
async fn lost() -> Response<Body> {
    let broken = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("lost")) });
    let mut response = Response::new(Body::from_stream(broken));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert("content-length", axum::http::HeaderValue::from_static("1000"));
    response
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
