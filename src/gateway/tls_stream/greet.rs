//! A client's first message, which says by which name it comes, and the handshake after it.

use std::{future::poll_fn, io, sync::Arc};

use rustls::{
    ServerConfig,
    server::{Accepted, Acceptor, ClientHello, UnbufferedServerConnection},
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{TlsStream, wrong};

/// What is read of a client's first message at once, in bytes.
const HELLO: usize = 2 * 1024;
/// The most of it: the longest that are seen, with keys against quantum computers, have 2 kB. It is kept twice until it is whole.
const LONGEST_HELLO: usize = 8 * 1024;
/// What is said to more: a fatal alert, record_overflow.
const TOO_LONG: [u8; 7] = [21, 3, 3, 0, 2, 2, 22];

/// A client that has said how it would like to speak.
pub(in crate::gateway) struct Greeted<S> {
    line: S,
    hello: Accepted,
    said: Vec<u8>,
}

/// Listens to a client's first message.
///
/// # Errors
/// Where it is none, which the client is told; or the line breaks.
pub(in crate::gateway) async fn greet<S: AsyncRead + AsyncWrite + Unpin>(mut line: S) -> io::Result<Greeted<S>> {
    let (mut acceptor, mut said) = (Acceptor::default(), Vec::with_capacity(HELLO));
    loop {
        let had = said.len();
        said.reserve(HELLO);
        if line.read_buf(&mut said).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if said.len() > LONGEST_HELLO {
            // one that is gone hears nothing
            drop(line.write_all(&TOO_LONG).await);
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a first message of TLS that is too long"));
        }
        let mut new = &said[had..];
        while !new.is_empty() {
            acceptor.read_tls(&mut new)?;
        }
        match acceptor.accept() {
            Ok(Some(hello)) => return Ok(Greeted { line, hello, said }),
            Ok(None) => {}
            Err((error, mut alert)) => {
                let mut told = Vec::new();
                alert.write_all(&mut told)?;
                // one that is gone hears nothing
                drop(line.write_all(&told).await);
                return Err(wrong(error));
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Greeted<S> {
    /// What it said.
    pub(in crate::gateway) fn hello(&self) -> ClientHello<'_> {
        self.hello.client_hello()
    }

    /// The handshake's rest.
    ///
    /// # Errors
    /// Where the two do not agree, which the client is told; or the line breaks.
    pub(in crate::gateway) async fn secure(self, config: Arc<ServerConfig>) -> io::Result<TlsStream<S>> {
        let Self { line, hello, said } = self;
        drop(hello);
        let tls = UnbufferedServerConnection::new(config).map_err(io::Error::other)?;
        let mut stream = TlsStream::over(line, tls, said);
        let shaken = poll_fn(|cx| stream.poll_handshake(cx)).await;
        if shaken.is_err() {
            // what was wrong, where somebody listens
            drop(poll_fn(|cx| stream.poll_leaving(cx)).await);
        }
        shaken.map(|()| stream)
    }
}
