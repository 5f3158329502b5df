//! A connection that can be cut, in the middle of an answer too.

use std::{
    future::pending,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::Bytes,
    extract::connect_info::Connected,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// For how long nothing is said to whoever waits without end, before the line is cut.
const SILENCE: Duration = Duration::from_secs(20);

/// How many bytes may still be written to a connection.
#[derive(Clone, Debug)]
pub(crate) struct Line(Arc<AtomicUsize>);

impl Line {
    /// Says nothing until the other side gives up.
    pub(super) async fn silent(&self) -> Response {
        drop(timeout(SILENCE, pending::<()>()).await);
        self.cut(None)
    }

    /// Ends the connection: at once, or when half of an answer has been written.
    pub(super) fn cut(&self, answer: Option<(StatusCode, HeaderMap, Bytes)>) -> Response {
        let half = answer.as_ref().map_or(0, |(.., body)| body.len() / 2);
        self.0.store(half, Ordering::Relaxed);
        answer.map_or_else(|| StatusCode::OK.into_response(), IntoResponse::into_response)
    }
}

/// The connections that come.
pub(crate) struct Lines(pub(crate) TcpListener);

/// One of them.
pub(crate) struct Connection {
    stream: TcpStream,
    line: Line,
}

impl Listener for Lines {
    type Io = Connection;
    type Addr = Line;

    async fn accept(&mut self) -> (Connection, Line) {
        let (stream, _) = Listener::accept(&mut self.0).await;
        let line = Line(Arc::new(AtomicUsize::new(usize::MAX)));
        (Connection { stream, line: line.clone() }, line)
    }

    fn local_addr(&self) -> io::Result<Line> {
        Ok(Line(Arc::default()))
    }
}

impl Connected<IncomingStream<'_, Lines>> for Line {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.remote_addr().clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let left = self.line.0.load(Ordering::Relaxed);
        if left == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let written = Pin::new(&mut self.stream).poll_write(context, &bytes[..bytes.len().min(left)]);
        if let (Poll::Ready(Ok(count)), true) = (&written, left < usize::MAX) {
            self.line.0.store(left - count, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
