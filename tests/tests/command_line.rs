//! `cargo run` as a new user runs it: its options, its state file, its error messages, and that it leaves no processes
//! behind.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tests::process;
use tests::test_stack::template;
use tests::wait::eventually;
use tokio::net::TcpListener;

const PROGRAM: &str = env!("CARGO_BIN_EXE_pombo-under-test");

/// The program in a folder of its own.
fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder, arguments).output().expect("the program runs")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Waits for a complete state file and returns it.
async fn state(file: PathBuf) -> Value {
    eventually("the state file", || async { serde_json::from_str(&std::fs::read_to_string(&file).ok()?).ok() }).await
}

async fn ended(child: &mut std::process::Child) -> ExitStatus {
    let mut child = Some(child);
    eventually("the program to end", || {
        let status = child.as_mut().and_then(|child| child.try_wait().expect("a child"));
        async move { status }
    })
    .await
}

#[tokio::test]
async fn the_demo_exits_with_0_after_all_four_messages_were_read_and_reported() {
    let folder = folder();
    let output = run(folder.path(), &["--exit-after-demo", "--port", "0"]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{shown}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(shown.matches("read, all webhooks received").count(), 4, "{shown}");
    assert_eq!(shown.matches("signature verified").count(), 13, "with that of the phone's message: {shown}");
    assert!(!folder.path().join(".local/stack.json").exists());
}

#[tokio::test]
async fn the_window_is_held_unless_it_is_turned_off() {
    for (options, opens_with) in
        [(&[][..], "/people/5511999999999/messages"), (&["--window", "off"], "any number arrives")]
    {
        let folder = folder();
        let mut child =
            program(folder.path(), &[&["--no-demo", "--port", "0"], options].concat()).spawn().expect("runs");
        let state = state(folder.path().join(".local/stack.json")).await;
        let text = |name: &str| state[name].as_str().expect("a text").to_owned();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let send = || async {
            let body = r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"hello"}"#;
            let url = format!("{}/v1/messages/send", text("apiUrl"));
            let response = http.post(url).bearer_auth(text("apiKey")).body(body).send().await.expect("an answer");
            let sent: Value = serde_json::from_str(&response.text().await.expect("a body")).expect("JSON");
            let url = format!("{}/v1/messages/{}/status", text("apiUrl"), sent["messageId"].as_str().expect("an id"));
            let is_final = |status: &Value| status["data"]["status"] == "read" || status["data"]["status"] == "failed";
            let ask = || async {
                let response = http.get(&url).bearer_auth(text("apiKey")).send().await.ok()?;
                serde_json::from_str::<Value>(&response.text().await.ok()?).ok().filter(is_final)
            };
            eventually("the message's end", ask).await["data"]["status"].clone()
        };
        if options.is_empty() {
            assert_eq!(send().await, "failed", "nobody has written");
            let url = format!("{}/people/5511999999999/messages", text("simulatorUrl"));
            let message =
                serde_json::json!({ "to": state["phoneNumberId"], "type": "text", "text": { "body": "Hello" } });
            assert_eq!(http.post(url).body(message.to_string()).send().await.expect("an answer").status(), 200);
        }
        assert_eq!(send().await, "read", "{options:?}");
        process::signal(child.id(), "-TERM");
        assert!(ended(&mut child).await.success());
        let mut shown = String::new();
        child.stdout.take().expect("its output").read_to_string(&mut shown).expect("text");
        assert!(shown.contains(opens_with), "{shown}");
        assert!(shown.contains(&text("phoneUrl")), "{shown}");
    }
}

#[tokio::test]
async fn the_state_file_lists_addresses_and_is_removed_when_the_stack_stops() {
    for signal in ["-TERM", "-INT"] {
        let folder = folder();
        let file = folder.path().join("somewhere/state.json");
        let argument = file.to_string_lossy().into_owned();
        let mut child =
            program(folder.path(), &["--no-demo", "--port", "0", "--state-file", &argument]).spawn().expect("runs");
        let state = state(file.clone()).await;
        for name in ["apiUrl", "callbackUrl", "simulatorUrl", "phoneUrl", "dynamodbUrl", "sqsUrl"] {
            assert!(state[name].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:")), "{name}: {state}");
        }
        for name in ["apiKey", "adminKey", "accountId", "instanceId", "phoneNumberId", "appSecret", "verifyToken"] {
            assert!(state[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {state}");
        }
        let pids = state["pids"].as_object().expect("pids");
        assert_eq!(
            pids.keys().collect::<Vec<_>>(),
            ["deliver", "manage", "media", "notify", "receive", "send", "settle"]
        );
        let pids: Vec<u32> =
            pids.values().map(|pid| u32::try_from(pid.as_u64().expect("a pid")).expect("small")).collect();
        assert!(pids.iter().all(|pid| process::exists(*pid)));
        process::signal(child.id(), signal);
        assert!(ended(&mut child).await.success());
        assert!(!file.exists());
        eventually("every process to end", || async { pids.iter().all(|pid| !process::exists(*pid)).then_some(()) })
            .await;
    }
}

#[tokio::test]
async fn a_killed_stack_leaves_no_process_behind() {
    let folder = folder();
    let mut child = program(folder.path(), &["--no-demo", "--port", "0"]).spawn().expect("the program runs");
    let state = state(folder.path().join(".local/stack.json")).await;
    process::kill(child.id());
    ended(&mut child).await;
    let pids = state["pids"].as_object().expect("pids").values().filter_map(Value::as_u64);
    let pids: Vec<u32> = pids.filter_map(|pid| u32::try_from(pid).ok()).collect();
    eventually("every process to end", || async { pids.iter().all(|pid| !process::exists(*pid)).then_some(()) }).await;
}

#[tokio::test]
async fn the_state_file_names_the_new_process_after_a_function_was_killed() {
    let folder = folder();
    let mut child = program(folder.path(), &["--no-demo", "--port", "0"]).spawn().expect("the program runs");
    let file = folder.path().join(".local/stack.json");
    let before = state(file.clone()).await;
    let killed = before["pids"]["manage"].as_u64().expect("a pid");
    process::kill(u32::try_from(killed).expect("small"));
    let url = format!("{}/nowhere", before["apiUrl"].as_str().expect("a URL"));
    let answer = reqwest::Client::builder().no_proxy().build().expect("a client").get(url).send().await;
    assert_eq!(answer.expect("an answer").status(), 404);
    eventually("the new process", || async {
        let state = state(file.clone()).await;
        state["pids"]["manage"].as_u64().filter(|pid| *pid != killed)
    })
    .await;
    process::signal(child.id(), "-TERM");
    ended(&mut child).await;
}

#[tokio::test]
async fn a_start_error_is_one_line_with_exit_code_1() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let file = folder.path().join("a file");
    std::fs::write(&file, "not a template: [").expect("a file");
    let file = file.to_string_lossy().into_owned();
    let broken = folder.path().join("broken.yaml");
    let text = std::fs::read_to_string(template()).expect("the template").replace("!Ref Messages", "!Ref Nobody");
    std::fs::write(&broken, text).expect("a file");
    let broken = broken.to_string_lossy().into_owned();
    for (arguments, said) in [
        (vec!["--port", &port], port.as_str()),
        (vec!["--port", "0", "--template", "/no/such/file.yaml"], "/no/such/file.yaml"),
        (vec!["--port", "0", "--template", &file], "a file"),
        (vec!["--port", "0", "--template", &broken], "Nobody"),
        (vec!["--port", "0", "--data", &file], "can't be written"),
        (vec!["--port", "0", "--state-file", "/proc/no/state.json"], "/proc/no/state.json"),
        (vec!["simulator", "--port", &port, "--callback-url", "http://[::1]:9/", "--app-secret", "any"], port.as_str()),
    ] {
        let output = run(folder.path(), &arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{arguments:?}: {error}");
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
}
