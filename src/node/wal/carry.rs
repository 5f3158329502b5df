//! What comes from the server is gathered, kept and confirmed, in this order. While one piece is on its way the next one gathers: so however many
//! commit at once, each waits for two pieces at most.

use std::{io, time::Duration};

use tokio::{
    net::unix::OwnedWriteHalf,
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    Begin,
    stream::{self, Frame, Stream},
};
use crate::node::{Log, Piece, ShelfError};

/// How many frames may wait: each has at most 128 kB (`MAX_SEND_SIZE` of walsender.c).
const WAITING: usize = 16;
/// What is as long as this is kept without waiting for more, in bytes.
const FULL: usize = 4 << 20;

/// Why the log of a server is not carried any further.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    /// Nothing more is ever kept.
    #[error("could not keep a piece of the log")]
    Kept(#[source] ShelfError),
    /// The server is gone, or said something else.
    #[error("could not read the log of the server")]
    Read(#[source] io::Error),
}

/// What is between the server and the log.
pub(super) struct Carrier {
    log: Box<dyn Log>,
    timeline: u32,
    every: Duration,
    /// Up to where the log has it.
    kept: u64,
    /// What follows that, and is not kept yet.
    gathered: Vec<u8>,
    /// When something was kept last.
    at: Instant,
}

/// What is to be done with what was gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Wait,
    Keep,
    End,
}

impl Carrier {
    pub(super) fn new(timeline: u32, begin: &Begin, log: Box<dyn Log>) -> Self {
        let (every, kept) = (begin.every.unwrap_or_default(), begin.from);
        Self { log, timeline, every, kept, gathered: vec![], at: Instant::now() }
    }

    /// Until the server has stopped as it should.
    pub(super) async fn carry(mut self, stream: Stream) -> Result<(), Stop> {
        let (read, mut write) = stream.split();
        let (sender, mut frames) = mpsc::channel(WAITING);
        // frames are read while a piece is on its way
        tokio::select! {
            carried = self.all(&mut frames, &mut write) => carried,
            () = stream::forward(read, sender) => Err(Stop::Read(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    async fn all(&mut self, frames: &mut mpsc::Receiver<io::Result<Frame>>, write: &mut OwnedWriteHalf) -> Result<(), Stop> {
        self.confirm(write).await?;
        loop {
            let mut next = self.take(frames.recv().await)?;
            let due = self.at + self.every;
            while next == Next::Wait && Instant::now() < due {
                next = tokio::select! {
                    frame = frames.recv() => self.take(frame)?,
                    () = sleep_until(due) => Next::Keep,
                };
            }
            while next != Next::End
                && self.gathered.len() < FULL
                && let Ok(frame) = frames.try_recv()
            {
                next = self.take(Some(frame))?;
            }
            self.keep().await?;
            if next == Next::End {
                return Ok(());
            }
            self.confirm(write).await?;
        }
    }

    fn take(&mut self, frame: Option<io::Result<Frame>>) -> Result<Next, Stop> {
        match frame.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into())).map_err(Stop::Read)? {
            Frame::Wal { start, bytes } => {
                let wanted = self.kept + self.gathered.len() as u64;
                if start != wanted {
                    return Err(Stop::Read(io::Error::other(format!("it sent {start:X}, and {wanted:X} was to follow"))));
                }
                self.gathered.extend(bytes);
                Ok(if self.gathered.len() < FULL { Next::Wait } else { Next::Keep })
            }
            // when it stops it asks until all is confirmed
            Frame::Alive { asked } => Ok(if asked { Next::Keep } else { Next::Wait }),
            Frame::End => Ok(Next::End),
        }
    }

    async fn keep(&mut self) -> Result<(), Stop> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.gathered);
        let end = self.kept + bytes.len() as u64;
        self.log.keep(Piece { timeline: self.timeline, start: self.kept, bytes }).await.map_err(Stop::Kept)?;
        (self.kept, self.at) = (end, Instant::now());
        Ok(())
    }

    async fn confirm(&mut self, write: &mut OwnedWriteHalf) -> Result<(), Stop> {
        stream::confirm(write, self.kept).await.map_err(Stop::Read)
    }
}
