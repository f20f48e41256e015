//! An execution environment: one process and the Runtime API that feeds it.

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

use super::function::Launch;
use super::runtime_api::{self, Invocation};
use super::{Answer, InvocationError};

/// A process that takes one event after another. Dropping it kills the process.
#[derive(Debug)]
pub struct Environment {
    pid: u32,
    events: mpsc::Sender<Invocation>,
    ready: watch::Receiver<bool>,
    ended: watch::Receiver<bool>,
    looks: mpsc::Sender<oneshot::Sender<bool>>,
    api: JoinHandle<()>,
    process: JoinHandle<()>,
}

impl Environment {
    /// Starts a process for a function. It takes its first event when it has set itself up.
    pub async fn start(launch: &Launch) -> Result<Self, InvocationError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(not_started)?;
        let address = listener.local_addr().map_err(not_started)?;
        let (events, queue) = mpsc::channel(1);
        let (is_ready, ready) = watch::channel(false);
        let router = runtime_api::router(launch.arn.clone(), queue, is_ready);
        let api = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        let Spawned { pid, process, ended, looks } =
            spawn(launch, &address.to_string()).inspect_err(|_| api.abort())?;
        Ok(Self { pid, events, ready, ended, looks, api, process })
    }

    /// The process's id.
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether the process has not ended.
    pub fn is_alive(&self) -> bool {
        !*self.ended.borrow()
    }

    /// Returns when the process has set itself up, or has ended.
    pub async fn set_up(&mut self) {
        tokio::select! {
            _ = self.ready.wait_for(|ready| *ready) => {}
            _ = self.ended.wait_for(|ended| *ended) => {}
        }
    }

    /// Asks the operating system, which knows that a process has ended before anybody is told.
    async fn is_still_there(&self) -> bool {
        let (answer, answered) = oneshot::channel();
        self.looks.send(answer).await.is_ok() && answered.await.unwrap_or(false)
    }

    /// Hands the process an event and waits for its answer; nothing when the process ended before it took the event.
    pub async fn invoke(&mut self, event: Bytes, timeout: Duration) -> Option<Answer> {
        if !self.is_still_there().await {
            return None;
        }
        let (answer, answered) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let invocation = Invocation {
            request_id: Uuid::new_v4().to_string(),
            event,
            deadline: SystemTime::now() + timeout,
            answer,
            taken: taken.clone(),
        };
        self.events.send(invocation).await.ok()?;
        tokio::select! {
            answer = answered => Some(answer.unwrap_or(Err(InvocationError::Exited))),
            _ = self.ended.wait_for(|ended| *ended) => {
                taken.load(Ordering::Relaxed).then_some(Err(InvocationError::Exited))
            }
            () = tokio::time::sleep(timeout) => Some(Err(InvocationError::TimedOut(timeout.as_secs()))),
        }
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.process.abort(); // the task owns the child, which is killed with it
        self.api.abort();
    }
}

struct Spawned {
    pid: u32,
    process: JoinHandle<()>,
    ended: watch::Receiver<bool>,
    looks: mpsc::Sender<oneshot::Sender<bool>>,
}

fn spawn(launch: &Launch, runtime_api: &str) -> Result<Spawned, InvocationError> {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(&launch.log).map_err(not_started)?;
    let mut child = Command::new(&launch.program)
        .args(&launch.arguments)
        .env_clear()
        .envs(&launch.variables)
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
        // The process ends when this pipe is closed, so that none outlives a stack that was killed.
        .stdin(Stdio::piped())
        .stdout(log.try_clone().map_err(not_started)?)
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .map_err(not_started)?;
    let pid = child.id().unwrap_or_default();
    let (has_ended, ended) = watch::channel(false);
    let (looks, asked) = mpsc::channel(1);
    let process = tokio::spawn(async move {
        let held_open = child.stdin.take();
        watch_over(&mut child, asked).await;
        drop(held_open);
        has_ended.send_replace(true);
    });
    Ok(Spawned { pid, process, ended, looks })
}

/// Returns when the process has ended; until then, answers whether it has.
async fn watch_over(child: &mut Child, mut asked: mpsc::Receiver<oneshot::Sender<bool>>) {
    loop {
        tokio::select! {
            _ = child.wait() => return,
            Some(answer) = asked.recv() => {
                let is_there = matches!(child.try_wait(), Ok(None));
                answer.send(is_there).unwrap_or_default(); // nobody waits for it any more: so be it
            }
        }
    }
}

fn not_started(error: std::io::Error) -> InvocationError {
    InvocationError::NotStarted(error.to_string())
}
