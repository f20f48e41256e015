//! Tests with hostile resolvers and with resolvers that do not answer: no private address is ever connected to.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use super::*;
use crate::clock::Timestamp;
use crate::outbound::CallFailure;
use crate::webhook::signature::sign;
use crate::webhook::{AttemptError, AttemptResult, EndpointClient};

/// Allowed in the local stack, where it represents a public address; the host below listens there.
const ALLOWED: &str = "127.0.0.1";
/// Allowed in the local stack, and nothing listens there.
const ALLOWED_AND_DEAD: &str = "127.0.0.2";
/// Never allowed, although a connection to it would reach the host below.
const PRIVATE: &str = "0.0.0.0";

/// A host inside the network that counts connections.
struct Host(TcpListener, u16);

impl Host {
    fn start() -> Self {
        let (listener, port) = listen();
        listener.set_nonblocking(true).expect("a listener that does not wait");
        Self(listener, port)
    }

    /// How many connections there were since the last call. A connection is in the backlog before its client is notified.
    fn connections(&self) -> usize {
        std::iter::from_fn(|| self.0.accept().ok()).count()
    }

    /// Answers one call with 200 and closes its connection.
    fn answer_one(&self) -> JoinHandle<()> {
        let listener = self.0.try_clone().expect("a listener");
        listener.set_nonblocking(false).expect("a listener that waits");
        std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().expect("a call");
            listener.set_nonblocking(true).expect("a listener that does not wait");
            connection.set_nonblocking(false).expect("a connection that waits");
            let mut request = [0; 4096];
            let length = connection.read(&mut request).expect("a request");
            assert!(request[..length].starts_with(b"POST /hook "));
            let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            connection.write_all(answer).expect("an answer");
        })
    }

    fn webhook(&self) -> String {
        format!("http://localhost:{}/hook", self.1)
    }
}

/// A client whose resolver returns these addresses, lookup by lookup, and the number of lookups.
fn finding(answers: &'static [&'static [&'static str]], reach: Reach) -> (OutboundClient, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let look_up = move |_: String| {
        let answer = answers[count.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1)];
        std::future::ready(Ok(answer.iter().map(|text| text.parse().expect(text)).collect()))
    };
    (OutboundClient::new(look_up, reach), asked)
}

async fn get(outbound: &OutboundClient, url: &str) -> Result<u16, Option<UrlError>> {
    let url = outbound.check_media(url).expect("a URL that names no address");
    let answered = outbound.request(Method::GET, &url).timeout(TIMEOUT).send().await;
    answered.map(|answer| answer.status().as_u16()).map_err(|error| refused_url(&error))
}

async fn attempt(endpoints: &EndpointClient, url: &str) -> AttemptResult {
    let signature = sign(&["whs_of-a-test-of-resolvers".into()], "evt_1", Timestamp::from_secs(1_760_000_000), "{}");
    endpoints.call(url, &signature, "{}").await
}

#[tokio::test]
async fn names_of_this_machine_are_refused_by_their_resolved_addresses() {
    let host = Host::start();
    let outbound = OutboundClient::new(resolver::look_up, Reach::Public);
    for name in ["localhost", "LOCALHOST", "ｌｏｃａｌｈｏｓｔ"] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{name}:{}/", host.1);
            let refused = get(&outbound, &url).await;
            assert_eq!((refused, host.connections()), (Err(Some(UrlError::NotPublic)), 0), "{url}");
        }
    }
}

#[tokio::test]
async fn a_name_is_resolved_and_checked_for_every_call() {
    let host = Host::start();
    let names = [
        "localhost.",
        "foo.localhost",
        "metadata.google.internal",
        "127.0.0.1.nip.io",
        "good.example",
        "files.example",
    ];
    for name in names {
        let (outbound, _) = finding(&[&["127.0.0.1"]], Reach::Public);
        let url = format!("https://{name}:{}/", host.1);
        for url in [url.replacen("https", "http", 1), url.clone()] {
            let refused = get(&outbound, &url).await;
            assert_eq!((refused, host.connections()), (Err(Some(UrlError::NotPublic)), 0), "{url}");
        }
        let result = attempt(&EndpointClient::new(outbound), &url).await;
        assert!(matches!(result.error, Some(AttemptError::ForbiddenUrl(UrlError::NotPublic))), "{url}: {result:?}");
    }
    assert_eq!(host.connections(), 0);
}

#[tokio::test]
async fn a_private_address_at_any_position_refuses_the_name() {
    let host = Host::start();
    for answer in [
        &[&["127.0.0.1", "8.8.8.8"]],
        &[&["8.8.8.8", "127.0.0.1"]],
        &[&["2606:4700::1", "::ffff:127.0.0.1"]],
        &[&["::ffff:127.0.0.1", "2606:4700::1"]],
    ] as [&[&[&str]]; 4]
    {
        let (outbound, _) = finding(answer, Reach::Public);
        let url = format!("http://good.example:{}/", host.1);
        let refused = get(&outbound, &url).await;
        assert_eq!((refused, host.connections()), (Err(Some(UrlError::NotPublic)), 0), "{answer:?}");
    }
}

#[tokio::test]
async fn a_name_that_turns_private_between_two_attempts_is_refused_at_the_second() {
    let host = Host::start();
    drop(TcpStream::connect((PRIVATE, host.1)).expect("the private address leads to the host"));
    assert_eq!(host.connections(), 1);

    let (outbound, _) = finding(&[&[ALLOWED], &[PRIVATE]], Reach::PublicAndLoopback);
    let endpoints = EndpointClient::new(outbound);
    let answered = host.answer_one();
    assert_eq!(attempt(&endpoints, &host.webhook()).await.status_code, Some(200));
    answered.join().expect("the host");
    let second = attempt(&endpoints, &host.webhook()).await;
    assert_eq!(host.connections(), 0, "{second:?}");
    assert!(matches!(second.error, Some(AttemptError::ForbiddenUrl(UrlError::NotPublic))), "{second:?}");
}

#[tokio::test]
async fn a_name_is_resolved_once_for_check_and_connection() {
    let host = Host::start();
    let (outbound, asked) = finding(&[&[ALLOWED_AND_DEAD], &[PRIVATE]], Reach::PublicAndLoopback);
    let url = format!("http://good.example:{}/", host.1);
    let failed = get(&outbound, &url).await;
    let (asked, connections) = (asked.load(Ordering::Relaxed), host.connections());
    assert_eq!((failed, asked, connections), (Err(None), 1, 0)); // nothing listens at the address that was checked
}

#[tokio::test]
async fn a_name_that_resolves_to_nothing_is_not_called_and_not_refused() {
    let host = Host::start();
    let nowhere = OutboundClient::new(|_| std::future::ready(Ok(Vec::new())), Reach::PublicAndLoopback);
    let unknown = |_| std::future::ready(Err(io::Error::from(ErrorKind::NotFound)));
    for outbound in [nowhere, OutboundClient::new(unknown, Reach::PublicAndLoopback)] {
        let begun = Instant::now();
        let result = attempt(&EndpointClient::new(outbound), &host.webhook()).await;
        assert!(matches!(result.error, Some(AttemptError::NoAnswer(CallFailure::NameNotFound))), "{result:?}");
        assert!(begun.elapsed() < TIMEOUT);
    }
    assert_eq!(host.connections(), 0);
}

#[tokio::test]
async fn a_hanging_resolver_ends_with_the_timeout_of_the_attempt() {
    let host = Host::start();
    let endpoints = EndpointClient::new(OutboundClient::new(|_| std::future::pending(), Reach::PublicAndLoopback));
    let result = tokio::time::timeout(2 * TIMEOUT, attempt(&endpoints, &host.webhook())).await.expect("a bounded time");
    assert!(matches!(result.error, Some(AttemptError::TimedOut)), "{result:?}");
    assert_eq!(host.connections(), 0);
}
