//! A server's side of TLS that holds no buffer while nothing is said: what is read and what is written lies in memory that all connections of a
//! thread share, and a connection keeps only what can't be passed on yet. (A stream over rustls' own buffers keeps 4 kB of them for as long as it
//! lives, a third of all that a parked session costs.)

mod greet;

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use rustls::{
    server::{ServerConnectionData, UnbufferedServerConnection},
    unbuffered::{ConnectionState, EncodeError, EncodeTlsData, EncryptError, InsufficientSizeError, UnbufferedStatus, WriteTraffic},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(super) use self::greet::greet;

/// What is encrypted at once, in bytes.
const PIECE: usize = 64 * 1024;
/// What is read and decrypted at once, in bytes: a piece in its records, or the longest message of a handshake that is listened to.
const MOST: usize = PIECE + 32 * 1024;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; MOST]);
}

/// A connection under TLS.
pub(super) struct TlsStream<S> {
    line: S,
    records: Records,
    /// What came and is not decrypted: the beginning of a record, or what nobody has read yet.
    closed: Vec<u8>,
    /// What is decrypted and not read, from `read` on.
    opened: Vec<u8>,
    read: usize,
    /// What the line did not take yet, from `sent` on.
    leaving: Vec<u8>,
    sent: usize,
    /// The other side has said that it says nothing more.
    ended: bool,
    /// So have we.
    said_end: bool,
}

/// Both directions' records.
struct Records {
    tls: UnbufferedServerConnection,
    /// Something came that nobody with these keys has made: it is used no more.
    failed: bool,
}

/// What a step led to.
enum Step {
    /// Something was decrypted.
    Opened,
    /// There is nothing more in what came.
    More,
    /// The other side says nothing more.
    End,
}

impl<S> TlsStream<S> {
    fn over(line: S, tls: UnbufferedServerConnection, closed: Vec<u8>) -> Self {
        Self {
            line,
            records: Records { tls, failed: false },
            closed,
            opened: Vec::new(),
            read: 0,
            leaving: Vec::new(),
            sent: 0,
            ended: false,
            said_end: false,
        }
    }

    /// Which protocol both agreed to speak.
    pub(super) fn alpn(&self) -> Option<&[u8]> {
        self.records.tls.alpn_protocol()
    }

    /// Passes on what is decrypted already; `false` where nothing is.
    fn pass(&mut self, to: &mut ReadBuf<'_>) -> bool {
        let left = &self.opened[self.read..];
        let taken = left.len().min(to.remaining());
        to.put_slice(&left[..taken]);
        self.read += taken;
        if self.read == self.opened.len() {
            (self.opened, self.read) = (Vec::new(), 0);
        }
        taken > 0
    }

    /// Encrypts what `write` has for the other side, behind everything that has to leave before it. Gives its length back.
    fn seal(
        &mut self,
        into: &mut [u8],
        write: impl FnOnce(&mut WriteTraffic<'_, ServerConnectionData>, &mut [u8]) -> Result<usize, EncryptError>,
    ) -> io::Result<usize> {
        loop {
            let (used, step) = self.records.step(&mut self.closed, &mut self.leaving, |bytes| self.opened.extend_from_slice(bytes))?;
            self.closed.drain(..used);
            match step {
                Step::Opened => {}
                Step::End => self.ended = true,
                Step::More => break,
            }
        }
        match self.records.tls.process_tls_records(&mut self.closed).state {
            Ok(ConnectionState::WriteTraffic(mut traffic)) => {
                write(&mut traffic, into).map_err(|error| io::Error::other(error.to_string()))
            }
            Ok(_) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(error) => Err(wrong(error)),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream<S> {
    fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let (used, step) = self.records.step(&mut self.closed, &mut self.leaving, |bytes| self.opened.extend_from_slice(bytes))?;
            self.closed.drain(..used);
            self.ended |= matches!(step, Step::End);
            if !self.records.tls.is_handshaking() {
                self.closed.shrink_to_fit();
                return self.poll_leaving(cx);
            }
            match step {
                Step::Opened => continue,
                Step::End => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
                Step::More => {}
            }
            ready!(self.poll_leaving(cx))?;
            let Self { line, closed, .. } = self;
            ready!(SCRATCH.with_borrow_mut(|scratch| {
                let room = scratch.len() - closed.len();
                poll_come(line, cx, &mut scratch[..room]).map_ok(|come| closed.extend_from_slice(&scratch[..come]))
            }))?;
        }
    }

    /// Decrypts what comes, until there is something of it or nothing more comes.
    fn poll_opened(&mut self, cx: &mut Context<'_>, scratch: &mut [u8], to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let (before, mut have) = (to.filled().len(), self.closed.len());
        scratch[..have].copy_from_slice(&self.closed);
        let come = loop {
            let used = self.open(&mut scratch[..have], to);
            let used = match used {
                Ok(used) => used,
                Err(error) => break Poll::Ready(Err(error)),
            };
            scratch.copy_within(used..have, 0);
            have -= used;
            if to.filled().len() > before || self.ended {
                break Poll::Ready(Ok(()));
            }
            match poll_come(&mut self.line, cx, &mut scratch[have..]) {
                Poll::Ready(Ok(come)) => have += come,
                Poll::Ready(Err(error)) => break Poll::Ready(Err(error)),
                Poll::Pending => break Poll::Pending,
            }
        };
        // without memory where it is nothing, as it is most of the time
        self.closed = scratch[..have].to_vec();
        if !self.leaving.is_empty() {
            // an answer to something that is no data, or what was wrong; whether it leaves is seen by who writes next
            drop(self.poll_leaving(cx));
        }
        come
    }

    /// Decrypts as much of it as there is room for. Gives back how much of it is not needed any more.
    fn open(&mut self, closed: &mut [u8], to: &mut ReadBuf<'_>) -> io::Result<usize> {
        let mut all = 0;
        while !self.ended && to.remaining() > 0 {
            let (used, step) = self.records.step(&mut closed[all..], &mut self.leaving, |bytes| {
                let (now, later) = bytes.split_at(bytes.len().min(to.remaining()));
                to.put_slice(now);
                self.opened.extend_from_slice(later);
            })?;
            all += used;
            match step {
                Step::Opened => {}
                Step::End => self.ended = true,
                Step::More => break,
            }
        }
        Ok(all)
    }

    /// Sends this, or keeps what of it the line does not take now.
    fn send(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> io::Result<()> {
        let mut left = bytes;
        while self.leaving.is_empty() && !left.is_empty() {
            match Pin::new(&mut self.line).poll_write(cx, left)? {
                Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(taken) => left = &left[taken..],
                Poll::Pending => break,
            }
        }
        self.leaving.extend_from_slice(left);
        Ok(())
    }

    fn poll_leaving(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.sent < self.leaving.len() {
            match ready!(Pin::new(&mut self.line).poll_write(cx, &self.leaving[self.sent..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                taken => self.sent += taken,
            }
        }
        (self.leaving, self.sent) = (Vec::new(), 0);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.pass(to) || this.ended || to.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        SCRATCH.with_borrow_mut(|scratch| this.poll_opened(cx, scratch, to))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_leaving(cx))?;
        let piece = &bytes[..bytes.len().min(PIECE)];
        SCRATCH.with_borrow_mut(|scratch| {
            let length = this.seal(scratch, |traffic, into| traffic.encrypt(piece, into))?;
            this.send(cx, &scratch[..length])?;
            Poll::Ready(Ok(piece.len()))
        })
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_leaving(cx))?;
        Pin::new(&mut this.line).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.said_end {
            this.said_end = true;
            SCRATCH.with_borrow_mut(|scratch| {
                // where no more can be said the line is closed all the same
                let length = this.seal(scratch, |traffic, into| traffic.queue_close_notify(into)).unwrap_or_default();
                this.send(cx, &scratch[..length])
            })?;
        }
        ready!(this.poll_leaving(cx))?;
        Pin::new(&mut this.line).poll_shutdown(cx)
    }
}

/// Reads something: so many bytes, never none.
fn poll_come<S: AsyncRead + Unpin>(line: &mut S, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
    if room.is_empty() {
        return Poll::Ready(Err(wrong("a message that does not end")));
    }
    let mut piece = ReadBuf::new(room);
    ready!(Pin::new(line).poll_read(cx, &mut piece))?;
    Poll::Ready(match piece.filled().len() {
        // without a last word it may have been cut
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        come => Ok(come),
    })
}

impl Records {
    /// Decrypts one record, or does what has to be done before one can be. Gives back how many bytes of `closed` are not needed any more.
    fn step(&mut self, closed: &mut [u8], leaving: &mut Vec<u8>, mut opened: impl FnMut(&[u8])) -> io::Result<(usize, Step)> {
        if self.failed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let mut used = 0;
        loop {
            let UnbufferedStatus { mut discard, state } = self.tls.process_tls_records(&mut closed[used..]);
            let step = match state {
                Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                    while let Some(record) = traffic.next_record() {
                        let record = record.map_err(wrong)?;
                        discard += record.discard;
                        opened(record.payload);
                    }
                    Some(Step::Opened)
                }
                Ok(ConnectionState::EncodeTlsData(data)) => {
                    encode(data, leaving)?;
                    None
                }
                Ok(ConnectionState::TransmitTlsData(data)) => {
                    data.done();
                    None
                }
                Ok(ConnectionState::PeerClosed | ConnectionState::Closed) => Some(Step::End),
                // early data is never offered
                Ok(_) => Some(Step::More),
                Err(error) => {
                    self.failed = true;
                    if let Ok(ConnectionState::EncodeTlsData(told)) = self.tls.process_tls_records(&mut closed[used..]).state {
                        encode(told, leaving)?;
                    }
                    return Err(wrong(error));
                }
            };
            used += discard;
            if let Some(step) = step {
                return Ok((used, step));
            }
        }
    }
}

fn encode(mut data: EncodeTlsData<'_, ServerConnectionData>, leaving: &mut Vec<u8>) -> io::Result<()> {
    let Err(EncodeError::InsufficientSize(InsufficientSizeError { required_size })) = data.encode(&mut []) else { return Ok(()) };
    let had = leaving.len();
    leaving.resize(had + required_size, 0);
    data.encode(&mut leaving[had..]).map(drop).map_err(io::Error::other)
}

fn wrong(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
#[path = "tls_stream/tests.rs"]
mod tests;
