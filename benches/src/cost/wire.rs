//! A wire between the functions and a server that they call: counts the bytes that go out, and takes its time over them.
//!
//! It is the request that is late, not the answer: WhatsApp reports a message after it has answered, not before.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::SetOnce;
use tokio::task::JoinHandle;

/// A wire. Dropping it cuts it.
pub struct Wire {
    /// Where it begins.
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

    /// Has it lead to the host of a URL.
    pub fn lead_to(&self, url: &str) {
        let host = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
        drop(self.upstream.set(host.to_owned()));
    }

    /// The bytes that went out so far.
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
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            let uncounted = AtomicU64::new(0);
            tokio::try_join!(
                copy(from_client, to_server, &out, latency),
                copy(from_server, to_client, &uncounted, Duration::ZERO)
            )
        });
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    count: &AtomicU64,
    latency: Duration,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        count.fetch_add(read as u64, Ordering::Relaxed);
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        to.write_all(&buffer[..read]).await?;
    }
}
