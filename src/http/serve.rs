//! The door: whoever finds no seat hears so.

use axum::{Router, response::IntoResponse};
use tokio::net::TcpListener;

use super::{doorway::Doorway, problem::Problem, routes};
use crate::seats::{InClear, Seats};

/// The most that a request's head may take, in bytes.
const HEAD: usize = 32 * 1024;

/// Serves until `shutdown`, then lets open requests end.
///
/// # Errors
/// None as yet: what fails with one client is that client's.
pub async fn serve(listener: TcpListener, door: Doorway) -> std::io::Result<()> {
    let (seats, shutdown) = (Seats { free: door.seats.clone(), slowest: door.slowest, head: HEAD }, door.shutdown.clone());
    let full = Router::new().fallback(async || Problem::crowded().into_response());
    seats.serve(listener, InClear, routes(door), full, shutdown).await;
    Ok(())
}
