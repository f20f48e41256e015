//! What is said when a call is refused or not answered, and what is repeated.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::thread::{self, JoinHandle};

use crate::user::{User, command, run};

#[tokio::test]
async fn a_refusal_says_why_and_no_key_is_ever_shown() {
    let user = User::new().await;
    let refused = user.fails(&["send", "+5511900000003", "Hello"]);
    assert!(refused.starts_with("pombo: ") && refused.contains("(invalid_phone_number, field `to`, req_"), "{refused}");
    assert!(user.fails(&["account", "--key", "not-a-key"]).contains("invalid_api_key"));
    assert!(user.is_wrong(&["account", "--url", "ftp://127.0.0.1"]).contains("is not the address of an API"));
    assert!(!user.fails(&["account", "--key", "secret-key", "--url", "http://127.0.0.1:1"]).contains("secret-key"));
    for wrong in [&["send", "55"][..], &["send", "55", "a", "--media-id", "m", "--media-type", "image"], &["dance"]] {
        assert_eq!(user.run_with(&[], wrong).status.code(), Some(2), "{wrong:?}");
    }
}

/// A server that answers one request with each of these, or breaks the connection. The thread returns the headers and bodies.
fn scripted(answers: Vec<Option<&'static str>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = move |answer: Option<&str>| {
        let (connection, _) = listener.accept().expect("a connection");
        let mut reader = BufReader::new(&connection);
        let (mut request, mut length) = (String::new(), 0);
        while !request.ends_with("\r\n\r\n") {
            let start = request.len();
            reader.read_line(&mut request).expect("a line");
            let line = request[start..].to_ascii_lowercase();
            length =
                line.strip_prefix("content-length: ").map_or(length, |text| text.trim().parse().expect("a length"));
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        if let Some(answer) = answer {
            (&connection).write_all(answer.as_bytes()).expect("the answer is read");
        }
        request + &String::from_utf8_lossy(&body)
    };
    (url, thread::spawn(move || answers.into_iter().map(answer).collect()))
}

#[test]
fn a_send_whose_answer_is_lost_is_repeated_with_the_same_key_and_a_create_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |url: &str, arguments: &[&str]| {
        let environment = [("POMBO_URL", url), ("POMBO_API_KEY", "key"), ("POMBO_INSTANCE", "inst_1")];
        run(&folder.path().join("none.toml"), &environment, arguments)
    };
    let busy = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    // Without a length, the end of the connection is that of the body.
    let sent = "HTTP/1.1 202 Accepted\r\nconnection: close\r\n\r\n{\"success\":true,\"messageId\":\"msg_1\"}";
    let (url, server) = scripted(vec![None, Some(busy), Some(sent)]);
    let output = run(&url, &["send", "5511900000001", "Hello", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let requests = server.join().expect("three requests");
    let key = |request: &String| request.lines().find(|line| line.starts_with("idempotency-key: ")).map(str::to_owned);
    assert!(key(&requests[0]).is_some());
    assert!(requests.iter().all(|request| key(request) == key(&requests[0])), "{requests:?}");

    let (url, server) = scripted(vec![None]);
    let output = run(&url, &["instances", "create", "Shop"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no answer from the API at http://127.0.0.1:"));
    assert_eq!(server.join().expect("one request").len(), 1);
}

#[test]
fn a_refusal_says_after_how_many_seconds_and_a_lost_answer_from_which_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let says = |url: &str| {
        let output = run(&folder.path().join("none.toml"), &[("POMBO_API_KEY", "key")], &["account", "--url", url]);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).expect("text")
    };
    let busy = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 45\r\nconnection: close\r\n\r\n\
        {\"success\":false,\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"Too many.\",\"requestId\":\"req_1\"}}";
    let (url, server) = scripted(vec![Some(busy)]);
    assert_eq!(says(&url), "pombo: Too many. (rate_limit_exceeded, req_1; it may succeed in 45 seconds)\n");
    assert_eq!(server.join().expect("one request").len(), 1, "a wait of 45 seconds is left to the user");
    let said = says("http://someone:secret@127.0.0.1:1/api/v1");
    assert!(said.starts_with("pombo: no answer from the API at http://127.0.0.1:1/api: "), "{said}");
}

#[test]
fn a_send_without_an_answer_says_how_it_is_repeated() {
    let folder = tempfile::tempdir().expect("a folder");
    let environment = [("POMBO_URL", "http://127.0.0.1:1"), ("POMBO_API_KEY", "key"), ("POMBO_INSTANCE", "inst_1")];
    let arguments = ["send", "5511900000001", "Hello", "--idempotency-key", "order-17"];
    let says = |arguments: &[&str]| {
        let output = run(&folder.path().join("none.toml"), &environment, arguments);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).expect("text")
    };
    assert!(says(&arguments).contains("`--idempotency-key order-17` repeats it"));
    assert!(!says(&["account"]).contains("--idempotency-key"));
}

#[test]
fn an_answer_that_cannot_be_written_is_no_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"success\":true,\"data\":{\"id\":\"acc_1\"}}";
    let writes_to = |stdout: Stdio| {
        let (url, server) = scripted(vec![Some(answer)]);
        let environment = [("POMBO_URL", url.as_str()), ("POMBO_API_KEY", "key")];
        let output = command(&folder.path().join("none.toml"), &environment, &["account"]).stdout(stdout).output();
        server.join().expect("one request");
        let output = output.expect("the command runs");
        (output.status.code(), String::from_utf8(output.stderr).expect("text"))
    };
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the device");
    let (code, says) = writes_to(full.into());
    assert!(code == Some(1) && says.starts_with("pombo: the call succeeded"), "{code:?} {says}");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    assert_eq!(writes_to(writer.into()), (Some(0), String::new()), "whoever read it has enough");
}
