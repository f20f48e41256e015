//! A program of the server that ends with the bench.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use tests::wait::eventually;

/// The longest that a program may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(10);
/// The user of PostgreSQL, which root may not start.
const POSTGRES_USER: &str = "postgres";

/// How a program is started.
pub struct Program<'a> {
    /// Its name in logs.
    pub name: &'static str,
    /// Its file, or its name.
    pub file: &'a Path,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its whole environment.
    pub variables: BTreeMap<&'static str, String>,
    /// The signal that ends it, such as `TERM`.
    pub end: &'static str,
    /// The signal that it gets from the kernel when the bench is gone, and with it those that would end in order.
    pub orphaned: &'static str,
    /// Options of setpriv, such as another user.
    pub privileges: Vec<String>,
}

/// A running program. Dropping it ends it.
pub struct Child {
    name: &'static str,
    process: process::Child,
    log: PathBuf,
    end: &'static str,
}

impl Child {
    /// Starts a program with its log below a folder.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(program: &Program<'_>, folder: &Path) -> Self {
        let log = folder.join(format!("{}.log", program.name));
        let output = File::options().create(true).append(true).open(&log).expect("a log");
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", program.orphaned]).args(&program.privileges).arg(program.file);
        command.args(&program.arguments).current_dir(folder);
        command.env_clear().env("PATH", "/usr/bin:/bin").envs(&program.variables);
        let command = command.stdin(Stdio::null()).stderr(output.try_clone().expect("a log")).stdout(output);
        let process = command.spawn().expect("setpriv of util-linux");
        Self { name: program.name, process, log, end: program.end }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Kills it and waits until it has ended.
    ///
    /// # Panics
    /// When it can't be killed.
    pub fn kill(mut self) {
        self.process.kill().expect("a process");
        self.process.wait().expect("a process");
    }

    fn has_ended(&mut self) -> bool {
        self.process.try_wait().map_or(true, |status| status.is_some())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = log.lines().rev().take(10).collect();
            eprintln!("the end of {}'s log:\n{}", self.name, lines.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
        if self.has_ended() {
            return;
        }
        drop(Command::new("kill").args(["-s", self.end, &self.process.id().to_string()]).status());
        let until = Instant::now() + GRACE;
        while !self.has_ended() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// What makes setpriv start a program as PostgreSQL's user, where that is needed.
pub fn as_postgres() -> Vec<String> {
    if !is_root() {
        return Vec::new();
    }
    vec![format!("--reuid={POSTGRES_USER}"), format!("--regid={POSTGRES_USER}"), "--init-groups".to_owned()]
}

/// Makes a folder that PostgreSQL may write to.
///
/// # Panics
/// When it can't be made.
pub fn folder_of_postgres(folder: &Path) {
    std::fs::create_dir(folder).expect("a folder");
    if is_root() {
        run(Command::new("chown").arg(POSTGRES_USER).arg(folder));
    }
}

/// Runs a command to its end, and returns its output.
///
/// # Panics
/// When it fails.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A port that is free now.
///
/// # Panics
/// When there is none.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// Waits until a program listens on a port.
pub async fn wait_for(name: &str, port: u16) {
    let connect = || async { TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop) };
    eventually(&format!("{name} to listen"), connect).await;
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
