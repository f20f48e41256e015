//! Tests of the preflight with hostile resolvers and with resolvers that do not answer.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use shared::outbound::Reach;

use super::*;

/// Never allowed, although a connection to it would reach a host on this machine.
const PRIVATE: &str = "0.0.0.0";

fn listen() -> (TcpListener, Content) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://files.example:{}/a.jpg", listener.local_addr().expect("an address").port());
    (listener, Content::Media { media: MediaType::Image, url, caption: None, filename: None })
}

/// How many connections were not accepted yet. A connection is in the backlog before its client is notified.
fn connections(listener: &TcpListener) -> usize {
    listener.set_nonblocking(true).expect("a listener that does not wait");
    std::iter::from_fn(|| listener.accept().ok()).count()
}

/// A preflight whose resolver returns these addresses, lookup by lookup.
fn finding(answers: &'static [&'static [&'static str]], reach: Reach) -> Preflight {
    let asked = AtomicUsize::new(0);
    let look_up = move |_: String| {
        let answer = answers[asked.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1)];
        std::future::ready(Ok(answer.iter().map(|text| text.parse().expect(text)).collect()))
    };
    Preflight::new(OutboundClient::new(look_up, reach))
}

/// Answers one HEAD with 405, after which the client sends a GET, and closes its connection.
fn answer_head(listener: &TcpListener) -> JoinHandle<String> {
    let listener = listener.try_clone().expect("a listener");
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().expect("a call");
        let mut request = [0; 1024];
        let length = connection.read(&mut request).expect("a request");
        let answer = b"HTTP/1.1 405 Method Not Allowed\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        connection.write_all(answer).expect("an answer");
        String::from_utf8_lossy(&request[..length]).into_owned()
    })
}

async fn check(preflight: Preflight, content: &Content) -> Result<(), ApiError> {
    let account = AccountId::generate();
    let file = preflight.file(&account, content).expect("an acceptable name").expect("a file");
    preflight.check(&account, &file).await
}

fn refused_as_private(checked: Result<(), ApiError>) {
    let error = checked.expect_err("refused");
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::InvalidRequest, Some("mediaUrl")));
    assert!(error.message.contains("must lead to public addresses only"), "{error:?}");
}

#[tokio::test]
async fn a_file_at_a_host_with_a_private_address_is_refused_and_not_requested() {
    let (listener, file) = listen();
    for answer in [&[&["127.0.0.1"] as &[_]], &[&["8.8.8.8", "127.0.0.1"]], &[&["::ffff:127.0.0.1", "8.8.8.8"]]]
        as [&[&[&str]]; 3]
    {
        let checked = check(finding(answer, Reach::Public), &file).await;
        assert_eq!(connections(&listener), 0, "{answer:?}");
        refused_as_private(checked);
    }
}

#[tokio::test]
async fn a_host_that_turns_private_between_head_and_get_is_refused() {
    let (listener, file) = listen();
    let port = listener.local_addr().expect("an address").port();
    let through = TcpStream::connect((PRIVATE, port)).expect("the private address leads to the host");
    drop((through, listener.accept().expect("a connection")));

    let head = answer_head(&listener);
    let checked = check(finding(&[&["127.0.0.1"], &[PRIVATE]], Reach::PublicAndLoopback), &file).await;
    assert!(head.join().expect("the host").starts_with("HEAD /a.jpg "));
    assert_eq!(connections(&listener), 0);
    refused_as_private(checked);
}

#[tokio::test]
async fn a_file_at_a_name_without_an_address_is_accepted() {
    let (listener, file) = listen();
    assert!(check(finding(&[&[]], Reach::PublicAndLoopback), &file).await.is_ok());
    assert_eq!(connections(&listener), 0);
}

#[tokio::test]
async fn a_hanging_resolver_ends_with_the_preflight_timeout_and_the_file_is_accepted() {
    let (listener, file) = listen();
    let preflight = Preflight::new(OutboundClient::new(|_| std::future::pending(), Reach::PublicAndLoopback));
    let begun = Instant::now();
    let checked = timeout(3 * PREFLIGHT_TIMEOUT, check(preflight, &file)).await.expect("a bounded time");
    assert!(checked.is_ok() && begun.elapsed() >= PREFLIGHT_TIMEOUT, "{checked:?}");
    assert_eq!(connections(&listener), 0);
}
