//! Resolvers that somebody hostile answers for, or that don't answer: nothing private is dialled, whatever they say.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use super::*;
use crate::clock::Timestamp;
use crate::webhook_endpoint::{Delivered, Endpoints, NotTaken};
use crate::webhook_signature::sign;

/// May be dialled on the laptop, where it stands for a public address; the host below listens there.
const ALLOWED: &str = "127.0.0.1";
/// May be dialled on the laptop, and nobody listens there.
const ALLOWED_AND_DEAD: &str = "127.0.0.2";
/// May be dialled nowhere, and whoever dials it reaches the host below.
const PRIVATE: &str = "0.0.0.0";

/// A host inside the network that notices who connects.
struct Host(TcpListener, u16);

impl Host {
    fn start() -> Self {
        let (listener, port) = listen();
        listener.set_nonblocking(true).expect("a listener that does not wait");
        Self(listener, port)
    }

    /// How many have connected since it was last asked: a connection stands in the queue before its caller knows of it.
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

/// Calls by names whose lookups find these addresses, one after another, and the number of lookups.
fn finding(answers: &'static [&'static [&'static str]], reach: Reach) -> (Outbound, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let look_up = move |_: String| {
        let answer = answers[count.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1)];
        std::future::ready(Ok(answer.iter().map(|text| text.parse().expect(text)).collect()))
    };
    (Outbound::new(look_up, reach), asked)
}

async fn get(outbound: &Outbound, url: &str) -> Result<u16, Option<Refused>> {
    let url = outbound.check_media(url).expect("a URL that names no address");
    let answered = outbound.request(Method::GET, &url).timeout(TIME).send().await;
    answered.map(|answer| answer.status().as_u16()).map_err(|error| refusal(&error))
}

async fn tell(endpoints: &Endpoints, url: &str) -> Delivered {
    let signature = sign(&["whs_of-a-test-of-resolvers".into()], "evt_1", Timestamp::from_secs(1_760_000_000), "{}");
    endpoints.call(url, &signature, "{}").await
}

#[tokio::test]
async fn names_of_this_machine_are_refused_by_what_the_system_s_resolver_finds() {
    let host = Host::start();
    let outbound = Outbound::new(vetted_names::look_up, Reach::Public);
    for name in ["localhost", "LOCALHOST", "ｌｏｃａｌｈｏｓｔ"] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{name}:{}/", host.1);
            let refused = get(&outbound, &url).await;
            assert_eq!((refused, host.connections()), (Err(Some(Refused::NotPublic)), 0), "{url}");
        }
    }
}

#[tokio::test]
async fn no_name_is_known_for_a_good_one() {
    let host = Host::start();
    for name in ["localhost.", "foo.localhost", "metadata.google.internal", "127.0.0.1.nip.io", "good.example"] {
        let (outbound, _) = finding(&[&["127.0.0.1"]], Reach::Public);
        let url = format!("https://{name}:{}/", host.1);
        let refused = get(&outbound, &url).await;
        assert_eq!((refused, host.connections()), (Err(Some(Refused::NotPublic)), 0), "{url}");
        let told = tell(&Endpoints::new(outbound), &url).await;
        assert!(matches!(told.error, Some(NotTaken::Refused(Refused::NotPublic))), "{url}: {told:?}");
    }
    assert_eq!(host.connections(), 0);
}

#[tokio::test]
async fn a_private_address_among_public_ones_refuses_the_name_wherever_it_stands() {
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
        assert_eq!((refused, host.connections()), (Err(Some(Refused::NotPublic)), 0), "{answer:?}");
    }
}

#[tokio::test]
async fn a_name_that_turns_private_between_two_attempts_is_not_dialled_the_second_time() {
    let host = Host::start();
    drop(TcpStream::connect((PRIVATE, host.1)).expect("the private address leads to the host"));
    assert_eq!(host.connections(), 1);

    let (outbound, _) = finding(&[&[ALLOWED], &[PRIVATE]], Reach::PublicAndLoopback);
    let endpoints = Endpoints::new(outbound);
    let answered = host.answer_one();
    assert_eq!(tell(&endpoints, &host.webhook()).await.status_code, Some(200));
    answered.join().expect("the host");
    let second = tell(&endpoints, &host.webhook()).await;
    assert_eq!(host.connections(), 0, "{second:?}");
    assert!(matches!(second.error, Some(NotTaken::Refused(Refused::NotPublic))), "{second:?}");
}

#[tokio::test]
async fn a_name_that_turns_private_between_check_and_connect_has_been_asked_for_once() {
    let host = Host::start();
    let (outbound, asked) = finding(&[&[ALLOWED_AND_DEAD], &[PRIVATE]], Reach::PublicAndLoopback);
    let url = format!("http://good.example:{}/", host.1);
    let failed = get(&outbound, &url).await;
    let (asked, connections) = (asked.load(Ordering::Relaxed), host.connections());
    assert_eq!((failed, asked, connections), (Err(None), 1, 0)); // nobody is where the name led when it was checked
}

#[tokio::test]
async fn a_name_that_resolves_to_nothing_is_not_called_and_not_refused() {
    let host = Host::start();
    let nowhere = Outbound::new(|_| std::future::ready(Ok(Vec::new())), Reach::PublicAndLoopback);
    let unknown = |_| std::future::ready(Err(io::Error::from(ErrorKind::NotFound)));
    for outbound in [nowhere, Outbound::new(unknown, Reach::PublicAndLoopback)] {
        let begun = Instant::now();
        let told = tell(&Endpoints::new(outbound), &host.webhook()).await;
        assert!(matches!(told.error, Some(NotTaken::Call)), "{told:?}");
        assert!(begun.elapsed() < TIME);
    }
    assert_eq!(host.connections(), 0);
}

#[tokio::test]
async fn a_resolver_that_hangs_takes_no_longer_than_an_endpoint_that_does() {
    let host = Host::start();
    let endpoints = Endpoints::new(Outbound::new(|_| std::future::pending(), Reach::PublicAndLoopback));
    let told = tokio::time::timeout(2 * TIME, tell(&endpoints, &host.webhook())).await.expect("a bounded time");
    assert!(matches!(told.error, Some(NotTaken::Late)), "{told:?}");
    assert_eq!(host.connections(), 0);
}
