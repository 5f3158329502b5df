//! The second door: uploads and downloads over HTTP, under TLS from anywhere, or in clear from this machine.

use std::{sync::Arc, time::Duration};

use axum::{Router, response::IntoResponse};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

use super::{
    Web,
    asker::{InClear, Secure},
    refusal::Refusal,
    routes,
};
use crate::{
    gateway::{
        Certificates,
        limits::{Counts, Limits},
    },
    seats::{Entrance, Seats},
};

/// How many may be connected at a time.
const SEATS: usize = 256;
/// How many of them may be of one address, where anybody may come.
const OF_ONE_ADDRESS: usize = 64;
/// How long a TLS handshake may take, and a request's head.
const SLOWEST: Duration = Duration::from_secs(10);
/// The most that a request's head may take, in bytes.
const HEAD: usize = 16 * 1024;

/// Serves in clear until `shutdown`, then lets open requests end: on loopback only, behind something that ends TLS. The last address that
/// `X-Forwarded-For` names is the caller's.
pub async fn serve(listener: TcpListener, web: Web, shutdown: CancellationToken) {
    open(listener, InClear, web, shutdown).await;
}

/// Serves under TLS until `shutdown`, then lets open requests end. Shown is what the gateway shows.
pub async fn serve_tls(listener: TcpListener, certificates: Arc<Certificates>, web: Web, shutdown: CancellationToken) {
    let limits = Limits { per_address: OF_ONE_ADDRESS, ..Limits::default() };
    let entrance = Secure { certificates, trusted: Arc::clone(&web.0.trusted), counts: Arc::new(Counts::new(limits)) };
    open(listener, entrance, web, shutdown).await;
}

async fn open(listener: TcpListener, entrance: impl Entrance, web: Web, shutdown: CancellationToken) {
    let seats = Seats { free: Arc::new(Semaphore::new(SEATS)), slowest: SLOWEST, head: HEAD };
    let full = Router::new().fallback(async || Refusal::crowded().into_response());
    seats.serve(listener, entrance, routes(web), full, shutdown).await;
}
