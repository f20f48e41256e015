//! A call on its way: what the test decides is done with it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use bytes::Bytes;
use local::connection::End;
use tokio::sync::oneshot;
use tokio::task::yield_now;

use super::peer::Peer;
use super::{Call, Inner, calls, lock};
use crate::fault::Fault;
use crate::process;
use crate::refusals::Service;

/// What came in.
struct Asked {
    caller: String,
    operation: String,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// What the server said.
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// Counts as one call under way for as long as it lives.
struct Busy(Arc<Inner>);

impl Busy {
    fn new(inner: &Arc<Inner>) -> Self {
        inner.busy.send_modify(|busy| *busy += 1);
        Self(inner.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.send_modify(|busy| *busy -= 1);
    }
}

pub async fn pass(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let operation = calls::operation(&method, &uri, &headers);
    let caller = calls::named_caller(&headers).unwrap_or_else(|| inner.caller(&peer));
    let id = calls::invocation(&headers).map(str::to_owned);
    let asked = Asked { caller, operation, method, uri, headers, body };
    // A poll counts when it brought something: how often it brought nothing is a matter of time.
    let polled = match asked.operation.as_str() {
        "ReceiveMessage" | "GetRecords" => {
            let answered = inner.forward(&asked).await;
            if !brings_something(&answered.body) {
                return answered.into_response();
            }
            Some(answered)
        }
        _ => None,
    };
    let (call, attempt) = inner.calls.count(&asked.caller, &asked.operation, id.as_deref());
    let fault = (lock(&inner.decide))(&call, attempt);
    let busy = Busy::new(&inner);
    if fault == Fault::Late {
        return late(inner, asked, busy).await;
    }
    // In a task of its own, which goes on when the caller hangs up or dies.
    let passed = tokio::spawn(async move {
        let _busy = busy;
        inner.meet(fault, &asked, polled, &peer).await
    });
    passed.await.unwrap_or_default()
}

/// Passes a call on when its caller has given up on it, which drops this future and with it the sender.
async fn late(inner: Arc<Inner>, asked: Asked, busy: Busy) -> Response<Body> {
    let (_waiting, given_up) = oneshot::channel::<()>();
    tokio::spawn(async move {
        let _busy = busy;
        drop(given_up.await);
        inner.forward(&asked).await;
    });
    std::future::pending().await
}

fn brings_something(answer: &[u8]) -> bool {
    let answer: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
    ["Messages", "Records"].iter().any(|list| answer[list].as_array().is_some_and(|list| !list.is_empty()))
}

impl Inner {
    async fn meet(&self, fault: Fault, asked: &Asked, polled: Option<Answered>, peer: &Peer) -> Response<Body> {
        let target = asked.headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let service = Service::of(target, asked.uri.path());
        match fault {
            Fault::DropBefore => return closed(&peer.end),
            Fault::Throttled => return service.throttled(),
            Fault::Unavailable => return service.unavailable(),
            Fault::KillBefore => return self.kill(peer),
            Fault::FreezeBefore => self.freeze(peer).await,
            _ => {}
        }
        let answered = match polled {
            Some(answered) => answered,
            None => self.forward(asked).await,
        };
        match fault {
            Fault::Duplicate => self.forward(asked).await.into_response(),
            Fault::DropAfter => closed(&peer.end),
            Fault::FailAfter => service.unavailable(),
            Fault::ResetMidBody => answered.broken_off(peer.end.clone()),
            Fault::KillAfter => self.kill(peer),
            Fault::FreezeAfter => {
                self.freeze(peer).await;
                answered.into_response()
            }
            _ => answered.into_response(),
        }
    }

    async fn forward(&self, asked: &Asked) -> Answered {
        let upstream = self.upstream.wait().await; // settle may ask while the stack still starts
        let listener = self.listener.get();
        let body = listener.map_or_else(|| asked.body.clone(), |listener| listener.ask(asked.body.clone()));
        let mut request = self.client.request(asked.method.clone(), format!("{upstream}{}", asked.uri));
        for (name, value) in asked.headers.iter().filter(|(name, _)| *name != "host" && *name != "content-length") {
            request = request.header(name, value);
        }
        let answer = match request.body(body.clone()).send().await {
            Ok(answer) => answer,
            Err(_) => return Answered::nothing(), // the server broke off too
        };
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        headers.remove("transfer-encoding");
        let Ok(answer) = answer.bytes().await else { return Answered::nothing() };
        if let Some(listener) = listener {
            let (caller, operation) = (&asked.caller, &asked.operation);
            listener.answered(&Call { caller, operation, body: &body, answer: &answer });
        }
        Answered { status, headers, body: answer }
    }

    /// The function that a connection belongs to; whoever is no function is a customer.
    fn caller(&self, peer: &Peer) -> String {
        self.owner(peer).map_or_else(|| "customer".to_owned(), |(name, _)| name.clone())
    }

    fn owner<'p>(&self, peer: &'p Peer) -> Option<&'p (String, u32)> {
        peer.owner(self.port, self.functions.get()?)
    }

    fn kill(&self, peer: &Peer) -> Response<Body> {
        if let Some((_, pid)) = self.owner(peer) {
            process::kill(*pid);
        }
        closed(&peer.end)
    }

    /// Stops the caller until the proxy is told to let it go on. While it is stopped, its call is not under way.
    async fn freeze(&self, peer: &Peer) {
        let Some((_, pid)) = self.owner(peer) else { return };
        process::signal(*pid, "-STOP");
        let mut frozen = self.frozen.subscribe();
        self.frozen.send_modify(|frozen| frozen.push(*pid));
        self.busy.send_modify(|busy| *busy -= 1);
        drop(frozen.wait_for(Vec::is_empty).await);
        self.busy.send_modify(|busy| *busy += 1);
    }
}

impl Answered {
    fn nothing() -> Self {
        Self { status: StatusCode::BAD_GATEWAY, headers: HeaderMap::new(), body: Bytes::new() }
    }

    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }

    /// The first half of the body, and then a reset.
    fn broken_off(self, end: End) -> Response<Body> {
        let half = self.body.slice(..self.body.len() / 2);
        let rest = self.body.slice(self.body.len() / 2..);
        let parts = futures::stream::unfold(Some((half, rest, end)), async |state| match state {
            Some((half, rest, end)) if !half.is_empty() => Some((Ok(half), Some((Bytes::new(), rest, end)))),
            Some((_, rest, end)) => {
                yield_now().await; // the first half leaves meanwhile
                end.reset();
                Some((Ok::<_, std::io::Error>(rest), None))
            }
            None => None,
        });
        let mut response = Response::new(Body::from_stream(parts));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// No answer: the connection is closed.
fn closed(end: &End) -> Response<Body> {
    end.close();
    Response::new(Body::empty())
}
