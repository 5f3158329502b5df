//! Whole messages from and to a client, before its session has begun.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use super::{
    refusal::Refusal,
    startup::{self, Hello},
};

/// How much of what a refused client still sends is listened to, in bytes, and for how long: a line that is cut before that may lose the
/// refusal on its way.
const LISTENED: u64 = 64 * 1024;
const LISTENING: Duration = Duration::from_secs(1);

/// Why a connection goes no further.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    /// The client is to be told.
    #[error("refused")]
    Refused(#[from] Refusal),
    /// There is nobody to tell.
    #[error("the line is gone")]
    Gone(#[from] io::Error),
}

/// A first packet. `None` is that the client left without one.
pub(super) async fn hello(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<Hello>, Stop> {
    let mut first = [0; 4];
    // byte for byte: whatever comes after it belongs to somebody else
    if stream.read(&mut first[..1]).await? == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut first[1..]).await?;
    let length = startup::length(first).map_err(Refusal::from)?;
    let mut packet = first.to_vec();
    packet.resize(length, 0);
    stream.read_exact(&mut packet[4..]).await?;
    Ok(Some(startup::parse(&packet).map_err(Refusal::from)?))
}

/// The body of a message of this kind, of at most so many bytes.
pub(super) async fn message(stream: &mut (impl AsyncRead + Unpin), kind: u8, most: usize) -> Result<Vec<u8>, Stop> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).await?;
    let [found, length @ ..] = head;
    if found != kind {
        return Err(Refusal::Protocol("a message of another kind than expected").into());
    }
    let length = usize::try_from(u32::from_be_bytes(length)).ok().and_then(|length| length.checked_sub(4));
    let length = length.filter(|length| *length <= most).ok_or(Refusal::Protocol("a message of an impossible length"))?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(body)
}

/// Sends it all, now.
pub(super) async fn say(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// Tells a client why, and closes the line so that it hears it.
pub(super) async fn tell(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), why: &Refusal) {
    let told = async {
        say(stream, &why.response()).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(LISTENED), &mut tokio::io::sink()).await
    };
    // one that does not listen has lost nothing that it wanted
    drop(timeout(LISTENING, told).await);
}
