//! The way to a member: by TLS where it has an address, by a socket where it is here.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpStream, UnixStream},
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{file::Named, login::Login};
use crate::gateway::{
    gone,
    startup::{self, CancelKey, Hello},
};

/// How long a member may take until its line is there.
const PATIENCE: Duration = Duration::from_secs(3);

/// A line to a member.
pub(super) enum Line {
    Here(UnixStream),
    There(Box<TlsStream<TcpStream>>),
}

/// Opens one.
///
/// # Errors
/// Where nobody answers in time, or shows a certificate that is not believed.
pub(super) async fn open(member: &Named, login: &Login) -> io::Result<Line> {
    let opened = async {
        if member.host.starts_with('/') {
            return UnixStream::connect(format!("{}/.s.PGSQL.{}", member.host, member.port)).await.map(Line::Here);
        }
        let config = login.tls.clone().ok_or_else(|| io::Error::other("no authority is named that a member could be believed by"))?;
        let name = member.server_name.clone().unwrap_or_else(|| member.host.clone());
        let name = ServerName::try_from(name).map_err(io::Error::other)?;
        let mut stream = TcpStream::connect((&*member.host, member.port)).await?;
        stream.set_nodelay(true)?;
        // a host that is gone without a word is noticed
        gone::KIN.on(&stream)?;
        stream.write_all(&startup::encode(&Hello::Tls)).await?;
        if stream.read_u8().await? != b'S' {
            return Err(io::Error::other("the member does not speak TLS"));
        }
        TlsConnector::from(config).connect(name, stream).await.map(|stream| Line::There(Box::new(stream)))
    };
    timeout(PATIENCE, opened).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Asks a member to cancel what a session there does, and waits until it has heard so.
pub(super) async fn cancel(member: &Named, login: &Login, key: &CancelKey) -> io::Result<()> {
    let mut line = open(member, login).await?;
    line.write_all(&startup::encode(&Hello::Cancel(key.clone()))).await?;
    line.flush().await?;
    // it says nothing, and closes
    timeout(PATIENCE, line.read_to_end(&mut Vec::new())).await.unwrap_or(Ok(0)).map(drop)
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Here(stream) => Pin::new(stream).poll_read(cx, into),
            Self::There(stream) => Pin::new(stream).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Here(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::There(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Here(stream) => Pin::new(stream).poll_flush(cx),
            Self::There(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Here(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::There(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
