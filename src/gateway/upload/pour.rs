//! A request's body as a reader for a thread that may block: a few chunks wait at most, and whoever sends too slowly or stops is told apart.

use std::{
    io::{self, ErrorKind, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::body::{Body, Bytes};
use futures::StreamExt;
use tokio::{sync::mpsc, time::timeout};

/// How many chunks wait for whoever reads; each is some 100 kB at most.
const WAITING: usize = 8;
/// How long nothing may come.
const SILENT: Duration = Duration::from_secs(30);
/// How much may come out of what is compressed whatever its ratio, in bytes: an empty cluster is mostly zeros.
const FREE: u64 = 128 << 20;
/// How many bytes may come out of one beyond that.
const RATIO: u64 = 250;

/// What has come of a body. An end that is none is an error.
pub(super) struct Poured {
    chunks: mpsc::Receiver<io::Result<Option<Bytes>>>,
    rest: Bytes,
    ended: bool,
    /// How many bytes have come, for whoever counts what becomes of them.
    pub(super) count: Arc<AtomicU64>,
}

/// A reader, and the work that feeds it, to be done at the same time.
pub(super) fn pour(body: Body) -> (Poured, impl Future<Output = ()> + Send) {
    let (sender, chunks) = mpsc::channel(WAITING);
    let poured = Poured { chunks, rest: Bytes::new(), ended: false, count: Arc::default() };
    (poured, pump(body, sender))
}

async fn pump(body: Body, sender: mpsc::Sender<io::Result<Option<Bytes>>>) {
    let mut body = body.into_data_stream();
    loop {
        let next = match timeout(SILENT, body.next()).await {
            Err(_) => Err(io::Error::new(ErrorKind::TimedOut, format!("nothing came for {} seconds", SILENT.as_secs()))),
            Ok(None) => Ok(None),
            Ok(Some(Ok(bytes))) => Ok(Some(bytes)),
            Ok(Some(Err(_))) => Err(io::Error::new(ErrorKind::ConnectionAborted, "the line was cut before the end")),
        };
        let is_last = !matches!(next, Ok(Some(_)));
        if sender.send(next).await.is_err() || is_last {
            return;
        }
    }
}

impl Read for Poured {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() && !self.ended {
            match self.chunks.blocking_recv() {
                Some(Ok(Some(bytes))) => self.rest = bytes,
                Some(Ok(None)) => self.ended = true,
                Some(Err(error)) => return Err(error),
                None => return Err(io::Error::new(ErrorKind::ConnectionAborted, "the line was cut before the end")),
            }
        }
        let length = self.rest.len().min(into.len());
        into[..length].copy_from_slice(&self.rest.split_to(length));
        self.count.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

/// What comes out of something compressed, as long as its ratio is an ordinary one.
pub(super) struct Opened<R> {
    from: R,
    out: u64,
    into: Arc<AtomicU64>,
}

impl<R> Opened<R> {
    /// `into` counts the bytes that went in.
    pub(super) fn new(from: R, into: Arc<AtomicU64>) -> Self {
        Self { from, out: 0, into }
    }
}

impl<R: Read> Read for Opened<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(into)?;
        self.out += length as u64;
        if self.out > FREE + self.into.load(Ordering::Relaxed).saturating_mul(RATIO) {
            return Err(io::Error::new(ErrorKind::FileTooLarge, format!("it becomes more than {RATIO} times as large as it came")));
        }
        Ok(length)
    }
}
