//! An execution environment: a function's process, and the Runtime API from which it receives events.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::runtime_api::{self, Invocation, InvocationError, InvocationResult};

/// The configuration of a function: how its processes are started.
#[derive(Clone, Debug, Default)]
pub struct FunctionConfig {
    /// The function's name.
    pub name: String,
    /// The function's ARN.
    pub arn: String,
    /// The program.
    pub program: PathBuf,
    /// The program's arguments.
    pub arguments: Vec<String>,
    /// The program's environment variables; it has no others.
    pub variables: BTreeMap<String, String>,
    /// The file to which standard output and standard error are appended.
    pub log: PathBuf,
    /// The longest duration of an invocation, as the function is told.
    pub timeout: Duration,
    /// When a process that has not answered is ended: after its timeout, or later.
    pub ended_after: Duration,
}

/// An execution environment, which handles one event at a time. Dropping it kills the process.
#[derive(Debug)]
pub struct ExecutionEnvironment {
    process: Process,
    invocations: mpsc::Sender<Invocation>,
    ready: watch::Receiver<bool>,
    api: JoinHandle<()>,
}

impl ExecutionEnvironment {
    /// Starts a process of a function. The process requests its first event when its initialization has finished.
    pub async fn start(config: &FunctionConfig) -> Result<Self, InvocationError> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (invocations, queue) = mpsc::channel(1);
        let (is_ready, ready) = watch::channel(false);
        let router = runtime_api::router(config.arn.clone(), queue, is_ready);
        let api = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        let process = spawn(config, &address.to_string()).inspect_err(|_| api.abort())?;
        Ok(Self { process, invocations, ready, api })
    }

    /// The process's id.
    pub const fn pid(&self) -> u32 {
        self.process.pid
    }

    /// Whether the process has not exited, as far as this program was notified.
    pub fn is_alive(&self) -> bool {
        !*self.process.exited.borrow()
    }

    /// Returns when the process is initialized or has exited.
    pub async fn initialized(&mut self) {
        tokio::select! {
            _ = self.ready.wait_for(|ready| *ready) => {}
            _ = self.process.exited.wait_for(|exited| *exited) => {}
        }
    }

    /// Whether the process is running, according to the operating system, whose notification of an exit comes later.
    async fn is_running(&self) -> bool {
        let (reply, result) = oneshot::channel();
        self.process.liveness_checks.send(reply).await.is_ok() && result.await.unwrap_or(false)
    }

    /// Invokes the function and waits for its response. None when the process exited before it received the event.
    pub async fn invoke(&mut self, event: Bytes, config: &FunctionConfig) -> Option<InvocationResult> {
        if !self.is_running().await {
            return None;
        }
        let (response, result) = oneshot::channel();
        let received = Arc::new(AtomicBool::new(false));
        let invocation = Invocation {
            request_id: Uuid::new_v4().to_string(),
            event,
            deadline: SystemTime::now() + config.timeout,
            response,
            received: received.clone(),
        };
        self.invocations.send(invocation).await.ok()?;
        tokio::select! {
            result = result => Some(result.unwrap_or(Err(InvocationError::Exited))),
            _ = self.process.exited.wait_for(|exited| *exited) => {
                received.load(Ordering::Relaxed).then_some(Err(InvocationError::Exited))
            }
            () = tokio::time::sleep(config.ended_after) => {
                Some(Err(InvocationError::TimedOut(config.ended_after.as_secs())))
            }
        }
    }
}

impl Drop for ExecutionEnvironment {
    fn drop(&mut self) {
        self.process.supervisor.abort(); // the task owns the child, which is killed with it
        self.api.abort();
    }
}

#[derive(Debug)]
struct Process {
    pid: u32,
    supervisor: JoinHandle<()>,
    exited: watch::Receiver<bool>,
    liveness_checks: mpsc::Sender<oneshot::Sender<bool>>,
}

fn spawn(config: &FunctionConfig, runtime_api: &str) -> io::Result<Process> {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(&config.log)?;
    let mut child = Command::new(&config.program)
        .args(&config.arguments)
        .env_clear()
        .envs(&config.variables)
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
        // The process exits when this pipe is closed, so that it does not outlive a host that was killed.
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        .kill_on_drop(true)
        .spawn()?;
    let pid = child.id().unwrap_or_default();
    let (has_exited, exited) = watch::channel(false);
    let (liveness_checks, checks) = mpsc::channel(1);
    let supervisor = tokio::spawn(async move {
        let stdin = child.stdin.take();
        supervise(&mut child, checks).await;
        drop(stdin);
        has_exited.send_replace(true);
    });
    Ok(Process { pid, supervisor, exited, liveness_checks })
}

/// Answers liveness checks until the process exits.
async fn supervise(child: &mut Child, mut checks: mpsc::Receiver<oneshot::Sender<bool>>) {
    loop {
        tokio::select! {
            _ = child.wait() => return,
            Some(reply) = checks.recv() => {
                let is_running = matches!(child.try_wait(), Ok(None));
                reply.send(is_running).unwrap_or_default(); // the caller may have stopped waiting
            }
        }
    }
}
