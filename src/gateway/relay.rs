//! A database that another gateway has: the session goes there, over TLS, and is the client's own by what its proof has shown here.

use std::{io, sync::Arc, time::Duration};

use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    backend::{Begun, Line, Reach, Unbegun, until_ready},
    gone,
    kin::Kin,
    login::nonce,
    refusal::framed,
    scram::{self, Keys},
    startup::{self, CancelKey, Hello, Startup},
    told::{self, Told},
};

/// The most that is read of a message of an exchange of proofs, in bytes; a refusal is no longer.
const LONGEST: usize = 16 << 10;

/// How long another gateway may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the other one may take over a proof, for which it waits for nothing but the registry.
const PROVING: Duration = Duration::from_secs(10);

/// The other gateway, as one database's clients reach it.
pub(super) struct Peer {
    address: String,
    host: ServerName<'static>,
    config: Arc<ClientConfig>,
}

impl Peer {
    /// At this address (`host:port`), for the database of this host name. It has to be of this kin.
    ///
    /// # Errors
    /// Where the name is none.
    pub(super) fn new(address: String, host: Option<String>, kin: &Kin) -> io::Result<Self> {
        let host = host.ok_or_else(|| io::Error::other("there is no domain"))?;
        let host = ServerName::try_from(host).map_err(io::Error::other)?;
        Ok(Self { address, host, config: Arc::clone(&kin.client) })
    }

    async fn line(&self) -> io::Result<TlsStream<TcpStream>> {
        let secured = async {
            let stream = TcpStream::connect(&self.address).await?;
            stream.set_nodelay(true)?;
            // a host that is gone without a word is noticed, whether something is said to it or not
            gone::KIN.on(&stream)?;
            TlsConnector::from(Arc::clone(&self.config)).connect(self.host.clone(), stream).await
        };
        timeout(PATIENCE, secured).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// A session there, with these parameters and as whoever has the keys. `told` is what they are told of the database.
    pub(super) async fn begin(self: &Arc<Self>, startup: &Startup, told: Option<&Told>, keys: &Keys) -> Result<Begun, Unbegun> {
        let mut stream = Box::new(self.line().await?);
        let own = startup.parameters.iter().filter(|(name, _)| !name.starts_with(b"_pq_.")).cloned();
        let parameters = own.chain(told.map(|told| (told::PARAMETER.into(), told.text()))).collect();
        stream.write_all(&startup::encode(&Hello::Startup(Startup { minor: 0, parameters }))).await?;
        timeout(PROVING, prove(&mut stream, keys)).await.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))?;
        let (said, key, ready) = until_ready(&mut *stream).await?;
        Ok(Begun { stream: Line::Right(stream), reach: Reach::There(Arc::clone(self)), key, said, ready })
    }

    /// Asks it to cancel what a session there does, and waits until it has heard so.
    pub(super) async fn cancel(&self, key: &CancelKey) -> io::Result<()> {
        let mut stream = self.line().await?;
        stream.write_all(&startup::encode(&Hello::Cancel(key.clone()))).await?;
        stream.flush().await?;
        // it says nothing, and closes
        stream.read_to_end(&mut Vec::new()).await.map(drop)
    }
}

/// The client's side of SCRAM-SHA-256, and of no other way to be let in.
async fn prove(stream: &mut TlsStream<TcpStream>, keys: &Keys) -> Result<(), Unbegun> {
    let nonce = nonce()?;
    let offered = asked(stream, 10).await?;
    if !offered.split(|byte| *byte == 0).any(|name| name == scram::PLAIN.as_bytes()) {
        return Err(Unbegun::Asked);
    }
    let first = Keys::first(&nonce);
    let length = u32::try_from(first.len()).map_err(|_| Unbegun::Asked)?;
    let initial = [scram::PLAIN.as_bytes(), &[0], &length.to_be_bytes(), first.as_bytes()].concat();
    stream.write_all(&framed(b'p', &initial)).await?;
    stream.flush().await?;
    let challenge = asked(stream, 11).await?;
    let (last, proof) = keys.last(&nonce, &challenge).map_err(|_| Unbegun::Asked)?;
    stream.write_all(&framed(b'p', last.as_bytes())).await?;
    stream.flush().await?;
    // it proves that it has the same verifier, too
    if asked(stream, 12).await? != proof.as_bytes() {
        return Err(Unbegun::Asked);
    }
    Ok(())
}

/// What stands in the next message, which is an authentication request of this kind.
async fn asked(stream: &mut TlsStream<TcpStream>, kind: u32) -> Result<Vec<u8>, Unbegun> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).await?;
    let [of, length @ ..] = head;
    let length = usize::try_from(u32::from_be_bytes(length)).ok().and_then(|length| length.checked_sub(4));
    let mut body = vec![0; length.filter(|length| *length <= LONGEST).ok_or(Unbegun::Asked)?];
    stream.read_exact(&mut body).await?;
    match (of, body.split_first_chunk::<4>()) {
        (b'E', _) => Err(Unbegun::Refused([&head[..], &body].concat())),
        (b'R', Some((found, rest))) if u32::from_be_bytes(*found) == kind => Ok(rest.to_vec()),
        _ => Err(Unbegun::Asked),
    }
}
