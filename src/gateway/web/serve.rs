//! The second door: uploads and downloads over HTTP.

use std::{sync::Arc, time::Duration};

use axum::{Router, response::IntoResponse};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

use super::{Web, refusal::Refusal, routes};
use crate::seats::Seats;

/// How many may be connected at a time.
const SEATS: usize = 256;
/// How long a request's head may take.
const SLOWEST: Duration = Duration::from_secs(10);
/// The most that a request's head may take, in bytes.
const HEAD: usize = 16 * 1024;

/// Serves until `shutdown`, then lets open requests end. There is no TLS here: it stands behind something that ends it, or on loopback.
pub async fn serve(listener: TcpListener, web: Web, shutdown: CancellationToken) {
    let seats = Seats { free: Arc::new(Semaphore::new(SEATS)), slowest: SLOWEST, head: HEAD };
    let full = Router::new().fallback(async || Refusal::crowded().into_response());
    seats.serve(listener, routes(web), full, shutdown).await;
}
