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

#[cfg(test)]
mod tests {
    use futures::future::BoxFuture;
    use tokio::{io::AsyncReadExt, net::UnixStream, sync::Semaphore, time::timeout};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// A log that keeps a piece when it may.
    struct Slow {
        kept: mpsc::UnboundedSender<Piece>,
        may: std::sync::Arc<Semaphore>,
    }

    impl Log for Slow {
        fn keep(&mut self, piece: Piece) -> BoxFuture<'_, Result<(), ShelfError>> {
            drop(self.kept.send(piece));
            Box::pin(async { self.may.acquire().await.map(tokio::sync::SemaphorePermit::forget).map_err(|_| refused()) })
        }
    }

    fn refused() -> ShelfError {
        ShelfError { doing: "keep it".to_owned(), source: "the number is taken".into() }
    }

    struct World {
        frames: mpsc::Sender<io::Result<Frame>>,
        kept: mpsc::UnboundedReceiver<Piece>,
        may: std::sync::Arc<Semaphore>,
        server: UnixStream,
        carried: tokio::task::JoinHandle<Result<(), Stop>>,
    }

    impl World {
        fn new(every: Option<Duration>) -> Self {
            let ((sender, mut frames), (kept, pieces)) = (mpsc::channel(WAITING), mpsc::unbounded_channel());
            let may = std::sync::Arc::new(Semaphore::new(0));
            let (server, ours) = UnixStream::pair().expect("two ends");
            let begin = Begin { name: "node".to_owned(), every, from: 100 };
            let mut carrier = Carrier::new(1, &begin, Box::new(Slow { kept, may: may.clone() }));
            let carried = tokio::spawn(async move { carrier.all(&mut frames, &mut ours.into_split().1).await });
            Self { frames: sender, kept: pieces, may, server, carried }
        }

        async fn send(&self, start: u64, bytes: &[u8]) {
            self.frames.send(Ok(Frame::Wal { start, bytes: bytes.to_vec() })).await.expect("it listens");
        }

        async fn kept(&mut self) -> (u64, Vec<u8>) {
            let piece = timeout(PATIENCE, self.kept.recv()).await.expect("in time").expect("a piece");
            (piece.start, piece.bytes)
        }

        /// Up to where the server was told that all is kept.
        async fn confirmed(&mut self) -> u64 {
            let mut message = [0; 1 + 4 + 34];
            timeout(PATIENCE, self.server.read_exact(&mut message)).await.expect("in time").expect("a message");
            u64::from_be_bytes(message[14..22].try_into().expect("eight bytes"))
        }

        async fn end(self) -> Result<(), Stop> {
            timeout(PATIENCE, self.carried).await.expect("in time").expect("a task")
        }
    }

    #[tokio::test]
    async fn what_comes_while_a_piece_is_on_its_way_is_the_next_one_and_nothing_is_confirmed_before_it_is_kept() {
        let mut world = World::new(None);
        assert_eq!(world.confirmed().await, 100);
        world.send(100, b"a").await;
        assert_eq!(world.kept().await, (100, b"a".to_vec()));
        world.send(101, b"bc").await;
        world.send(103, b"d").await;
        let early = timeout(Duration::from_millis(20), world.confirmed()).await;
        assert!(early.is_err(), "{early:?}");
        world.may.add_permits(1);
        assert_eq!(world.confirmed().await, 101);
        assert_eq!(world.kept().await, (101, b"bcd".to_vec()));
        world.may.add_permits(1);
        assert_eq!(world.confirmed().await, 104);
        world.frames.send(Ok(Frame::End)).await.expect("it listens");
        world.end().await.expect("a good end");
    }

    #[tokio::test]
    async fn a_server_that_stops_does_not_wait_for_the_interval() {
        let mut world = World::new(Some(Duration::from_secs(3600)));
        world.may.add_permits(10);
        assert_eq!(world.confirmed().await, 100);
        world.send(100, b"a").await;
        world.send(101, b"b").await;
        world.frames.send(Ok(Frame::Alive { asked: true })).await.expect("it listens");
        assert_eq!(world.kept().await, (100, b"ab".to_vec()));
        assert_eq!(world.confirmed().await, 102);
        world.frames.send(Ok(Frame::End)).await.expect("it listens");
        world.end().await.expect("a good end");
    }

    #[tokio::test]
    async fn a_gap_a_broken_line_and_a_taken_number_end_it() {
        let world = World::new(None);
        world.send(105, b"a").await;
        assert!(matches!(world.end().await, Err(Stop::Read(_))));
        let world = World::new(None);
        world.frames.send(Err(io::ErrorKind::UnexpectedEof.into())).await.expect("it listens");
        assert!(matches!(world.end().await, Err(Stop::Read(_))));
        let world = World::new(None);
        world.may.close();
        world.send(100, b"a").await;
        assert!(matches!(world.end().await, Err(Stop::Kept(_))));
    }
}
