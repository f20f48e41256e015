//! Connections that a handler can break: axum lets it answer, but neither hang up nor reset.
//!
//! Serve with `axum::serve(Connections(listener), router.into_make_service_with_connect_info::<End>())`.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// A listener of such connections.
pub struct Connections(pub TcpListener);

/// A connection.
pub struct Connection {
    stream: TcpStream,
    end: End,
}

/// A handler's grip on its connection.
#[derive(Clone, Debug)]
pub struct End {
    /// The client's address.
    pub peer: SocketAddr,
    how: Arc<OnceLock<How>>,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Close,
    Reset,
}

impl End {
    /// Closes the connection in place of the answer.
    pub fn close(&self) {
        self.how.get_or_init(|| How::Close);
    }

    /// Resets it in place of the answer.
    pub fn reset(&self) {
        self.how.get_or_init(|| How::Reset);
    }
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.0).await;
        (Connection { stream, end: End { peer, how: Arc::default() } }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Connections>> for End {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        stream.io().end.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // The server drops a connection on which it can't write. With no time to linger, that resets it.
        match self.end.how.get() {
            None => return Pin::new(&mut self.stream).poll_write(cx, bytes),
            Some(How::Close) => {}
            Some(How::Reset) => self.stream.set_zero_linger()?,
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
