//! The way to a member: by TLS where it has an address, by a socket where it is here.

use std::{io, time::Duration};

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{file::Named, login::Login};
pub(super) use crate::gateway::backend::Line;
use crate::gateway::{
    gone,
    startup::{self, CancelKey, Hello},
};

/// How long a member may take until its line is there.
const PATIENCE: Duration = Duration::from_secs(3);

/// Opens one.
///
/// # Errors
/// Where nobody answers in time, or shows a certificate that is not believed.
pub(super) async fn open(member: &Named, login: &Login) -> io::Result<Line> {
    let opened = async {
        if member.host.starts_with('/') {
            return UnixStream::connect(format!("{}/.s.PGSQL.{}", member.host, member.port)).await.map(Line::Left);
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
        TlsConnector::from(config).connect(name, stream).await.map(|stream| Line::Right(Box::new(stream)))
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
