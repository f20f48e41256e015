//! Tests of which addresses are connected to, observed at a server.

use super::*;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};

mod resolvers;

/// The timeout of a call that must not succeed.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Finds every name on this machine.
fn outbound(reach: Reach) -> OutboundClient {
    let look_up = |_: String| std::future::ready(Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]));
    OutboundClient::new(look_up, reach)
}

fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

#[tokio::test]
async fn the_checked_address_is_connected_to_and_no_redirect_is_followed() {
    let (listener, port) = listen();
    let host = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().expect("a call");
        let mut request = [0; 1024];
        let length = connection.read(&mut request).expect("a request");
        let answer = "HTTP/1.1 302 Found\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n";
        connection.write_all(answer.as_bytes()).expect("an answer");
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    let outbound = outbound(Reach::PublicAndLoopback);
    let url = outbound.check_media(&format!("http://files.example:{port}/a.jpg")).expect("a public name");
    let answer = outbound.request(Method::HEAD, &url).timeout(TIMEOUT).send().await.expect("an answer");
    assert_eq!(answer.status(), 302);
    let request = host.join().expect("the host");
    assert!(request.starts_with("HEAD /a.jpg ") && request.contains(&format!("host: files.example:{port}\r\n")));
    assert!(!request.contains("accept-encoding"), "{request}");
}

#[tokio::test]
async fn a_failed_call_is_not_reported_as_a_refused_url() {
    let (listener, port) = listen();
    drop(listener);
    let outbound = outbound(Reach::PublicAndLoopback);
    let url = outbound.check_media(&format!("http://files.example:{port}/")).expect("a public name");
    let error = outbound.request(Method::GET, &url).send().await.expect_err("nobody listens");
    assert_eq!(refused_url(&error), None);
}
