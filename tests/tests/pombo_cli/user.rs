//! A user of the command line, with a stack of their own.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use aws_lc_rs::hmac;
use serde_json::Value;
use tempfile::TempDir;
use tests::wait::eventually;

pub const CLI: &str = env!("CARGO_BIN_EXE_pombo-cli-under-test");
const STACK: &str = env!("CARGO_BIN_EXE_pombo-under-test");

/// A stack, and a folder for the profiles of its user.
pub struct User {
    pub state: Value,
    pub folder: TempDir,
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
    pub async fn new() -> Self {
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

    /// Posts a callback as WhatsApp does.
    pub async fn post_callback(&self, body: &str) {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.state["appSecret"].as_str().expect("a text").as_bytes());
        let signature = format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())));
        let request = reqwest::Client::new().post(self.state["callbackUrl"].as_str().expect("a URL"));
        let request = request.header("x-hub-signature-256", signature).body(body.to_owned());
        assert_eq!(request.send().await.expect("an answer").status(), 200);
    }

    pub fn write_profiles(&self, text: &str) {
        std::fs::write(self.profiles(), text).expect("a file");
    }

    pub fn profiles(&self) -> std::path::PathBuf {
        self.folder.path().join("config.toml")
    }

    pub fn run_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
        run(&self.profiles(), environment, arguments)
    }

    /// What a command prints.
    pub fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run_with(&[], arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let printed = self.prints(&[arguments, &["--json"]].concat());
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
    }

    /// How the API refuses a command.
    pub fn fails(&self, arguments: &[&str]) -> String {
        self.ends_with(1, arguments)
    }

    /// What is wrong with the arguments or the settings.
    pub fn is_wrong(&self, arguments: &[&str]) -> String {
        self.ends_with(2, arguments)
    }

    fn ends_with(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run_with(&[], arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).expect("text")
    }
}

/// Runs the program with nothing of this machine's environment.
pub fn run(profiles: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    command(profiles, environment, arguments).output().expect("the program runs")
}

pub fn command(profiles: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = Command::new(CLI);
    command.env_clear().env("POMBO_CONFIG", profiles).envs(environment.iter().copied()).args(arguments);
    command.stdin(Stdio::null());
    command
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
