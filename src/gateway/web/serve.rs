//! Connections of the second door: as many as there are seats, each with a limit on how slowly it may begin.

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

use super::{Web, routes};

/// How many may be connected at a time; of more than these the line is cut.
const SEATS: usize = 256;
/// How long a request's head may take.
const SLOWEST: Duration = Duration::from_secs(10);
/// The most that a request's head may take, in bytes.
const HEAD: usize = 16 * 1024;
/// How long open requests have when the gateway stops.
const DRAIN: Duration = Duration::from_secs(10);
/// How long nobody is let in after the system had no room for another connection.
const BREATH: Duration = Duration::from_millis(50);

/// Serves until `shutdown`, then lets open requests end. There is no TLS here: it stands behind something that ends it, or on loopback.
pub async fn serve(listener: TcpListener, web: Web, shutdown: CancellationToken) {
    let (app, seats, mut clients) = (routes(web), Arc::new(Semaphore::new(SEATS)), JoinSet::new());
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
        if let Ok(seat) = seats.clone().try_acquire_owned() {
            let talk = talk(stream, app.clone(), shutdown.clone());
            clients.spawn(async move { (talk.await, drop(seat)).1 });
        }
        while clients.try_join_next().is_some() {}
    }
    // what is still open then is cut with the set
    timeout(DRAIN, async { while clients.join_next().await.is_some() {} }).await.unwrap_or_default();
}

async fn talk(stream: TcpStream, app: Router, shutdown: CancellationToken) {
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(SLOWEST).max_buf_size(HEAD);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    connection.await.unwrap_or_default();
}
