//! A session that does nothing and does not keep its database awake: its client stays, the session behind it ends, and another one takes its place
//! when the client next says something.

use std::{io, time::Duration};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

use super::pipe::{End, Pipe};

/// The shortest pause that ends a session, however short its database's idle time is.
const SHORTEST: Duration = Duration::from_secs(1);
/// A client's last word.
const TERMINATE: u8 = b'X';

/// How a session's turn with the database ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// For good.
    Over,
    /// Nobody says anything, and nothing is going on.
    Quiet,
    /// The lease is over, and the client can be told so.
    Lost,
}

/// Has client and database talk until one of them ends it, or until it has been quiet for so long.
pub(super) async fn turn<C, S>(pipe: &mut Pipe<'_, C, S>, pause: Option<Duration>) -> io::Result<Turn>
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let end = match pause {
        Some(pause) => pipe.run_until_quiet(pause.max(SHORTEST)).await?,
        None => pipe.run().await?,
    };
    Ok(match end {
        End::Idle => Turn::Quiet,
        End::Over => Turn::Over,
        End::Lost => lost(pipe),
    })
}

/// The lease is over: what the client hears of it.
pub(super) fn lost<C, S>(pipe: &Pipe<'_, C, S>) -> Turn
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    if pipe.may_be_told() { Turn::Lost } else { Turn::Over }
}

/// What a client says first after a pause: the beginning of a message. `None`: it has gone, and wakes nothing by that.
pub(super) async fn spoken(client: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut first = [0];
    match client.read(&mut first).await {
        Ok(1) if first[0] != TERMINATE => Ok(Some(first.to_vec())),
        Ok(_) => Ok(None),
        // a TLS client that hung up without a word
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::AsyncWriteExt,
        net::UnixStream,
        time::{Duration, timeout},
    };

    use super::*;
    use crate::gateway::refusal::framed;

    async fn within<T>(what: impl Future<Output = T>) -> T {
        timeout(Duration::from_secs(20), what).await.expect("in time")
    }

    #[tokio::test]
    async fn a_session_is_quiet_when_nothing_is_going_on_and_nobody_has_said_anything_for_a_while() {
        let ((mut client, mut ours), (mut database, mut theirs)) = (UnixStream::pair().unwrap(), UnixStream::pair().unwrap());
        let mut pipe = Pipe::new(&mut ours, &mut theirs);
        let pause = Duration::from_millis(20);
        assert_eq!(within(pipe.run_until_quiet(pause)).await.unwrap(), End::Idle);
        // in a transaction it is never
        client.write_all(&framed(b'Q', b"begin\0")).await.unwrap();
        database.write_all(&framed(b'Z', b"T")).await.unwrap();
        assert!(timeout(10 * pause, pipe.run_until_quiet(pause)).await.is_err());
        client.write_all(&framed(b'Q', b"commit\0")).await.unwrap();
        database.write_all(&framed(b'Z', b"I")).await.unwrap();
        assert_eq!(within(turn(&mut pipe, Some(Duration::ZERO))).await.unwrap(), Turn::Quiet);
    }

    #[tokio::test]
    async fn a_client_that_goes_after_a_pause_says_nothing() {
        for last in [&framed(b'X', b"")[..], b""] {
            let (mut client, mut ours) = UnixStream::pair().unwrap();
            client.write_all(last).await.unwrap();
            drop(client);
            assert_eq!(within(spoken(&mut ours)).await.unwrap(), None);
        }
        let (mut client, mut ours) = UnixStream::pair().unwrap();
        client.write_all(b"Q").await.unwrap();
        assert_eq!(within(spoken(&mut ours)).await.unwrap(), Some(b"Q".to_vec()));
    }
}
