//! Bytes both ways, in constant memory: a session that says nothing holds no buffer, and one that says much is read in large pieces.

use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::sleep,
};

use super::{frames::Talk, lasting::Lasting};

/// What is read at once, in bytes, and the most that a session keeps of what the other side does not take yet.
const PIECE: usize = 64 * 1024;
/// After so many pieces others have their turn.
const TURNS: usize = 16;

thread_local! {
    /// One for all sessions that a thread serves: it is used only between a read and the write after it.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; PIECE]);
}

/// How a session ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The database closed it, or the client and then the database.
    Over,
    /// Nothing is going on in it, and it was to end then.
    Idle,
    /// The lease is over, and another node may have the database.
    Lost,
}

/// A client and a database that talk.
pub(super) struct Pipe<'a, C, S> {
    client: &'a mut C,
    server: &'a mut S,
    up: Way,
    down: Way,
    talk: Talk,
    /// Without it what the database says is not passed on.
    lasting: Option<Lasting>,
    /// Whether anything was said since somebody asked.
    moved: bool,
}

impl<'a, C, S> Pipe<'a, C, S>
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    /// Between a client and a database that has just said that it is ready.
    pub(super) fn new(client: &'a mut C, server: &'a mut S) -> Self {
        Self { client, server, up: Way::default(), down: Way::default(), talk: Talk::ready(), lasting: None, moved: false }
    }

    /// The same, as long as this lasts: what is acknowledged afterwards could be in nobody's files.
    pub(super) fn while_it_lasts(mut self, lasting: Option<Lasting>) -> Self {
        self.lasting = lasting;
        self
    }

    /// The same, where the client has said something already.
    pub(super) fn behind(mut self, said: Vec<u8>) -> Self {
        self.talk.client(&said);
        self.up.kept = said;
        self
    }

    /// Until one side ends it. It may be given up and called again; nothing is lost in between.
    pub(super) async fn run(&mut self) -> io::Result<End> {
        poll_fn(|cx| self.poll(cx, false)).await
    }

    /// The same, or until nothing is going on: at once where that is now.
    pub(super) async fn run_until_idle(&mut self) -> io::Result<End> {
        poll_fn(|cx| self.poll(cx, true)).await
    }

    /// The same, or until nothing was going on and nothing was said for so long, or up to twice as long.
    pub(super) async fn run_until_quiet(&mut self, pause: Duration) -> io::Result<End> {
        loop {
            self.moved = false;
            tokio::select! {
                biased;
                end = self.run() => return end,
                () = sleep(pause) => {}
            }
            if !self.moved && self.talk.is_idle() && self.up.kept.is_empty() && self.down.kept.is_empty() {
                return Ok(End::Idle);
            }
        }
    }

    /// Whether the client can be told something: not in the middle of what the database says.
    pub(super) fn may_be_told(&self) -> bool {
        self.talk.may_be_told() && self.down.kept.is_empty()
    }

    fn poll(&mut self, cx: &mut Context<'_>, until_idle: bool) -> Poll<io::Result<End>> {
        let Self { client, server, up, down, talk, lasting, moved } = self;
        let said = up.poll(cx, *client, *server, |bytes| {
            *moved = true;
            talk.client(bytes);
        });
        if let Poll::Ready(Err(_)) = said {
            // the client is gone, or the database is about to say its last words: it learns that nobody asks any more
            up.give_up();
        }
        // a line that is full takes it later
        if up.parting && Pin::new(&mut **server).poll_shutdown(cx).is_ready() {
            up.parting = false;
        }
        if lasting.as_ref().is_some_and(|lasting| !lasting.lasts()) {
            return Poll::Ready(Ok(End::Lost));
        }
        let answered = down.poll(cx, *server, *client, |bytes| {
            *moved = true;
            talk.server(bytes);
        });
        if answered?.is_ready() {
            return Poll::Ready(Ok(End::Over));
        }
        let idle = until_idle && talk.is_idle() && up.kept.is_empty() && down.kept.is_empty();
        if idle { Poll::Ready(Ok(End::Idle)) } else { Poll::Pending }
    }
}

/// One direction.
#[derive(Default)]
struct Way {
    /// What was read and not yet taken by the other side, from `sent` on.
    kept: Vec<u8>,
    sent: usize,
    /// Something may still stand in the writer's own buffers.
    unflushed: bool,
    /// Nothing more comes.
    ended: bool,
    /// The other side knows that, or is about to.
    closed: bool,
    /// It was given up, and the other side has not been told to the end.
    parting: bool,
}

impl Way {
    /// Ready when nothing more comes and the other side knows it.
    fn poll<R, W>(&mut self, cx: &mut Context<'_>, from: &mut R, to: &mut W, mut follow: impl FnMut(&[u8])) -> Poll<io::Result<()>>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        if self.closed {
            return Poll::Ready(Ok(()));
        }
        for _ in 0..TURNS {
            ready!(self.poll_kept(cx, to))?;
            if self.ended {
                ready!(Pin::new(&mut *to).poll_shutdown(cx))?;
                self.closed = true;
                return Poll::Ready(Ok(()));
            }
            ready!(SCRATCH.with_borrow_mut(|scratch| self.poll_piece(cx, from, to, scratch, &mut follow)))?;
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Reads a piece and passes it on; what is not taken of it is kept. Pending where there is nothing to read.
    fn poll_piece<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut R,
        to: &mut W,
        scratch: &mut [u8],
        follow: &mut impl FnMut(&[u8]),
    ) -> Poll<io::Result<()>>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let mut piece = ReadBuf::new(scratch);
        match Pin::new(from).poll_read(cx, &mut piece) {
            Poll::Ready(Ok(())) => {}
            // a TLS client that hung up without a word
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => {
                if self.unflushed {
                    ready!(Pin::new(to).poll_flush(cx))?;
                    self.unflushed = false;
                }
                return Poll::Pending;
            }
        }
        let mut bytes = piece.filled();
        self.ended = bytes.is_empty();
        follow(bytes);
        while !bytes.is_empty() {
            match Pin::new(&mut *to).poll_write(cx, bytes)? {
                Poll::Ready(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(taken) => bytes = &bytes[taken..],
                Poll::Pending => {
                    self.kept.extend_from_slice(bytes);
                    break;
                }
            }
            self.unflushed = true;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_kept<W: AsyncWrite + Unpin>(&mut self, cx: &mut Context<'_>, to: &mut W) -> Poll<io::Result<()>> {
        while self.sent < self.kept.len() {
            match ready!(Pin::new(&mut *to).poll_write(cx, &self.kept[self.sent..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                taken => self.sent += taken,
            }
            self.unflushed = true;
        }
        if self.sent > 0 {
            // its memory as well: most sessions say little for the most time
            (self.kept, self.sent) = (Vec::new(), 0);
        }
        Poll::Ready(Ok(()))
    }

    fn give_up(&mut self) {
        *self = Self { ended: true, closed: true, parting: true, ..Self::default() };
    }
}

#[cfg(test)]
#[path = "pipe/tests.rs"]
mod tests;
