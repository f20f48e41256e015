//! The command line `pombo` against the local stack, as people use it: what it prints and with which exit code it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::wait::eventually;

const CLI: &str = env!("CARGO_BIN_EXE_pombo-cli-under-test");
const STACK: &str = env!("CARGO_BIN_EXE_pombo-under-test");

/// A stack, and a folder for the profiles of its user.
struct User {
    state: Value,
    folder: TempDir,
    stack: Child,
}

impl Drop for User {
    fn drop(&mut self) {
        tests::process::signal(self.stack.id(), "-TERM");
        let _ = self.stack.wait();
    }
}

impl User {
    /// Starts a stack. The default profile has its address, its keys and its instance.
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = ["--no-demo", "--window", "off", "--port", "0", "--state-file", "state.json"];
        let mut stack = Command::new(STACK);
        stack.current_dir(folder.path()).args(options).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let stack = stack.spawn().expect("a stack");
        let file = folder.path().join("state.json");
        let read = || async { serde_json::from_str(&std::fs::read_to_string(&file).ok()?).ok() };
        let state: Value = eventually("the state file", read).await;
        let user = Self { state, folder, stack };
        user.write_profiles(&format!(
            "[default]\nurl = {}\nkey = {}\nadmin_key = {}\ninstance = {}\n",
            user.state["apiUrl"], user.state["apiKey"], user.state["adminKey"], user.state["instanceId"]
        ));
        user
    }

    fn write_profiles(&self, text: &str) {
        std::fs::write(self.profiles(), text).expect("a file");
    }

    fn profiles(&self) -> std::path::PathBuf {
        self.folder.path().join("config.toml")
    }

    fn run_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
        run(&self.profiles(), environment, arguments)
    }

    /// What a command prints.
    fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run_with(&[], arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let printed = self.prints(&[arguments, &["--json"]].concat());
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
    }

    /// How a command fails.
    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run_with(&[], arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).expect("text")
    }
}

/// Runs the program with nothing of this machine's environment.
fn run(profiles: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(CLI);
    command.env_clear().env("POMBO_CONFIG", profiles).envs(environment.iter().copied()).args(arguments);
    command.stdin(Stdio::null()).output().expect("the program runs")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

#[tokio::test]
async fn a_message_is_sent_listed_and_shown_until_it_is_read() {
    let user = User::new().await;
    let sent = user.json(&["send", "5511900000001", "Olá 🕊", "--reference", "order-1"]);
    let id = text(&sent["messageId"]).to_owned();
    let read = || async { (user.json(&["messages", "get", &id])["status"] == "read").then_some(()) };
    eventually("the message is read", read).await;
    let shown = user.prints(&["messages", "get", &id]);
    assert!(shown.contains("Olá 🕊") && shown.contains("order-1") && shown.contains("read"), "{shown}");
    for filter in [["--reference", "order-1"], ["--phone", "5511900000001"], ["--status", "read"]] {
        let listed = user.json(&[&["messages", "list"][..], &filter].concat());
        assert_eq!((listed["data"].as_array().map(Vec::len), &listed["data"][0]["messageId"]), (Some(1), &json!(id)));
    }
    let table = user.prints(&["messages", "list"]);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("messageId") && lines[1].starts_with(&id) && lines[1].ends_with("Olá 🕊"), "{table}");
    assert!(user.fails(&["messages", "cancel", &id]).contains("(not_cancelable, "));
}

#[tokio::test]
async fn each_kind_of_content_is_sent_and_a_key_makes_one_message() {
    let user = User::new().await;
    let file = user.folder.path().join("body.json");
    std::fs::write(&file, r#"{"location":{"latitude":-23.5,"longitude":-46.6},"metadata":{"order":1}}"#)
        .expect("a file");
    let contents: [&[&str]; 4] = [
        &["--template", "hello_world", "--language", "en_US"],
        &[
            "--media-url",
            "https://example.com/a.pdf",
            "--media-type",
            "document",
            "--filename",
            "a.pdf",
            "--caption",
            "A",
        ],
        &["--body", file.to_str().expect("a path")],
        &["a text", "--expires-in", "60"],
    ];
    let mut kinds = Vec::new();
    for content in contents {
        let sent = user.json(&[&["send", "5511900000002"], content].concat());
        kinds.push(user.json(&["messages", "get", text(&sent["messageId"])])["type"].clone());
    }
    assert_eq!(kinds, ["template", "document", "location", "text"]);
    let once = ["send", "5511900000002", "Once", "--idempotency-key", "order-2"];
    assert_eq!(user.json(&once)["messageId"], user.json(&once)["messageId"]);
    assert!(
        user.fails(&["send", "5511900000002", "Twice", "--idempotency-key", "order-2"])
            .contains("idempotency_key_reused")
    );
}

#[tokio::test]
async fn an_operator_makes_an_account_with_a_key_and_its_customer_an_instance() {
    let user = User::new().await;
    let account = user.json(&["accounts", "create", "Shop", "--plan", "pro", "--credits", "10"]);
    let id = text(&account["id"]).to_owned();
    assert_eq!(user.json(&["accounts", "credits", &id, "-4"])["credits"], 6);
    assert_eq!(
        user.json(&["accounts", "update", &id, "--name", "Shop 2", "--trust-own-app", "true"])["trustOwnApp"],
        true
    );
    assert!(user.prints(&["accounts", "list"]).contains("Shop 2"));
    let created =
        user.json(&["keys", "create", &id, "first", "--scope", "instances:write", "--scope", "instances:read"]);
    let key = text(&created["key"]).to_owned();
    let environment = [("POMBO_API_KEY", key.as_str()), ("WHATSAPP_ACCESS_TOKEN", "EAAG-of-a-test")];
    let customer = |arguments: &[&str]| {
        let output = user.run_with(&environment, &[arguments, &["--json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said, serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default())
    };
    let instance = customer(&["instances", "create", "Shop"]).2;
    let instance = text(&instance["id"]);
    let number = ["--business-id", "102290129340399", "--phone-number-id", "106540352242923"];
    let connected = customer(&[&["instances", "connect", instance], &number[..]].concat());
    assert_eq!((connected.0, &connected.2["status"]), (Some(0), &json!("connected")), "{}", connected.1);
    assert_eq!(customer(&["instances", "list"]).2["data"][0]["id"], json!(instance));
    assert_eq!(customer(&["instances", "disconnect", instance, "--reason", "moved"]).2["status"], "disconnected");
    assert_eq!(customer(&["instances", "status", instance]).2["reason"], "moved");
    let (code, said, _) = customer(&["account"]);
    assert_eq!((code, said.as_str()), (Some(0), ""), "every scope may ask for the account");
    assert!(!user.prints(&["keys", "list", &id]).contains(&key));
    assert_eq!(user.prints(&["keys", "revoke", &id, text(&created["id"])]), "done\n");
    assert_eq!(user.json(&["keys", "list", &id])["data"], json!([]));
    assert!(user.fails(&["accounts", "close", &id, "Shop"]).contains("nothing was closed"));
    assert_eq!(user.json(&["accounts", "close", &id, "Shop 2"])["status"], "closing");
    assert_eq!(user.json(&["accounts", "get", &id])["closing"]["step"], "waiting");
}

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

#[tokio::test]
async fn flags_win_over_the_environment_and_that_over_the_profile() {
    let user = User::new().await;
    let (url, key) = (text(&user.state["apiUrl"]).to_owned(), text(&user.state["apiKey"]).to_owned());
    let code = |environment: &[(&str, &str)], arguments: &[&str]| user.run_with(environment, arguments).status.code();
    assert_eq!(code(&[], &["account"]), Some(0));
    assert_eq!(code(&[("POMBO_API_KEY", "wrong")], &["account"]), Some(1));
    assert_eq!(code(&[("POMBO_API_KEY", "wrong")], &["account", "--key", &key]), Some(0));
    assert_eq!(code(&[("POMBO_API_KEY", "")], &["account"]), Some(0), "an empty variable is none");
    user.write_profiles(&format!(
        "[default]\nurl = \"http://127.0.0.1:1\"\n[shop]\nurl = \"{url}/v1/\"\nkey = \"{key}\"\n"
    ));
    assert_eq!(code(&[], &["account", "--profile", "shop"]), Some(0));
    assert_eq!(code(&[("POMBO_PROFILE", "shop")], &["account"]), Some(0));
    assert!(user.fails(&["account", "--profile", "none"]).contains("there is no profile `none`"));
    assert!(user.fails(&["account"]).contains("the API key is missing: pass --key, set POMBO_API_KEY"));
    assert!(user.fails(&["messages", "list", "--key", &key]).contains("the instance is missing"));
    assert!(user.fails(&["account", "--key", &key]).contains("no answer from the API: "));
    user.write_profiles("[default]\ncolour = 1\n");
    assert!(user.fails(&["account"]).contains("is not a file of profiles"));
}

#[tokio::test]
async fn a_refusal_says_why_and_no_key_is_ever_shown() {
    let user = User::new().await;
    let refused = user.fails(&["send", "+5511900000003", "Hello"]);
    assert!(refused.starts_with("pombo: ") && refused.contains("(invalid_phone_number, field `to`, req_"), "{refused}");
    assert!(user.fails(&["account", "--key", "not-a-key"]).contains("invalid_api_key"));
    assert!(user.fails(&["account", "--url", "ftp://127.0.0.1"]).contains("is not the address of an API"));
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
    assert!(String::from_utf8_lossy(&output.stderr).contains("no answer from the API: "));
    assert_eq!(server.join().expect("one request").len(), 1);
}
