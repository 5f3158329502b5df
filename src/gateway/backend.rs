//! A session of our own with a database, until it is ready for the client's first question.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UnixStream},
};
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;

use super::{
    relay::Peer,
    startup::{self, CancelKey, Hello, Startup},
};

/// The most that a database may say before it is ready, in bytes.
const LONGEST: usize = 1 << 20;
/// What is read at once, in bytes; all that a server says at first is some 500.
const CHUNK: usize = 4096;

/// A database that waits for the first question.
pub(super) struct Begun {
    pub(super) stream: Line,
    /// Where a cancel request goes.
    pub(super) reach: Reach,
    /// With what its statements are cancelled.
    pub(super) key: Option<CancelKey>,
    /// What it said about itself: parameters, notices.
    pub(super) said: Vec<u8>,
    /// That it is ready, and what came right behind.
    pub(super) ready: Vec<u8>,
}

/// The way to a database: its socket, or by TLS where another machine has it.
pub(super) type Line = Either<UnixStream, Box<TlsStream<TcpStream>>>;

/// Where a database is.
#[derive(Clone)]
pub(super) enum Reach {
    /// At this socket.
    Here(PathBuf),
    There(Arc<Peer>),
}

/// Why a session with the database does not begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unbegun {
    /// It said so itself, in this ErrorResponse.
    #[error("the database refused the session")]
    Refused(Vec<u8>),
    /// It wants to know who we are, or speaks another protocol.
    #[error("the database does not take a session without asking")]
    Asked,
    /// It can't be reached, or went away.
    #[error("could not speak with the database")]
    Gone(#[from] io::Error),
}

/// Begins a session with these parameters, all but those that speak of the protocol: that is between the client and us.
pub(super) async fn begin(socket: &Path, startup: &Startup) -> Result<Begun, Unbegun> {
    let mut stream = UnixStream::connect(socket).await?;
    let parameters = startup.parameters.iter().filter(|(name, _)| !name.starts_with(b"_pq_.")).cloned().collect();
    stream.write_all(&startup::encode(&Hello::Startup(Startup { minor: 0, parameters }))).await?;
    let (said, key, ready) = until_ready(&mut stream).await?;
    Ok(Begun { stream: Line::Left(stream), reach: Reach::Here(socket.to_owned()), key, said, ready })
}

/// What is said before the database is ready, the key, and that it is ready with what comes right behind.
type Told = (Vec<u8>, Option<CancelKey>, Vec<u8>);

/// Listens until the database is ready, which may say before that we are let in.
pub(super) async fn until_ready(stream: &mut (impl AsyncRead + Unpin)) -> Result<Told, Unbegun> {
    let (mut said, mut key, mut bytes) = (vec![], None, Vec::with_capacity(CHUNK));
    loop {
        while let Some(length) = whole(&bytes)? {
            match (bytes[0], &bytes[5..length]) {
                (b'R', [0, 0, 0, 0]) => {}
                (b'R' | b'v', _) => return Err(Unbegun::Asked),
                (b'E', _) => return Err(Unbegun::Refused(bytes[..length].to_vec())),
                (b'K', [a, b, c, d, secret @ ..]) => {
                    key = Some(CancelKey { process: u32::from_be_bytes([*a, *b, *c, *d]), secret: secret.to_vec() });
                }
                (b'Z', _) => return Ok((said, key, bytes)),
                _ => said.extend(&bytes[..length]),
            }
            bytes.drain(..length);
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
    }
}

/// How long the message is that these bytes begin with, if it is all there.
fn whole(bytes: &[u8]) -> Result<Option<usize>, Unbegun> {
    let Some((head, _)) = bytes.split_first_chunk::<5>() else { return Ok(None) };
    let [_, length @ ..] = *head;
    let length = usize::try_from(u32::from_be_bytes(length)).ok().map(|length| length.saturating_add(1));
    match length.filter(|length| (5..=LONGEST).contains(length)) {
        Some(length) => Ok(Some(length).filter(|length| *length <= bytes.len())),
        None => Err(Unbegun::Asked),
    }
}

/// Asks the database to cancel what a session does, and waits until it has heard so.
pub(super) async fn cancel(reach: &Reach, key: &CancelKey) -> io::Result<()> {
    let socket = match reach {
        Reach::Here(socket) => socket,
        Reach::There(peer) => return peer.cancel(key).await,
    };
    let mut stream = UnixStream::connect(socket).await?;
    stream.write_all(&startup::encode(&Hello::Cancel(key.clone()))).await?;
    // it says nothing, and closes
    stream.read_to_end(&mut Vec::new()).await.map(drop)
}
