//! A function's secrets, read when its process starts, and again when they are older than some minutes or when something
//! cannot be verified or decrypted with them. So a rotation needs no deployment.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_config::SdkConfig;
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::timeout;

use crate::aws::secrets::{Secret, SecretError, SecretReader, SecretValues};
use crate::clock::{self, Timestamp};
use crate::mutex::lock;
use crate::security::encryption::DecryptionError;

/// The age at which they are read again, by the next invocation. `SEALS_AFTER` must be longer.
pub const MAX_AGE: Duration = Duration::from_secs(5 * 60);
/// The least time between two reads: a flood of forged requests must not become a flood of reads.
pub const MIN_INTERVAL: Duration = Duration::from_secs(30);
/// The longest time that an invocation waits for a read: it can go on with what it has.
const READ_TIME: Duration = Duration::from_secs(2);

/// How often a process that starts reads them without an answer, three attempts of the SDK each: Lambda gives it 10 seconds, and
/// a busy laptop needs longer.
const MAX_TRIES: u32 = 5;

/// What a function makes of its secrets.
type Parse<T> = fn(&SecretValues) -> Result<T, SecretError>;

/// The secrets of a process, parsed.
pub struct SecretCache<T> {
    reader: SecretReader,
    parse: Parse<T>,
    state: Mutex<State<T>>,
    /// Held during a read, so that there is one at a time.
    reading: AsyncMutex<()>,
}

struct State<T> {
    current: Arc<T>,
    values: SecretValues,
    read_at: Timestamp,
    tried_at: Timestamp,
}

impl<T> SecretCache<T> {
    /// Reads the secrets whose ARNs the environment has. The function does not start with an invalid one.
    pub async fn load(config: &SdkConfig, secrets: &[Secret], parse: Parse<T>) -> Result<Self, SecretError> {
        let reader = SecretReader::from_environment(config, secrets);
        let mut tries = 1;
        let values = loop {
            match reader.read().await {
                Err(SecretError::NoAnswer(..)) if tries < MAX_TRIES => tries += 1,
                answered => break answered?,
            }
        };
        let (current, now) = (Arc::new(parse(&values)?), clock::now());
        let state = Mutex::new(State { current, values, read_at: now, tried_at: now });
        Ok(Self { reader, parse, state, reading: AsyncMutex::default() })
    }

    /// The secrets as they were last read.
    pub fn get(&self) -> Arc<T> {
        self.lock().current.clone()
    }

    /// Reads them again if they are too old. Each invocation begins with it.
    pub async fn refresh(&self) {
        let now = clock::now();
        let is_old = now >= self.lock().read_at.plus(MAX_AGE);
        if is_old && self.may_read(now) {
            let _reading = self.reading.lock().await;
            self.read().await;
        }
    }

    /// Does something with the secrets; if that fails, reads them again and does it with the new ones.
    pub async fn with_latest<R>(&self, act: impl Fn(&T) -> R, has_failed: impl Fn(&R) -> bool) -> R {
        let secrets = self.get();
        let result = act(&secrets);
        if !has_failed(&result) {
            return result;
        }
        self.newer_than(&secrets).await.map_or(result, |newer| act(&newer))
    }

    /// Decrypts something; if its key is unknown, reads the secrets again: during a rotation another process may know it.
    pub async fn decrypt<R>(&self, decrypt: impl Fn(&T) -> Result<R, DecryptionError>) -> Result<R, DecryptionError> {
        self.with_latest(decrypt, |result| result.as_ref().is_err_and(DecryptionError::is_unknown_key)).await
    }

    /// Newer secrets than these, if there are any: another task's, or read now unless that was done a moment ago.
    pub async fn newer_than(&self, known: &Arc<T>) -> Option<Arc<T>> {
        let _reading = self.reading.lock().await;
        if Arc::ptr_eq(known, &self.get()) && self.may_read(clock::now()) {
            self.read().await;
        }
        Some(self.get()).filter(|current| !Arc::ptr_eq(known, current))
    }

    fn may_read(&self, now: Timestamp) -> bool {
        !self.reader.is_empty() && now >= self.lock().tried_at.plus(MIN_INTERVAL)
    }

    /// Reads the secrets. When they cannot be read or one is invalid, those that were read before stay.
    async fn read(&self) {
        let now = clock::now();
        self.lock().tried_at = now;
        let values = match timeout(READ_TIME, self.reader.read()).await {
            Ok(Ok(values)) => values,
            Ok(Err(error)) => return tracing::error!(%error, "secrets.read_failed"),
            Err(_) => return tracing::error!(error = "Secrets Manager does not answer", "secrets.read_failed"),
        };
        if self.lock().values.is_same(&values) {
            self.lock().read_at = now;
            return;
        }
        match (self.parse)(&values) {
            Ok(parsed) => {
                tracing::info!("secrets.changed");
                let mut state = self.lock();
                (state.current, state.values, state.read_at) = (Arc::new(parsed), values, now);
            }
            Err(error) => tracing::error!(%error, "secrets.invalid"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        lock(&self.state)
    }
}
