//! A batch and its answer: bytes both ways, followed from message to message.
//!
//! The beginning of an answer is held back, so that what a standby refuses, or what a server took no notice of, is asked elsewhere before the client has heard
//! anything.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    answers::{Answers, Owed},
    forward::forward,
    intake::{Intake, Step, message},
    server::Server,
    statements::Registry,
};
use crate::gateway::{refusal::Refusal, tls::Front};

/// What is read at once, in bytes.
const PIECE: usize = 64 * 1024;
/// How much of an answer is held back, in bytes: more than Postgres itself holds back.
const HOLD: usize = 16 * 1024;
/// After so many pieces others have their turn.
const TURNS: usize = 16;

thread_local! {
    /// One for all sessions of a thread: it is used only between a read and the write after it.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; PIECE]);
}

/// Has this use it.
pub(super) fn with_scratch<T>(used: impl FnOnce(&mut [u8]) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| used(scratch))
}

/// How it ended.
#[derive(Debug)]
pub(super) enum End {
    /// The batch has its answer.
    Answered,
    /// It should be asked elsewhere: the client has heard nothing, and nothing has happened, or nothing that matters.
    Elsewhere,
    /// The server is lost, and the client has heard of it in the server's own words, or has not.
    Lost { told: bool },
    /// The server was cut off.
    Cut,
    /// The client is gone.
    Gone(io::Error),
    /// The client says what makes no sense.
    Refused(Refusal),
}

/// What is used again from batch to batch.
#[derive(Default)]
pub(super) struct Spare {
    /// On its way to the server.
    out: Vec<u8>,
    /// On its way to the client, from `passed` on.
    kept: Vec<u8>,
    passed: usize,
    pub(super) answers: Answers,
}

impl Spare {
    /// Whether the client has not taken all of the last answer.
    pub(super) fn is_behind(&self) -> bool {
        self.passed < self.kept.len()
    }

    /// Has the client take it. Ready when it has.
    pub(super) fn poll_rest(&mut self, cx: &mut Context<'_>, client: &mut Front) -> Poll<io::Result<()>> {
        while self.passed < self.kept.len() {
            match Pin::new(&mut *client).poll_write(cx, &self.kept[self.passed..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(taken)) => self.passed += taken,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        self.kept.clear();
        self.passed = 0;
        if self.kept.capacity() > 2 * HOLD {
            self.kept = Vec::new();
        }
        Pin::new(client).poll_flush(cx)
    }

    /// Something that a server says without being asked.
    pub(super) fn keep(&mut self, bytes: &[u8]) {
        self.kept.extend(bytes);
    }
}

/// A client and a server, for one batch.
pub(super) struct Exchange<'a> {
    pub(super) client: &'a mut Front,
    pub(super) server: &'a mut Server,
    pub(super) intake: &'a mut Intake,
    pub(super) registry: &'a Registry,
    pub(super) spare: &'a mut Spare,
    /// The answer's beginning is held back.
    pub(super) hold: bool,
    /// Another place may answer what this one refuses: it is a standby, or held to reading.
    pub(super) is_tried: bool,
    forwarded: usize,
    sent: usize,
    unflushed: bool,
    /// The server takes nothing more.
    deaf: bool,
    written: bool,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(
        client: &'a mut Front,
        server: &'a mut Server,
        intake: &'a mut Intake,
        registry: &'a Registry,
        spare: &'a mut Spare,
    ) -> Self {
        let (forwarded, sent) = (0, 0);
        Self {
            client,
            server,
            intake,
            registry,
            spare,
            hold: false,
            is_tried: false,
            forwarded,
            sent,
            unflushed: false,
            deaf: false,
            written: false,
        }
    }

    /// Has the server asked.
    pub(super) fn begin(&mut self) {
        self.spare.answers.begin();
        self.spare.out.clear();
        let closed = self.server.held.trim(&mut self.spare.out);
        (0..closed).for_each(|_| self.spare.answers.owes(Owed::Closed));
        self.hold &= self.intake.batch.ended && self.intake.batch.more == 0;
        self.push();
    }

    /// Writes out what of the batch has come.
    fn push(&mut self) {
        let Self { spare, intake, server, .. } = self;
        self.forwarded = forward(intake, self.forwarded, &mut server.held, &mut spare.answers, &mut spare.out);
        if !self.hold {
            intake.trim();
            self.forwarded = 0;
        }
    }

    /// Until there is an answer.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        if self.server.poll_cut(cx).is_ready() {
            return Poll::Ready(if self.may_go_elsewhere() { self.elsewhere() } else { End::Cut });
        }
        for _ in 0..TURNS {
            let up = match self.poll_up(cx) {
                Ok(moved) => moved,
                Err(end) => return Poll::Ready(end),
            };
            let down = match self.poll_down(cx) {
                Ok(moved) => moved,
                Err(end) => return Poll::Ready(end),
            };
            if self.is_answered() {
                return Poll::Ready(self.answered(cx));
            }
            if !up && !down {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn is_answered(&self) -> bool {
        let (answers, batch) = (&self.spare.answers, &self.intake.batch);
        let all_sent = self.spare.out.is_empty() || self.deaf;
        answers.asked == 0 && answers.is_between() && batch.ended && batch.more == 0 && !answers.copies && !answers.reopened && all_sent
    }

    fn answered(&mut self, cx: &mut Context<'_>) -> End {
        let answers = &self.spare.answers;
        if self.hold && self.is_tried && answers.status == b'I' {
            // but what the client itself has ended, or its time
            let refused = answers.complaint(&self.spare.kept).is_some_and(|(code, _)| code != b"57014");
            if refused {
                return self.elsewhere();
            }
        }
        // what the client does not take now, it takes before its next batch
        match self.spare.poll_rest(cx, self.client) {
            Poll::Ready(Err(error)) => End::Gone(error),
            _ => End::Answered,
        }
    }

    /// Whether nothing that the client knows of depends on this server.
    fn may_go_elsewhere(&self) -> bool {
        self.hold && (self.intake.batch.meaning().read || !self.written)
    }

    fn elsewhere(&mut self) -> End {
        self.spare.kept.clear();
        End::Elsewhere
    }

    /// The server says nothing more.
    fn lost(&mut self) -> End {
        let answers = &self.spare.answers;
        let complaint = answers.complaint(&self.spare.kept);
        // ended by its administrator while it waited, or in the middle of what is undone by that: a commit is followed by its completion, in this order
        let undone = self.hold && !answers.completed && complaint == Some((b"57P01", true));
        if self.may_go_elsewhere() || undone {
            return self.elsewhere();
        }
        let told = !self.hold && answers.failed && answers.is_between() && answers.asked > 0;
        if self.hold {
            self.spare.kept.clear();
        }
        End::Lost { told }
    }

    /// Towards the server. Whether something moved.
    fn poll_up(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        let mut moved = false;
        while self.sent < self.spare.out.len() && !self.deaf {
            match Pin::new(&mut self.server.line).poll_write(cx, &self.spare.out[self.sent..]) {
                Poll::Ready(Ok(taken)) if taken > 0 => {
                    (self.sent, self.written, self.unflushed, moved) = (self.sent + taken, true, true, true);
                }
                // its last words may still come
                Poll::Ready(_) => self.deaf = true,
                Poll::Pending => return Ok(moved),
            }
        }
        self.spare.out.clear();
        self.sent = 0;
        if self.unflushed && !self.deaf {
            match Pin::new(&mut self.server.line).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(_)) => self.deaf = true,
                Poll::Pending => return Ok(moved),
            }
        }
        while self.wants_more() && self.spare.out.is_empty() {
            let had = self.intake.bytes.len();
            self.feed()?;
            if !self.spare.out.is_empty() || !self.wants_more() {
                return Ok(true);
            }
            if self.poll_client(cx)? {
                moved = true;
            } else if self.intake.bytes.len() == had {
                break;
            }
        }
        Ok(moved)
    }

    fn wants_more(&self) -> bool {
        let (answers, batch) = (&self.spare.answers, &self.intake.batch);
        !self.hold && (batch.more > 0 || !batch.ended || answers.copies || answers.reopened)
    }

    /// Reads what the client says. Whether there was something.
    fn poll_client(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut piece = ReadBuf::new(scratch);
            match Pin::new(&mut *self.client).poll_read(cx, &mut piece) {
                Poll::Ready(Ok(())) if piece.filled().is_empty() => Err(End::Gone(io::ErrorKind::UnexpectedEof.into())),
                Poll::Ready(Ok(())) => {
                    let (now, later) = piece.filled().split_at(piece.filled().len().min(self.intake.batch.more));
                    self.intake.batch.more -= now.len();
                    self.spare.out.extend(now);
                    self.intake.bytes.extend(later);
                    Ok(true)
                }
                Poll::Ready(Err(error)) => Err(End::Gone(error)),
                Poll::Pending => Ok(false),
            }
        })
    }

    /// Takes what the client has said into what goes to the server.
    fn feed(&mut self) -> Result<(), End> {
        loop {
            let (answers, batch) = (&mut self.spare.answers, &self.intake.batch);
            if batch.more > 0 {
                return Ok(());
            }
            if answers.copies {
                if !self.feed_copy()? {
                    return Ok(());
                }
                continue;
            }
            if std::mem::take(&mut answers.reopened) {
                self.intake.batch.ended = false;
            }
            if self.intake.batch.ended {
                return Ok(());
            }
            let step = self.intake.scan(self.registry).map_err(End::Refused)?;
            self.push();
            match step {
                Step::Left => return Err(End::Gone(io::ErrorKind::UnexpectedEof.into())),
                Step::More | Step::Whole => return Ok(()),
                Step::Open => {}
            }
        }
    }

    /// A message of a COPY, or as much of it as there is. Whether there may be another one.
    fn feed_copy(&mut self) -> Result<bool, End> {
        let Some((head, _)) = self.intake.bytes.split_first_chunk::<5>() else { return Ok(false) };
        let (kind, whole) = message(*head).map_err(End::Refused)?;
        match kind {
            b'd' | b'H' | b'S' => {}
            b'c' | b'f' => self.spare.answers.copies = false,
            b'X' => return Err(End::Gone(io::ErrorKind::UnexpectedEof.into())),
            _ => return Err(End::Refused(Refusal::Protocol("a message of another kind than expected in a COPY"))),
        }
        let have = whole.min(self.intake.bytes.len());
        self.spare.out.extend(self.intake.bytes.drain(..have));
        self.intake.batch.more = whole - have;
        Ok(have == whole && self.spare.out.len() < PIECE)
    }

    /// Towards the client. Whether something moved.
    fn poll_down(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        if !self.hold && self.spare.is_behind() {
            match self.spare.poll_rest(cx, self.client) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Err(End::Gone(error)),
                Poll::Pending => return Ok(false),
            }
        }
        SCRATCH.with_borrow_mut(|scratch| {
            let mut piece = ReadBuf::new(scratch);
            match Pin::new(&mut self.server.line).poll_read(cx, &mut piece) {
                Poll::Ready(Ok(())) if !piece.filled().is_empty() => self.hear(cx, piece.filled()).map(|()| true),
                Poll::Ready(_) => Err(self.lost()),
                Poll::Pending => Ok(false),
            }
        })
    }

    /// The server has said this.
    fn hear(&mut self, cx: &mut Context<'_>, mut bytes: &[u8]) -> Result<(), End> {
        let Spare { answers, kept, .. } = &mut *self.spare;
        if self.hold || !answers.is_plain() {
            answers.follow(bytes, kept);
            answers.got.drain(..).for_each(|(id, named)| self.server.held.got(id, named));
            if answers.copies || kept.len() > HOLD {
                self.let_go();
            }
            return Ok(());
        }
        answers.pass(bytes);
        while !bytes.is_empty() {
            match Pin::new(&mut *self.client).poll_write(cx, bytes) {
                Poll::Ready(Ok(taken)) if taken > 0 => bytes = &bytes[taken..],
                Poll::Ready(Ok(_)) => return Err(End::Gone(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Err(error)) => return Err(End::Gone(error)),
                Poll::Pending => {
                    kept.extend(bytes);
                    break;
                }
            }
        }
        Ok(())
    }

    /// Holds nothing back any more: from now on the batch is not asked elsewhere.
    fn let_go(&mut self) {
        if std::mem::take(&mut self.hold) {
            self.intake.trim();
            self.forwarded = 0;
        }
    }
}
