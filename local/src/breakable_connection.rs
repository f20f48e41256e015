//! HTTP connections that a handler can close or reset instead of responding, which axum does not offer.
//!
//! Serve with `axum::serve(BreakableListener(listener), router.into_make_service_with_connect_info::<ConnectionHandle>())`.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// A listener whose connections can be broken.
pub struct BreakableListener(pub TcpListener);

/// A connection that can be broken.
pub struct BreakableConnection {
    stream: TcpStream,
    handle: ConnectionHandle,
}

/// A handler's access to its connection.
#[derive(Clone, Debug)]
pub struct ConnectionHandle {
    /// The client's address.
    pub peer: SocketAddr,
    ending: Arc<OnceLock<Ending>>,
}

#[derive(Clone, Copy, Debug)]
enum Ending {
    Close,
    Reset,
}

impl ConnectionHandle {
    /// Closes the connection instead of responding.
    pub fn close(&self) {
        self.ending.get_or_init(|| Ending::Close);
    }

    /// Resets the connection instead of responding.
    pub fn reset(&self) {
        self.ending.get_or_init(|| Ending::Reset);
    }
}

impl Listener for BreakableListener {
    type Io = BreakableConnection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (BreakableConnection, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.0).await;
        (BreakableConnection { stream, handle: ConnectionHandle { peer, ending: Arc::default() } }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, BreakableListener>> for ConnectionHandle {
    fn connect_info(stream: IncomingStream<'_, BreakableListener>) -> Self {
        stream.io().handle.clone()
    }
}

impl AsyncRead for BreakableConnection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for BreakableConnection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // The server drops a connection when a write fails. With SO_LINGER at zero, dropping it sends a reset.
        match self.handle.ending.get() {
            None => return Pin::new(&mut self.stream).poll_write(cx, bytes),
            Some(Ending::Close) => {}
            Some(Ending::Reset) => self.stream.set_zero_linger()?,
        }
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
