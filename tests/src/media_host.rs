//! A host of customers' media files that answers as the test says, or not at all.
//!
//! It uses a plain socket, so that it can misbehave as no HTTP server does. It never sends a body.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::mutex::lock;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::interval;

/// The answer to a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Status and headers, a line each, such as `200 OK\ncontent-type: image/png`.
    Headers(String),
    /// Nothing, while the connection stays open.
    Hang,
    /// A header that never ends, a byte at a time.
    Drip,
}

type Decide = dyn Fn(&str, &str) -> Answer + Send + Sync;

/// A host. Dropping it stops it.
pub struct MediaHost {
    /// Where it listens: an address and port.
    pub address: String,
    log: Arc<Mutex<Log>>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Log {
    connections: usize,
    requests: Vec<String>,
}

impl MediaHost {
    /// Listens on a free port, and answers by method and path.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(decide: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let log = Arc::<Mutex<Log>>::default();
        let (decide, seen): (Arc<Decide>, _) = (Arc::new(decide), log.clone());
        let server = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                lock(&seen).connections += 1;
                tokio::spawn(serve(connection, decide.clone(), seen.clone()));
            }
        });
        Self { address, log, server }
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        lock(&self.log).connections
    }

    /// The requests so far, such as `HEAD /a.jpg`; a range request ends with its range, such as `bytes=0-0`.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.log).requests.clone()
    }
}

impl Drop for MediaHost {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(connection: TcpStream, decide: Arc<Decide>, log: Arc<Mutex<Log>>) -> std::io::Result<()> {
    let mut connection = BufReader::new(connection);
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if connection.read_until(b'\n', &mut head).await? == 0 {
                return Ok(());
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let range = head.lines().find_map(|line| line.strip_prefix("range: "));
        lock(&log).requests.push([method, path].into_iter().chain(range).collect::<Vec<_>>().join(" "));
        match decide(method, path) {
            Answer::Headers(lines) => {
                let lines = lines.replace('\n', "\r\n");
                connection.write_all(format!("HTTP/1.1 {lines}\r\n\r\n").as_bytes()).await?;
            }
            Answer::Hang => std::future::pending().await,
            Answer::Drip => drip(&mut connection).await?,
        }
    }
}

async fn drip(connection: &mut BufReader<TcpStream>) -> std::io::Result<()> {
    connection.write_all(b"HTTP/1.1 200 OK\r\nx-drip: ").await?;
    let mut ticks = interval(Duration::from_millis(50));
    loop {
        ticks.tick().await;
        connection.write_all(b"x").await?;
        connection.flush().await?;
    }
}
