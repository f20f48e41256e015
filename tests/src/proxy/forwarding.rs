//! Forwards a call to its server, with the fault that the test has chosen for it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use bytes::Bytes;
use local::breakable_connection::ConnectionHandle;
use shared::mutex::lock;
use tokio::sync::oneshot;
use tokio::task::yield_now;

use super::calls;
use super::client_process::ClientProcess;
use super::state::{Call, Inner};
use crate::fault::{CallId, Fault};
use crate::process;
use crate::service_errors::Service;

/// The request as it was received.
struct ProxiedRequest {
    caller: String,
    operation: String,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// The response of the server.
struct UpstreamResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// Counts as one call in progress until it is dropped.
struct InProgress(Arc<Inner>);

impl InProgress {
    fn new(inner: &Arc<Inner>) -> Self {
        inner.busy.send_modify(|busy| *busy += 1);
        Self(inner.clone())
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.busy.send_modify(|busy| *busy -= 1);
    }
}

pub async fn forward_or_fault(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<ClientProcess>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let operation = calls::operation(&method, &uri, &headers);
    let caller = calls::named_caller(&headers).unwrap_or_else(|| inner.caller(&peer));
    let id = calls::invocation(&headers).map(str::to_owned);
    let asked = ProxiedRequest { caller, operation, method, uri, headers, body };
    if asked.operation == calls::HEALTH {
        return inner.forward(&asked).await.into_response();
    }
    // A poll counts when it returned something: the number of empty polls depends on timing.
    let polled = match asked.operation.as_str() {
        "ReceiveMessage" | "GetRecords" => {
            let answered = inner.forward(&asked).await;
            if !has_records(&answered.body) {
                return answered.into_response();
            }
            Some(answered)
        }
        _ => None,
    };
    let (call, attempt) = inner.calls.count(&asked.caller, &asked.operation, id.as_deref());
    let fault = (lock(&inner.decide))(&call, attempt);
    let busy = InProgress::new(&inner);
    if fault == Fault::Late {
        return late(inner, asked, busy).await;
    }
    // A separate task, which continues when the caller disconnects or exits.
    let passed = tokio::spawn(async move {
        let _busy = busy;
        inner.apply(&call, fault, &asked, polled, &peer).await
    });
    passed.await.unwrap_or_default()
}

/// Forwards a call after its caller has given up waiting, which drops this future and with it the sender.
async fn late(inner: Arc<Inner>, asked: ProxiedRequest, busy: InProgress) -> Response<Body> {
    let (_waiting, given_up) = oneshot::channel::<()>();
    tokio::spawn(async move {
        let _busy = busy;
        drop(given_up.await);
        inner.forward(&asked).await;
    });
    std::future::pending().await
}

fn has_records(answer: &[u8]) -> bool {
    let answer: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
    ["Messages", "Records"].iter().any(|list| answer[list].as_array().is_some_and(|list| !list.is_empty()))
}

impl Inner {
    async fn apply(
        &self,
        call: &CallId,
        fault: Fault,
        asked: &ProxiedRequest,
        polled: Option<UpstreamResponse>,
        peer: &ClientProcess,
    ) -> Response<Body> {
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
        self.calls.note_if_empty(call, &asked.body, &answered.body);
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

    async fn forward(&self, asked: &ProxiedRequest) -> UpstreamResponse {
        let upstream = self.upstream.wait().await; // settle may call while the stack still starts
        let listener = self.listener.get();
        let body = listener.map_or_else(|| asked.body.clone(), |listener| listener.ask(asked.body.clone()));
        let mut request = self.client.request(asked.method.clone(), format!("{upstream}{}", asked.uri));
        // A request to S3 is signed with the name of the host that it was sent to.
        let is_kept =
            |name: &str| name != "content-length" && (name != "host" || calls::is_for_s3(&asked.headers, &asked.uri));
        for (name, value) in asked.headers.iter().filter(|(name, _)| is_kept(name.as_str())) {
            request = request.header(name, value);
        }
        let answer = match request.body(body.clone()).send().await {
            Ok(answer) => answer,
            Err(_) => return UpstreamResponse::nothing(), // the server closed the connection too
        };
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        headers.remove("transfer-encoding");
        let Ok(answer) = answer.bytes().await else { return UpstreamResponse::nothing() };
        if let Some(listener) = listener {
            let (caller, operation) = (&asked.caller, &asked.operation);
            let path = asked.uri.path();
            listener.answered(&Call { caller, operation, path, body: &body, answer: &answer });
        }
        UpstreamResponse { status, headers, body: answer }
    }

    /// The function that a connection belongs to; any other client is a customer.
    fn caller(&self, peer: &ClientProcess) -> String {
        self.owner(peer).map_or_else(|| "customer".to_owned(), |(name, _)| name.clone())
    }

    fn owner<'p>(&self, peer: &'p ClientProcess) -> Option<&'p (String, u32)> {
        peer.owner(self.port, self.functions.get()?)
    }

    fn kill(&self, peer: &ClientProcess) -> Response<Body> {
        if let Some((_, pid)) = self.owner(peer) {
            process::kill(*pid);
        }
        closed(&peer.end)
    }

    /// Freezes the caller until the proxy resumes it. Meanwhile, its call does not count as in progress.
    async fn freeze(&self, peer: &ClientProcess) {
        let Some((_, pid)) = self.owner(peer) else { return };
        process::signal(*pid, "-STOP");
        let mut frozen = self.frozen.subscribe();
        self.frozen.send_modify(|frozen| frozen.push(*pid));
        self.busy.send_modify(|busy| *busy -= 1);
        drop(frozen.wait_for(Vec::is_empty).await);
        self.busy.send_modify(|busy| *busy += 1);
    }
}

impl UpstreamResponse {
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
    fn broken_off(self, end: ConnectionHandle) -> Response<Body> {
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
fn closed(end: &ConnectionHandle) -> Response<Body> {
    end.close();
    Response::new(Body::empty())
}
