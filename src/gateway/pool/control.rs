//! The door by which a pooler is told of other members, paused and looked at: a socket for its owner only, loopback with a key, or TLS with one.

use std::{
    io,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    str::FromStr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Query, Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    net::{TcpListener, UnixListener},
    time::{Instant, sleep, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{Pooler, cluster::Refused, file::Members, shown};
use crate::{authority, causes::in_one_line, resource::Secret};

/// For how long open transactions go on when a pooler is paused, unless somebody says otherwise.
const BOUND: f64 = 5.0;

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A socket, which only its owner may use.
    Socket(PathBuf),
    /// An address of this machine.
    Loopback(SocketAddr),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => Ok(Self::Loopback(address)),
            Ok(_) => Err("the control door is of this machine only: a socket's path, or an address of loopback".to_owned()),
            Err(_) => Ok(Self::Socket(text.into())),
        }
    }
}

/// The door, before anybody is let in.
pub enum Door {
    /// Whoever may open the file may come.
    Socket(UnixListener),
    /// Whoever has the key may.
    Loopback(TcpListener, Secret),
    /// From anywhere, with the key.
    Secured(authority::Door, Secret),
}

impl Door {
    /// Opens it. At loopback a key is needed.
    ///
    /// # Errors
    /// Where the place is taken, or there is no key.
    pub async fn open(place: &Place, key: Option<Secret>) -> io::Result<Self> {
        match place {
            Place::Loopback(address) => {
                let key = key.ok_or_else(|| io::Error::other("at an address the control door needs a key (--control-key-file)"))?;
                Ok(Self::Loopback(TcpListener::bind(address).await?, key))
            }
            Place::Socket(path) => {
                match std::fs::remove_file(path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
                // there under its name only when it is nobody else's
                let aside = path.with_extension("new");
                drop(std::fs::remove_file(&aside));
                let listener = UnixListener::bind(&aside)?;
                std::fs::set_permissions(&aside, std::fs::Permissions::from_mode(0o600))?;
                std::fs::rename(&aside, path)?;
                Ok(Self::Socket(listener))
            }
        }
    }

    /// The port, where there is one.
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Loopback(listener, _) => Some(listener.local_addr().ok()?.port()),
            Self::Secured(door, _) => Some(door.at().port()),
            Self::Socket(_) => None,
        }
    }
}

/// Serves it until `shutdown`.
///
/// # Errors
/// Where nobody can be let in any more.
pub async fn serve(door: Door, pooler: Arc<Pooler>, shutdown: CancellationToken) -> io::Result<()> {
    let routes = routes(pooler);
    match door {
        Door::Socket(listener) => axum::serve(listener, routes).with_graceful_shutdown(shutdown.cancelled_owned()).await,
        Door::Loopback(listener, key) => {
            let routes = routes.layer(middleware::from_fn_with_state(key, only_with));
            axum::serve(listener, routes).with_graceful_shutdown(shutdown.cancelled_owned()).await
        }
        Door::Secured(door, key) => {
            let routes = routes.layer(middleware::from_fn_with_state(key, only_with));
            axum::serve(door, routes).with_graceful_shutdown(shutdown.cancelled_owned()).await
        }
    }
}

fn routes(pooler: Arc<Pooler>) -> Router {
    Router::new()
        .route("/members", post(members))
        .route("/reload", post(reload))
        .route("/pause", post(pause))
        .route("/resume", post(resume))
        .route("/status", get(status))
        .route("/metrics", get(metrics))
        .with_state(pooler)
}

async fn only_with(State(key): State<Secret>, request: Request, next: Next) -> Response {
    if key.is_borne_by(request.headers().get(header::AUTHORIZATION).and_then(|said| said.to_str().ok())) {
        return next.run(request).await;
    }
    refused(StatusCode::UNAUTHORIZED, "the control door wants its key as a bearer token")
}

fn refused(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}

/// Other members: known from now on, and in the file from the next start on.
async fn members(State(pooler): State<Arc<Pooler>>, Json(told): Json<Members>) -> Response {
    match pooler.take(&told) {
        Ok(()) => status(State(pooler)).await.into_response(),
        Err(Refused::Outdated(why)) => (StatusCode::CONFLICT, Json(json!({ "error": why.to_string(), "term": why.known }))).into_response(),
        Err(Refused::Senseless(why)) => refused(StatusCode::UNPROCESSABLE_ENTITY, &why),
    }
}

/// Reads the file and the certificate again.
async fn reload(State(pooler): State<Arc<Pooler>>) -> Response {
    match pooler.reload() {
        Ok(()) => status(State(pooler)).await.into_response(),
        Err(error) => refused(StatusCode::UNPROCESSABLE_ENTITY, &in_one_line(&*error)),
    }
}

#[derive(Deserialize)]
struct Bound {
    /// For how long open transactions go on.
    seconds: Option<f64>,
}

/// Lets nobody begin at the primary. Answers when nobody is in a transaction there any more, or they have been cut.
async fn pause(State(pooler): State<Arc<Pooler>>, Query(bound): Query<Bound>) -> Response {
    let Ok(bound) = Duration::try_from_secs_f64(bound.seconds.unwrap_or(BOUND)) else {
        return refused(StatusCode::BAD_REQUEST, "seconds is a number of seconds");
    };
    let (cluster, until) = (&pooler.cluster, Instant::now() + bound);
    let mut news = cluster.news();
    cluster.pause(true);
    // who is let go on meanwhile is not cut any more
    while cluster.is_paused() && cluster.busy() > 0 && Instant::now() < until {
        // a missed word is made good by looking again
        drop(timeout_at(until.min(Instant::now() + Duration::from_millis(50)), news.changed()).await);
    }
    let left = cluster.busy();
    if left > 0
        && cluster.is_paused()
        && let Some(primary) = cluster.view().primary()
    {
        primary.cut_all();
        // so that who is told that all is quiet finds it so
        while cluster.busy() > 0 && Instant::now() < until + Duration::from_secs(2) {
            sleep(Duration::from_millis(1)).await;
        }
    }
    Json(json!({ "paused": true, "cut": left })).into_response()
}

async fn resume(State(pooler): State<Arc<Pooler>>) -> Response {
    pooler.cluster.pause(false);
    Json(json!({ "paused": false })).into_response()
}

async fn status(State(pooler): State<Arc<Pooler>>) -> Json<serde_json::Value> {
    Json(shown::status(&pooler.cluster, pooler.certificate_ends()))
}

async fn metrics(State(pooler): State<Arc<Pooler>>) -> Response {
    let text = shown::metrics(&pooler.cluster, pooler.cluster.figures.clients.load(Ordering::Relaxed));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_is_of_this_machine_only() {
        assert_eq!("/run/pooler.sock".parse(), Ok(Place::Socket("/run/pooler.sock".into())));
        assert_eq!("127.0.0.1:6433".parse(), Ok(Place::Loopback("127.0.0.1:6433".parse().unwrap())));
        assert!("10.0.0.1:6433".parse::<Place>().is_err());
    }
}
