//! A connection between the functions and a server that counts the outgoing bytes and delays them.
//!
//! The request is delayed, not the answer: WhatsApp reports a message after its answer, not before.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{SetOnce, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// A wire. Dropping it closes its connections.
pub struct Wire {
    /// The address that it listens on.
    pub url: String,
    upstream: Arc<SetOnce<String>>,
    out: Arc<AtomicU64>,
    server: JoinHandle<()>,
}

impl Wire {
    /// Listens on a free port.
    ///
    /// # Panics
    /// When there is none.
    pub async fn start(latency: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (upstream, out) = (Arc::new(SetOnce::new()), Arc::new(AtomicU64::new(0)));
        let server = tokio::spawn(accept(listener, upstream.clone(), out.clone(), latency));
        Self { url, upstream, out, server }
    }

    /// Makes it forward to the host of a URL.
    pub fn lead_to(&self, url: &str) {
        let host = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
        drop(self.upstream.set(host.to_owned()));
    }

    /// The outgoing bytes so far.
    pub fn out(&self) -> u64 {
        self.out.load(Ordering::Relaxed)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn accept(listener: TcpListener, upstream: Arc<SetOnce<String>>, out: Arc<AtomicU64>, latency: Duration) {
    while let Ok((client, _)) = listener.accept().await {
        let (upstream, out) = (upstream.clone(), out.clone());
        tokio::spawn(async move {
            let address = upstream.wait().await;
            let server = TcpStream::connect(address).await?;
            server.set_nodelay(true)?; // a part that is small must not wait for the acknowledgement of the one before it
            client.set_nodelay(true)?;
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            let uncounted = AtomicU64::new(0);
            tokio::try_join!(
                copy(from_client, to_server, &out, latency),
                copy(from_server, to_client, &uncounted, Duration::ZERO)
            )
        });
    }
}

/// Forwards each part at its own time, independently of the part before it, so that a request in two parts is delayed as
/// much as one in one part.
async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    count: &AtomicU64,
    latency: Duration,
) -> std::io::Result<()> {
    let (parts, mut under_way) = mpsc::unbounded_channel();
    let take_in = async move {
        loop {
            let mut part = BytesMut::with_capacity(64 * 1024);
            let read = from.read_buf(&mut part).await?;
            count.fetch_add(read as u64, Ordering::Relaxed);
            if read == 0 || parts.send((Instant::now() + latency, part)).is_err() {
                return Ok(());
            }
        }
    };
    let give_out = async move {
        while let Some((due, part)) = under_way.recv().await {
            sleep_until(due).await;
            to.write_all(&part).await?;
        }
        to.shutdown().await
    };
    tokio::try_join!(take_in, give_out).map(drop)
}
