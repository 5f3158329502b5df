//! Connections: as many as there are seats, each with a limit on how slowly it may speak.

use std::{sync::Arc, time::Duration};

use axum::{Router, response::IntoResponse};
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

use super::{doorway::Doorway, problem::Problem, routes};

/// How long open requests have when the server stops.
const DRAIN: Duration = Duration::from_secs(10);
/// The most that a request's head may take, in bytes.
const HEAD: usize = 32 * 1024;
/// How many that find no seat are told so at the same time; of more than these the line is cut.
const TOLD: usize = 64;
/// How long somebody without a seat may take to hear so.
const TELLING: Duration = Duration::from_secs(2);
/// How long nobody is let in after the system had no room for another connection.
const BREATH: Duration = Duration::from_millis(50);

/// Serves until `shutdown`, then lets open requests end.
///
/// # Errors
/// None as yet: what fails with one client is that client's.
pub async fn serve(listener: TcpListener, door: Doorway) -> std::io::Result<()> {
    let (seats, shutdown, slowest) = (door.seats.clone(), door.shutdown.clone(), door.slowest);
    let (app, full) = (routes(door), Router::new().fallback(async || Problem::crowded().into_response()));
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
        if let Ok(seat) = seats.clone().try_acquire_owned() {
            let talk = talk(stream, app.clone(), slowest, shutdown.clone());
            clients.spawn(async move { (talk.await, drop(seat)).1 });
        } else if let Ok(turn) = told.clone().try_acquire_owned() {
            let talk = talk(stream, full.clone(), TELLING, CancellationToken::new());
            clients.spawn(async move { (timeout(TELLING, talk).await.unwrap_or_default(), drop(turn)).1 });
        }
        while clients.try_join_next().is_some() {}
    }
    // what is still open then is cut with the set
    timeout(DRAIN, async { while clients.join_next().await.is_some() {} }).await.unwrap_or_default();
    Ok(())
}

/// One client, until it leaves, or has said nothing whole for too long, or the server stops and its request has its answer.
async fn talk(stream: TcpStream, app: Router, slowest: Duration, shutdown: CancellationToken) {
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(slowest).max_buf_size(HEAD);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    connection.await.unwrap_or_default();
}
