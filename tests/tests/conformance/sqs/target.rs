//! The SQS server under test: the one that CONFORMANCE_URL names, or an embedded one whose clock a test moves.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use local::clock::Clock;
use local::sqs::Sqs;
use tests::wait::PATIENCE;
use tokio::net::TcpListener;

use crate::sqs::queue::Queue;

/// A server and a client of it.
pub struct Target {
    /// The client of the server.
    pub client: Client,
    /// Where the server is.
    pub url: String,
    /// The clock of an embedded server.
    clock: Option<Clock>,
}

impl Target {
    /// The server that CONFORMANCE_URL names, or else an embedded one.
    pub async fn given() -> Self {
        match std::env::var("CONFORMANCE_URL") {
            Ok(url) => Self { client: client(&url), url, clock: None },
            Err(_) => Self::embedded().await,
        }
    }

    /// An embedded server of the test's own.
    pub async fn embedded() -> Self {
        let clock = Clock::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("the server does it");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let sqs = Arc::new(Sqs::new(clock.clone(), "us-east-1", "000000000000"));
        tokio::spawn(sqs.serve(listener).expect("it is bound"));
        Self { client: client(&url), url, clock: Some(clock) }
    }

    /// Lets time pass: at once on an embedded server. On another one it passes while the test then waits for
    /// messages.
    pub fn pass(&self, time: Duration) {
        if let Some(clock) = &self.clock {
            clock.advance(time).expect("no file is written");
        }
    }

    /// A time in seconds that a test lets pass: short on a server whose clock can't be moved, and on an embedded one so
    /// long that it passes only when the test moves the clock.
    pub fn span(&self, seconds: i32) -> i32 {
        if self.clock.is_some() { seconds + 600 } else { seconds }
    }

    /// Lets a [`Target::span`] pass.
    pub fn pass_span(&self, seconds: i32) {
        self.pass(Duration::from_secs(self.span(seconds).unsigned_abs().into()));
    }

    /// Until when to wait for expected messages.
    pub fn deadline() -> Instant {
        Instant::now() + PATIENCE
    }

    /// A new standard queue.
    pub async fn standard(&self, attributes: &[(&str, &str)]) -> Queue {
        self.queue(&unique_name(), attributes).await
    }

    /// A new FIFO queue.
    pub async fn fifo(&self, attributes: &[(&str, &str)]) -> Queue {
        let attributes = [&[("FifoQueue", "true")], attributes].concat();
        self.queue(&format!("{}.fifo", unique_name()), &attributes).await
    }

    async fn queue(&self, name: &str, attributes: &[(&str, &str)]) -> Queue {
        let url = self.create(name, attributes).await.expect("the server does it");
        Queue::new(self.client.clone(), url)
    }

    /// Creates a queue; returns its URL or the error's code.
    pub async fn create(&self, name: &str, attributes: &[(&str, &str)]) -> Result<String, String> {
        let request = self.client.create_queue().queue_name(name);
        let created = request.set_attributes(Some(named(attributes))).send().await;
        created.map(|output| output.queue_url.expect("the answer has it")).map_err(|error| code(&error))
    }
}

/// A client with any credentials, which waits longer than the longest poll.
fn client(url: &str) -> Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_secs(60)).build())
        .endpoint_url(url);
    Client::from_conf(config.build())
}

/// A queue name that no other test has, in this run or another.
pub fn unique_name() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("1970 is over");
    format!("conformance-{:x}-{count}", now.as_nanos())
}

/// Attributes in the form that the client requires.
pub fn named<K: for<'a> From<&'a str> + Eq + std::hash::Hash>(attributes: &[(&str, &str)]) -> HashMap<K, String> {
    attributes.iter().map(|(name, value)| (K::from(*name), (*value).to_owned())).collect()
}

/// The code of the error that the server answered with.
pub fn code<E: ProvideErrorMetadata + std::fmt::Debug>(error: &SdkError<E>) -> String {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    code.unwrap_or_else(|| panic!("the server answers with an error, not {error:?}")).to_owned()
}
