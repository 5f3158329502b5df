//! The WAL of a running server, carried to where it is kept, piece by piece; what is kept is confirmed to the server, which may let a commit wait for it.

mod carry;
mod stream;

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tokio::task::JoinHandle;

use self::{carry::Carrier, stream::Stream};
use super::{Error, Log, PORT, home::Place, tree};
use crate::causes::in_one_line;

/// How long the kernel may take to end what was killed.
const KILLED: Duration = Duration::from_secs(5);

static NAMES: AtomicU32 = AtomicU32::new(0);

/// How a log begins.
#[derive(Clone, Debug)]
pub(super) struct Begin {
    /// What the server knows the receiver by.
    pub(super) name: String,
    /// How often something is kept at most. `None`: at once, and commits wait for it.
    pub(super) every: Option<Duration>,
    /// Where in the WAL.
    pub(super) from: u64,
}

/// Whoever carries one server's WAL.
pub(super) struct Receiver(JoinHandle<()>);

impl Receiver {
    /// A name that no tenant's own standby has by chance.
    pub(super) fn name() -> String {
        let mut chance = [0; 8];
        // without chance a number does: it is only to tell it from a tenant's own
        let number =
            getrandom::fill(&mut chance).map_or_else(|_| NAMES.fetch_add(1, Ordering::Relaxed).into(), |()| u64::from_le_bytes(chance));
        format!("iasql_{number:016x}")
    }

    /// Connects to a server that has just started. From then on its WAL is carried until the server stops, which waits for that. Where it can't be,
    /// the server is killed: nobody hears of a commit that is not kept.
    ///
    /// # Errors
    /// When the server refuses.
    pub(super) async fn open(place: &Place, begin: Begin, log: Box<dyn Log>) -> Result<Self, Error> {
        let failed = |doing| move |source| Error::Stream { doing, id: place.id.clone(), source };
        let socket = place.sockets.join(format!(".s.PGSQL.{PORT}"));
        let mut stream = Stream::connect(&socket, &begin.name).await.map_err(failed("reach the log"))?;
        if let Err(error) = stream.make_slot(&begin.name).await {
            // all slots may be a tenant's: without one the server keeps less of what it has not sent yet
            tracing::warn!(database = place.id, error = in_one_line(&error), "no slot for the log");
            let timeline = stream.start(None, begin.from).await.map_err(failed("read the log"))?;
            return Ok(Self::carry(place, Carrier::new(timeline, &begin, log), stream));
        }
        let timeline = stream.start(Some(&begin.name), begin.from).await.map_err(failed("read the log"))?;
        Ok(Self::carry(place, Carrier::new(timeline, &begin, log), stream))
    }

    fn carry(place: &Place, carrier: Carrier, stream: Stream) -> Self {
        let (id, data) = (place.id.clone(), place.data());
        Self(tokio::spawn(async move {
            let Err(error) = carrier.carry(stream).await else { return };
            tracing::error!(database = id, error = in_one_line(&error), "its log can't be kept any more: its server is ended");
            tree::kill_all(&data, KILLED).await;
        }))
    }

    /// Whoever closes it knows that its server has ended.
    pub(super) async fn close(mut self) {
        self.0.abort();
        // that it was given up is known
        drop((&mut self.0).await);
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.0.abort();
    }
}
