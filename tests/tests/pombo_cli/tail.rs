//! `webhooks tail`.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::user::{CLI, User, text};

/// A `webhooks tail` in progress, and the lines that it prints.
struct Tail {
    child: Child,
    lines: Receiver<String>,
}

impl Tail {
    /// Starts it, and waits until it listens.
    fn start(user: &User, arguments: &[&str]) -> Self {
        let mut command = Command::new(CLI);
        command.env_clear().env("POMBO_CONFIG", user.profiles()).args(["webhooks", "tail"]).args(arguments);
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let mut said = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut first = String::new();
        said.read_line(&mut first).expect("a line");
        assert!(first.contains("listening"), "{first}");
        let (sender, lines) = channel();
        let shown = BufReader::new(child.stdout.take().expect("a pipe"));
        thread::spawn(move || shown.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(30)).expect("a line")
    }

    /// Ends it with a signal, and returns its exit code.
    fn end(mut self, signal: &str) -> Option<i32> {
        tests::process::signal(self.child.id(), signal);
        self.child.wait().expect("it ends").code()
    }
}

#[tokio::test]
async fn a_tail_shows_events_live_forwards_them_and_gives_its_place_back() {
    let user = User::new().await;
    let receiver = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}/hook", receiver.local_addr().expect("an address"));
    let posted = thread::spawn(move || {
        let (stream, _) = receiver.accept().expect("a call");
        let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
        let head: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
        (&stream).write_all(b"HTTP/1.1 204 No Content\r\n\r\n").expect("the answer is taken");
        head.join("\n").to_lowercase()
    });
    let tail = Tail::start(&user, &["--events", "message.sent", "--forward-to", &address]);
    let sent = user.json(&["send", "5511900000001", "Hello"]);
    let line = tail.line();
    assert!(line.contains("  message.sent  ") && line.contains(text(&sent["messageId"])), "{line}");
    let head = posted.join().expect("a call");
    assert!(head.starts_with("post /hook") && head.contains("webhook-id: evt_"), "{head}");
    assert_eq!(tail.end("-INT"), Some(0));
    // An account has five listeners, and each of these ends its own.
    for _ in 0..6 {
        assert_eq!(Tail::start(&user, &[]).end("-TERM"), Some(0));
    }
    let tail = Tail::start(&user, &["--json", "--instance", text(&user.state["instanceId"])]);
    let sent = user.json(&["send", "5511900000001", "Hello"]);
    let event: Value = serde_json::from_str(&tail.line()).expect("a JSON line");
    assert_eq!(event["body"]["data"]["messageId"], sent["messageId"], "{event}");
    assert_eq!(tail.end("-INT"), Some(0));
    assert!(user.fails(&["webhooks", "tail", "--events", "message.gone"]).contains("events[0]"));
    assert!(user.fails(&["webhooks", "tail", "--key", "wrong"]).contains("invalid_api_key"));
}
