//! The server's side of a log: the streaming replication protocol, as much of it as it takes
//! (<https://www.postgresql.org/docs/15/protocol-replication.html>).

use std::{io, path::Path};

use chrono::Utc;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
};

/// Protocol 3.0.
const VERSION: u32 = 3 << 16;
/// The longest message that is read: what the server sends is far below it.
const LONGEST: u32 = 16 << 20;
/// Between 1970 and 2000, from which Postgres counts, in microseconds.
const EPOCH: i64 = 946_684_800_000_000;
/// What stands before the bytes of a frame: where they begin, where the WAL ends, when.
const HEAD: usize = 24;

/// What the server sends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Bytes of the WAL.
    Wal { start: u64, bytes: Vec<u8> },
    /// It is there.
    Alive { asked: bool },
    /// It has stopped, and all that it sent was confirmed.
    End,
}

/// A connection to the server.
pub(super) struct Stream(UnixStream);

impl Stream {
    pub(super) async fn connect(socket: &Path, name: &str) -> io::Result<Self> {
        let mut stream = Self(UnixStream::connect(socket).await?);
        // the server would take the wait for an object for a broken line
        let words = [("user", "postgres"), ("replication", "true"), ("application_name", name), ("options", "-c wal_sender_timeout=0")];
        let mut body = VERSION.to_be_bytes().to_vec();
        for (word, value) in words {
            body.extend([word.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
        }
        body.push(0);
        let length = u32::try_from(body.len() + 4).map_err(io::Error::other)?;
        stream.0.write_all(&[&length.to_be_bytes()[..], &body].concat()).await?;
        stream.answer(b'Z').await?;
        Ok(stream)
    }

    /// Has the server keep all that is not confirmed yet, until this connection ends.
    pub(super) async fn make_slot(&mut self, name: &str) -> io::Result<()> {
        self.say(&format!("CREATE_REPLICATION_SLOT {name} TEMPORARY PHYSICAL RESERVE_WAL")).await?;
        self.answer(b'Z').await.map(drop)
    }

    /// Has it send what it writes, from there on. Says on which timeline that is.
    pub(super) async fn start(&mut self, slot: Option<&str>, from: u64) -> io::Result<u32> {
        self.say("IDENTIFY_SYSTEM").await?;
        let row = self.answer(b'Z').await?;
        let timeline = row.as_deref().and_then(|row| column(row, 1)).and_then(|text| text.parse().ok());
        let timeline = timeline.ok_or_else(|| io::Error::other("it did not say on which timeline it is"))?;
        let slot = slot.map(|slot| format!("SLOT {slot} ")).unwrap_or_default();
        let (high, low) = (from >> 32, from & 0xFFFF_FFFF);
        self.say(&format!("START_REPLICATION {slot}PHYSICAL {high:X}/{low:X} TIMELINE {timeline}")).await?;
        self.answer(b'W').await?;
        Ok(timeline)
    }

    pub(super) fn split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        self.0.into_split()
    }

    async fn say(&mut self, query: &str) -> io::Result<()> {
        let length = u32::try_from(query.len() + 5).map_err(io::Error::other)?;
        self.0.write_all(&[b"Q", &length.to_be_bytes()[..], query.as_bytes(), b"\0"].concat()).await
    }

    /// Reads on until a message of this kind, past an error until the server is ready again. The last row in between.
    async fn answer(&mut self, until: u8) -> io::Result<Option<Vec<u8>>> {
        let (mut row, mut refused) = (None, None);
        loop {
            let (kind, body) = message(&mut self.0).await?;
            match kind {
                b'E' => refused = Some(said(&body)),
                b'D' => row = Some(body),
                // before the first one of these there is nothing to be ready for
                b'Z' if refused.is_some() => break,
                kind if kind == until => return Ok(row),
                _ => {}
            }
        }
        Err(refused.unwrap_or_else(|| io::ErrorKind::InvalidData.into()))
    }
}

/// Hands over what comes, until there is no more. Then it stays: whoever takes it ends first.
pub(super) async fn forward(read: OwnedReadHalf, frames: mpsc::Sender<io::Result<Frame>>) {
    let mut read = BufReader::with_capacity(1 << 17, read);
    loop {
        let frame = next(&mut read).await;
        let is_last = !matches!(frame, Ok(Frame::Wal { .. } | Frame::Alive { .. }));
        if frames.send(frame).await.is_err() || is_last {
            std::future::pending::<()>().await;
        }
    }
}

async fn next(read: &mut (impl AsyncRead + Unpin)) -> io::Result<Frame> {
    loop {
        let (kind, body) = message(read).await?;
        match kind {
            b'd' => return frame(&body),
            b'C' => return Ok(Frame::End),
            b'E' => return Err(said(&body)),
            _ => {}
        }
    }
}

/// `XLogData` and `Primary keepalive message`.
fn frame(body: &[u8]) -> io::Result<Frame> {
    let number = |at: usize| body.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
    match (body.first(), number(1)) {
        (Some(b'w'), Some(start)) if body.len() > HEAD => Ok(Frame::Wal { start, bytes: body[1 + HEAD..].to_vec() }),
        (Some(b'k'), Some(_)) => Ok(Frame::Alive { asked: body.last() == Some(&1) }),
        _ => Err(io::Error::other("a frame of it is none")),
    }
}

/// `Standby status update`: all up to there is written, safe and applied.
pub(super) async fn confirm(write: &mut OwnedWriteHalf, kept: u64) -> io::Result<()> {
    let (kept, now) = (kept.to_be_bytes(), (Utc::now().timestamp_micros() - EPOCH).to_be_bytes());
    let body = [b"r", &kept[..], &kept, &kept, &now, &[0]].concat();
    let length = u32::try_from(body.len() + 4).map_err(io::Error::other)?;
    write.write_all(&[b"d", &length.to_be_bytes()[..], &body].concat()).await
}

async fn message(read: &mut (impl AsyncRead + Unpin)) -> io::Result<(u8, Vec<u8>)> {
    let (kind, length) = (read.read_u8().await?, read.read_u32().await?);
    if !(4..=LONGEST).contains(&length) {
        return Err(io::Error::other("a message of it is none"));
    }
    let mut body = vec![0; length as usize - 4];
    read.read_exact(&mut body).await?;
    Ok((kind, body))
}

/// A column of a row, as text.
fn column(row: &[u8], wanted: usize) -> Option<&str> {
    let mut rest = row.get(2..)?;
    for at in 0.. {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let value = rest.get(4..4 + length)?;
        if at == wanted {
            return std::str::from_utf8(value).ok();
        }
        rest = &rest[4 + length..];
    }
    None
}

/// The message of an error: the field `M`.
fn said(body: &[u8]) -> io::Error {
    let message = body.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"M"));
    io::Error::other(String::from_utf8_lossy(message.unwrap_or(b"an error without a word")).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_told_apart() {
        let wal = [&b"w"[..], &7_u64.to_be_bytes(), &[0; 16], b"xyz"].concat();
        assert_eq!(frame(&wal).expect("a frame"), Frame::Wal { start: 7, bytes: b"xyz".to_vec() });
        let alive = [&b"k"[..], &7_u64.to_be_bytes(), &[0; 8], &[1]].concat();
        assert_eq!(frame(&alive).expect("a frame"), Frame::Alive { asked: true });
        for wrong in [&b""[..], b"w", b"k123", b"x12345678123456781234567812345678"] {
            assert!(frame(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_row_and_an_error_say_what_they_say() {
        let row = [&[0, 2][..], &[0, 0, 0, 3], b"abc", &[0, 0, 0, 2], b"12"].concat();
        assert_eq!((column(&row, 0), column(&row, 1), column(&row, 2)), (Some("abc"), Some("12"), None));
        assert_eq!(said(b"SFATAL\0C53300\0Mno room\0\0").to_string(), "no room");
    }
}
