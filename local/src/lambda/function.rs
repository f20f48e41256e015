//! A function: its execution environments, started as events need them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc, watch};

use super::environment::Environment;
use super::{Answer, InvocationError};

/// The most environments of one function. AWS has a thousand; a laptop has a few cores.
const MAX_ENVIRONMENTS: usize = 8;

/// How a function's processes are started.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The function.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The program.
    pub program: PathBuf,
    /// What it is told.
    pub arguments: Vec<String>,
    /// All that the program finds in its environment.
    pub variables: BTreeMap<String, String>,
    /// Where what it writes goes.
    pub log: PathBuf,
    /// How long it may take over an event.
    pub timeout: Duration,
}

/// An event that was handed to an environment, and is over.
#[derive(Clone, Debug)]
pub struct Invoked {
    /// The environment's process.
    pub pid: u32,
    /// The event.
    pub event: Bytes,
    /// How long it took.
    pub took: Duration,
}

/// A function on this machine. Clones are the same function.
#[derive(Clone, Debug)]
pub struct Function(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    launch: Launch,
    room: Semaphore,
    idle: Mutex<Vec<Environment>>,
    /// The processes that have not ended, oldest first.
    pids: watch::Sender<Vec<u32>>,
    invocations: AtomicUsize,
    busy_micros: AtomicU64,
    listener: Mutex<Option<mpsc::UnboundedSender<Invoked>>>,
}

impl Function {
    /// A function without a process yet.
    pub fn new(launch: Launch) -> Self {
        let room = Semaphore::new(MAX_ENVIRONMENTS);
        let (idle, pids) = (Mutex::new(Vec::new()), watch::Sender::new(Vec::new()));
        Self(Arc::new(Inner {
            launch,
            room,
            idle,
            pids,
            invocations: AtomicUsize::new(0),
            busy_micros: AtomicU64::new(0),
            listener: Mutex::new(None),
        }))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.launch.name
    }

    /// How its processes are started.
    pub fn launch(&self) -> &Launch {
        &self.0.launch
    }

    /// Every event from now on, once it is over. Only the last who asked for them gets them.
    pub fn listen(&self) -> mpsc::UnboundedReceiver<Invoked> {
        let (told, invoked) = mpsc::unbounded_channel();
        *self.listener() = Some(told);
        invoked
    }

    /// Its processes, oldest first, and every change of them.
    pub fn pids(&self) -> watch::Receiver<Vec<u32>> {
        self.0.pids.subscribe()
    }

    /// How many events it was handed.
    pub fn invocations(&self) -> usize {
        self.0.invocations.load(Ordering::Relaxed)
    }

    /// How long its environments were at work on events, one's time added to another's.
    pub fn busy(&self) -> Duration {
        Duration::from_micros(self.0.busy_micros.load(Ordering::Relaxed))
    }

    /// How many events it is at work on.
    pub fn at_work(&self) -> usize {
        MAX_ENVIRONMENTS - self.0.room.available_permits()
    }

    /// Hands an event to an environment that is idle, or to a new one, and waits for the answer.
    pub async fn invoke(&self, event: Bytes) -> Answer {
        self.0.invocations.fetch_add(1, Ordering::Relaxed);
        let _room = self.0.room.acquire().await.map_err(|_| InvocationError::Exited)?;
        while let Some(environment) = self.take_idle() {
            if let Some(answer) = self.hand(environment, event.clone()).await {
                return answer;
            }
        }
        let environment = self.start().await?;
        self.hand(environment, event).await.unwrap_or(Err(InvocationError::Exited))
    }

    /// Nothing when the environment ended before it took the event.
    async fn hand(&self, mut environment: Environment, event: Bytes) -> Option<Answer> {
        let began = Instant::now();
        let answer = environment.invoke(event.clone(), self.0.launch.timeout).await;
        let took = began.elapsed();
        self.0.busy_micros.fetch_add(took.as_micros() as u64, Ordering::Relaxed);
        if let Some(listener) = self.listener().as_ref() {
            drop(listener.send(Invoked { pid: environment.pid(), event, took })); // whoever asked may be gone
        }
        match &answer {
            Some(Ok(_) | Err(InvocationError::Failed(_))) => self.idle().push(environment),
            _ => self.throw_away(environment),
        }
        answer
    }

    /// Starts an environment before there is an event, so that the first event need not wait for it.
    pub async fn warm_up(&self) -> Result<(), InvocationError> {
        let mut environment = self.start().await?;
        environment.set_up().await;
        if !environment.is_alive() {
            self.throw_away(environment);
            return Err(InvocationError::Exited);
        }
        self.idle().push(environment);
        Ok(())
    }

    /// Kills every idle process. One that is at work is killed when the future that waits for it is dropped.
    pub fn stop(&self) {
        self.idle().clear();
        self.0.pids.send_replace(Vec::new());
    }

    async fn start(&self) -> Result<Environment, InvocationError> {
        let environment = Environment::start(&self.0.launch).await?;
        self.0.pids.send_modify(|pids| pids.push(environment.pid()));
        Ok(environment)
    }

    /// The environment that was used last, as Lambda does; those whose process ended meanwhile are thrown away.
    fn take_idle(&self) -> Option<Environment> {
        loop {
            let environment = self.idle().pop()?;
            if environment.is_alive() {
                return Some(environment);
            }
            self.throw_away(environment);
        }
    }

    fn throw_away(&self, environment: Environment) {
        self.0.pids.send_modify(|pids| pids.retain(|pid| *pid != environment.pid()));
    }

    fn listener(&self) -> MutexGuard<'_, Option<mpsc::UnboundedSender<Invoked>>> {
        self.0.listener.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Environment>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
