//! A function and its execution environments, which are started on demand.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc, watch};

use super::execution_environment::{ExecutionEnvironment, FunctionConfig};
use super::runtime_api::{InvocationError, InvocationResult};
use shared::mutex::lock;

/// The most concurrent executions of one function: a laptop has fewer cores than AWS.
const MAX_CONCURRENCY: usize = 8;

/// A finished invocation.
#[derive(Clone, Debug)]
pub struct CompletedInvocation {
    /// The process that handled it.
    pub pid: u32,
    /// The event.
    pub event: Bytes,
    /// How long it took.
    pub duration: Duration,
}

/// A function on this machine. Clones are the same function.
#[derive(Clone, Debug)]
pub struct Function(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: FunctionConfig,
    concurrency: Semaphore,
    idle: Mutex<Vec<ExecutionEnvironment>>,
    /// The running processes, oldest first.
    pids: watch::Sender<Vec<u32>>,
    invocations: AtomicUsize,
    total_micros: AtomicU64,
    subscriber: Mutex<Option<mpsc::UnboundedSender<CompletedInvocation>>>,
}

impl Function {
    /// A function without a process yet.
    pub fn new(config: FunctionConfig) -> Self {
        Self(Arc::new(Inner {
            config,
            concurrency: Semaphore::new(MAX_CONCURRENCY),
            idle: Mutex::default(),
            pids: watch::Sender::default(),
            invocations: AtomicUsize::default(),
            total_micros: AtomicU64::default(),
            subscriber: Mutex::default(),
        }))
    }

    /// The function's name.
    pub fn name(&self) -> &str {
        &self.0.config.name
    }

    /// The function's configuration.
    pub fn config(&self) -> &FunctionConfig {
        &self.0.config
    }

    /// Receives every invocation that finishes from now on. Replaces an earlier subscription.
    pub fn subscribe(&self) -> mpsc::UnboundedReceiver<CompletedInvocation> {
        let (sender, completed) = mpsc::unbounded_channel();
        *lock(&self.0.subscriber) = Some(sender);
        completed
    }

    /// The ids of the running processes, oldest first, and every change of them.
    pub fn pids(&self) -> watch::Receiver<Vec<u32>> {
        self.0.pids.subscribe()
    }

    /// How often the function was invoked.
    pub fn invocations(&self) -> usize {
        self.0.invocations.load(Ordering::Relaxed)
    }

    /// The sum of the durations of all invocations.
    pub fn total_duration(&self) -> Duration {
        Duration::from_micros(self.0.total_micros.load(Ordering::Relaxed))
    }

    /// How many invocations are running.
    pub fn concurrent_executions(&self) -> usize {
        MAX_CONCURRENCY - self.0.concurrency.available_permits()
    }

    /// Invokes the function in an idle environment, or in a new one, and waits for the response.
    pub async fn invoke(&self, event: Bytes) -> InvocationResult {
        self.0.invocations.fetch_add(1, Ordering::Relaxed);
        let _permit = self.0.concurrency.acquire().await.map_err(|_| InvocationError::Exited)?;
        while let Some(environment) = self.take_idle() {
            if let Some(result) = self.invoke_in(environment, event.clone()).await {
                return result;
            }
        }
        let environment = self.start().await?;
        self.invoke_in(environment, event).await.unwrap_or(Err(InvocationError::Exited))
    }

    /// None when the environment's process exited before it received the event.
    async fn invoke_in(&self, mut environment: ExecutionEnvironment, event: Bytes) -> Option<InvocationResult> {
        let started = Instant::now();
        let result = environment.invoke(event.clone(), &self.0.config).await;
        let duration = started.elapsed();
        self.0.total_micros.fetch_add(duration.as_micros() as u64, Ordering::Relaxed);
        if let Some(subscriber) = lock(&self.0.subscriber).as_ref() {
            // The subscriber may have stopped receiving.
            drop(subscriber.send(CompletedInvocation { pid: environment.pid(), event, duration }));
        }
        match &result {
            Some(Ok(_) | Err(InvocationError::Failed(_))) => lock(&self.0.idle).push(environment),
            _ => self.discard(environment),
        }
        result
    }

    /// Starts an environment before the first event, so that the event does not wait for a cold start.
    pub async fn warm_up(&self) -> Result<(), InvocationError> {
        let mut environment = self.start().await?;
        environment.initialized().await;
        if !environment.is_alive() {
            self.discard(environment);
            return Err(InvocationError::Exited);
        }
        lock(&self.0.idle).push(environment);
        Ok(())
    }

    /// Kills every idle process. A busy process is killed when the future of its invocation is dropped.
    pub fn stop(&self) {
        lock(&self.0.idle).clear();
        self.0.pids.send_replace(Vec::new());
    }

    async fn start(&self) -> Result<ExecutionEnvironment, InvocationError> {
        let environment = ExecutionEnvironment::start(&self.0.config).await?;
        self.0.pids.send_modify(|pids| pids.push(environment.pid()));
        Ok(environment)
    }

    /// Takes the environment that was used last, as Lambda does, and discards those whose process exited.
    fn take_idle(&self) -> Option<ExecutionEnvironment> {
        loop {
            let environment = lock(&self.0.idle).pop()?;
            if environment.is_alive() {
                return Some(environment);
            }
            self.discard(environment);
        }
    }

    fn discard(&self, environment: ExecutionEnvironment) {
        self.0.pids.send_modify(|pids| pids.retain(|pid| *pid != environment.pid()));
    }
}
