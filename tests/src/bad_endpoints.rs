//! Customers' endpoints that misbehave by their path. They use a plain socket, so that they can misbehave as no HTTP
//! server does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rcgen::generate_simple_self_signed;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::interval;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The size in bytes of an answer that must not be read completely.
const HUGE: usize = 100 * 1024 * 1024;

/// Endpoints. Dropping them stops them.
pub struct BadEndpoints {
    /// Where they listen without TLS.
    pub url: String,
    /// Where they listen with a self-signed certificate.
    pub tls_url: String,
    /// Bytes of the huge answer that went out.
    pub sent: Arc<AtomicUsize>,
    /// Connections without TLS so far.
    connections: Arc<AtomicUsize>,
    servers: [JoinHandle<()>; 2],
}

impl BadEndpoints {
    /// Listens on free ports. A redirect leads to `elsewhere`.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(elsewhere: &str) -> Self {
        let (plain, tls) = (listen().await, listen().await);
        let (url, tls_url) = (format!("http://{}", address(&plain)), format!("https://{}", address(&tls)));
        let sent = Arc::<AtomicUsize>::default();
        let (elsewhere, counted) = (elsewhere.to_owned(), sent.clone());
        let connections = Arc::<AtomicUsize>::default();
        let accepted = connections.clone();
        let server = tokio::spawn(async move {
            while let Ok((connection, _)) = plain.accept().await {
                accepted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(connection, elsewhere.clone(), counted.clone()));
            }
        });
        let acceptor = self_signed();
        let tls_server = tokio::spawn(async move {
            while let Ok((connection, _)) = tls.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move { drop(acceptor.accept(connection).await) });
            }
        });
        Self { url, tls_url, sent, connections, servers: [server, tls_server] }
    }

    /// How many connections without TLS there were.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for BadEndpoints {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

fn address(listener: &TcpListener) -> String {
    listener.local_addr().expect("an address").to_string()
}

fn self_signed() -> TlsAcceptor {
    let own = generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![own.cert.der().clone()], key);
    TlsAcceptor::from(Arc::new(config.expect("a key that fits its certificate")))
}

async fn serve(connection: impl AsyncRead + AsyncWrite + Unpin, elsewhere: String, sent: Arc<AtomicUsize>) {
    let mut connection = BufReader::new(connection);
    let (mut path, mut line) = (String::new(), String::new());
    // Only the head is read: the body is small and stays in the socket buffer.
    while connection.read_line(&mut line).await.is_ok_and(|read| read > 2) {
        if path.is_empty() {
            path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        }
        line.clear();
    }
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
    let answer = match path.as_str() {
        "/close" => return,
        "/drip" => "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n",
        "/huge" => &format!("HTTP/1.1 200 OK\r\ncontent-length: {HUGE}\r\n\r\n"),
        "/redirect" => &redirect,
        "/garbage" => "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n\u{1F54A}<{\0",
        "/rubbish" => "\0\0 this is not HTTP \r\n\r\n",
        _ => std::future::pending().await,
    };
    if connection.write_all(answer.as_bytes()).await.is_err() {
        return;
    }
    match path.as_str() {
        "/drip" => drip(connection).await,
        "/huge" => pour(connection, &sent).await,
        _ => drop(connection.flush().await),
    }
}

/// A byte a second.
async fn drip(mut connection: impl AsyncWrite + Unpin) {
    let mut ticks = interval(Duration::from_secs(1));
    while connection.write_all(b"x").await.is_ok() {
        ticks.tick().await;
    }
}

async fn pour(mut connection: impl AsyncWrite + Unpin, sent: &AtomicUsize) {
    let chunk = vec![b'x'; 64 * 1024];
    while sent.load(Ordering::Relaxed) < HUGE && connection.write_all(&chunk).await.is_ok() {
        sent.fetch_add(chunk.len(), Ordering::Relaxed);
    }
}
