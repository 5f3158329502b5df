//! HTTP connections: as many as there are seats, each with a limit on how slowly it may speak.

use std::{
    future::poll_fn,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1::Builder,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, sink},
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
/// What is read of whoever still sends when they have their answer: in bytes, and for so long.
const MORE: u64 = 64 << 20;
const MORE_FOR: Duration = Duration::from_secs(5);
/// How long nobody is let in after the system had no room for another connection.
const BREATH: Duration = Duration::from_millis(50);

/// How a connection becomes a line on which HTTP is spoken.
pub(crate) trait Entrance: Clone + Send + Sync + 'static {
    /// What is spoken on.
    type Line: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    /// What is known of who it is; an extension of each request.
    type Caller: Clone + Send + Sync + Unpin + 'static;

    /// Lets somebody in who comes from there; an error is for nobody to hear. It may be given up in between.
    fn enter(&self, stream: TcpStream, peer: IpAddr) -> impl Future<Output = io::Result<(Self::Line, Self::Caller)>> + Send;
}

/// As it comes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InClear;

impl Entrance for InClear {
    type Line = TcpStream;
    type Caller = ();

    async fn enter(&self, stream: TcpStream, _: IpAddr) -> io::Result<(TcpStream, ())> {
        Ok((stream, ()))
    }
}

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
    pub(crate) async fn serve(
        self,
        listener: TcpListener,
        entrance: impl Entrance,
        app: Router,
        full: Router,
        shutdown: CancellationToken,
    ) {
        let (told, mut clients) = (Arc::new(Semaphore::new(TOLD)), JoinSet::new());
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = shutdown.cancelled() => break,
            };
            let Ok(client) = accepted else {
                // one that hung up before it was let in, or no descriptor left: that passes
                sleep(BREATH).await;
                continue;
            };
            if let Ok(seat) = self.free.clone().try_acquire_owned() {
                let talk = self.talk(entrance.clone(), client, app.clone(), self.slowest, shutdown.clone());
                clients.spawn(async move { (talk.await, drop(seat)).1 });
            } else if let Ok(turn) = told.clone().try_acquire_owned() {
                let talk = self.talk(entrance.clone(), client, full.clone(), TELLING, CancellationToken::new());
                clients.spawn(async move { (timeout(TELLING, talk).await.unwrap_or_default(), drop(turn)).1 });
            }
            while clients.try_join_next().is_some() {}
        }
        // what is still open then is cut with the set
        timeout(DRAIN, async { while clients.join_next().await.is_some() {} }).await.unwrap_or_default();
    }

    /// One client, until it leaves, or has said nothing whole for too long, or the server stops and its request has its answer.
    fn talk<E: Entrance>(
        &self,
        entrance: E,
        (stream, peer): (TcpStream, SocketAddr),
        app: Router,
        slowest: Duration,
        shutdown: CancellationToken,
    ) -> impl Future<Output = ()> + use<E> {
        let mut builder = Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(slowest).max_buf_size(self.head);
        async move {
            let entering = enter(entrance, stream, peer.ip(), slowest);
            let Some(Some((line, caller))) = shutdown.run_until_cancelled(entering).await else { return };
            let app = TowerToHyperService::new(app);
            let service = service_fn(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(caller.clone());
                app.call(request)
            });
            let mut connection = builder.serve_connection(TokioIo::new(line), service);
            let ended = tokio::select! {
                ended = poll_fn(|context| connection.poll_without_shutdown(context)) => ended,
                () = shutdown.cancelled() => {
                    // nobody is waited for then who has an answer
                    std::pin::Pin::new(&mut connection).graceful_shutdown();
                    return (&mut connection).await.unwrap_or_default();
                }
            };
            if ended.is_ok() {
                hear_out(connection.into_parts().io.into_inner()).await;
            }
        }
    }
}

/// Says that no more is said, and reads what is still sent: a line that is closed with something unread is cut, and a refusal that is on its way is lost
/// with it.
async fn hear_out(mut line: impl AsyncRead + AsyncWrite + Unpin) {
    let rest = async {
        line.shutdown().await?;
        copy(&mut line.take(MORE), &mut sink()).await
    };
    // whoever has left by then heard it, or doesn't want to
    drop(timeout(MORE_FOR, rest).await);
}

/// Who came in, in time.
async fn enter<E: Entrance>(entrance: E, stream: TcpStream, peer: IpAddr, slowest: Duration) -> Option<(E::Line, E::Caller)> {
    match timeout(slowest, entrance.enter(stream, peer)).await {
        Ok(Ok(entered)) => Some(entered),
        Ok(Err(error)) => {
            tracing::debug!(%peer, "not let in: {error}");
            None
        }
        Err(_) => {
            tracing::debug!(%peer, "took too long to come in");
            None
        }
    }
}
