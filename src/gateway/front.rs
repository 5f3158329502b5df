//! The line to a client: under TLS, or in clear where a proxy before us has ended that.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::tls_stream::TlsStream;

/// The line to a client.
#[expect(clippy::large_enum_variant, reason = "a gateway has the large one only: a box would be one more piece of memory for each session")]
pub(super) enum Front {
    /// Under TLS.
    Secure(TlsStream<TcpStream>),
    /// As a proxy passes it on.
    Clear(TcpStream),
}

impl AsyncRead for Front {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Secure(line) => Pin::new(line).poll_read(cx, to),
            Self::Clear(line) => Pin::new(line).poll_read(cx, to),
        }
    }
}

impl AsyncWrite for Front {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Secure(line) => Pin::new(line).poll_write(cx, bytes),
            Self::Clear(line) => Pin::new(line).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Secure(line) => Pin::new(line).poll_flush(cx),
            Self::Clear(line) => Pin::new(line).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Secure(line) => Pin::new(line).poll_shutdown(cx),
            Self::Clear(line) => Pin::new(line).poll_shutdown(cx),
        }
    }
}
