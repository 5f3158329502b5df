//! HTTP connections: as many as there are seats, each with a limit on how slowly it may speak.

use std::{sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1::Builder;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How long open requests have when the server stops.
const DRAIN: Duration = Duration::from_secs(10);
/// How many that find no seat are told so at the same time; of more than these the line is cut.
const TOLD: usize = 64;
/// How long somebody without a seat may take to hear so.
const TELLING: Duration = Duration::from_secs(2);
/// How long nobody is let in after the system had no room for another connection.
const BREATH: Duration = Duration::from_millis(50);

/// How connections are let in.
#[derive(Clone, Debug)]
pub(crate) struct Seats {
    /// One for each client.
    pub(crate) free: Arc<Semaphore>,
    /// How long a request's head may take.
    pub(crate) slowest: Duration,
    /// The most that a request's head may take, in bytes.
    pub(crate) head: usize,
}

impl Seats {
    /// Serves `app` until `shutdown`, then lets open requests end. Who finds no seat hears what `full` has to say.
    pub(crate) async fn serve(self, listener: TcpListener, app: Router, full: Router, shutdown: CancellationToken) {
        let (told, mut clients) = (Arc::new(Semaphore::new(TOLD)), JoinSet::new());
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = shutdown.cancelled() => break,
            };
            let Ok((stream, _)) = accepted else {
                // one that hung up before it was let in, or no descriptor left: that passes
                sleep(BREATH).await;
                continue;
            };
            if let Ok(seat) = self.free.clone().try_acquire_owned() {
                let talk = self.talk(stream, app.clone(), self.slowest, shutdown.clone());
                clients.spawn(async move { (talk.await, drop(seat)).1 });
            } else if let Ok(turn) = told.clone().try_acquire_owned() {
                let talk = self.talk(stream, full.clone(), TELLING, CancellationToken::new());
                clients.spawn(async move { (timeout(TELLING, talk).await.unwrap_or_default(), drop(turn)).1 });
            }
            while clients.try_join_next().is_some() {}
        }
        // what is still open then is cut with the set
        timeout(DRAIN, async { while clients.join_next().await.is_some() {} }).await.unwrap_or_default();
    }

    /// One client, until it leaves, or has said nothing whole for too long, or the server stops and its request has its answer.
    fn talk(&self, stream: TcpStream, app: Router, slowest: Duration, shutdown: CancellationToken) -> impl Future<Output = ()> + use<> {
        let mut builder = Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(slowest).max_buf_size(self.head);
        async move {
            let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
            tokio::pin!(connection);
            tokio::select! {
                _ = connection.as_mut() => return,
                () = shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
            }
            connection.await.unwrap_or_default();
        }
    }
}
