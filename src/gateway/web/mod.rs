//! The gateway's second door: a database's files over HTTP, up and down.
//!
//! `serve` lets in, `asker` says from where, `ask` checks who it is, `status`, `download` and `uploads` answer, `refusal` says no.

mod ask;
mod asker;
mod download;
mod refusal;
mod serve;
mod status;
mod uploads;

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use aws_lc_rs::hmac;
use axum::{
    Router,
    routing::{get, post},
};
use tokio::sync::Semaphore;
use uuid::Uuid;

pub use serve::{serve, serve_tls};

use super::{Guesses, Here, Network, Settings, limits::Counts};

/// How many uploads there may be at a time, in all databases: each has two clusters beside.
const UPLOADS: usize = 4;
/// How many passwords are checked at a time: each is 4096 rounds of a hash.
const CHECKS: usize = 2;

/// The databases of a node, for whoever knows their passwords. A clone is the same one.
#[derive(Clone)]
pub struct Web(Arc<Shared>);

struct Shared {
    here: Here,
    strangers: hmac::Key,
    pglite: Option<PathBuf>,
    /// Into which something is being uploaded.
    busy: Mutex<HashSet<Uuid>>,
    uploads: Semaphore,
    counts: Arc<Counts>,
    checks: Arc<Semaphore>,
    guesses: Arc<Guesses>,
    trusted: Arc<[Network]>,
}

impl Web {
    /// For these databases, beside a gateway with these settings. `pglite` is the folder that `scripts/install.sh` makes, where there is one.
    pub fn new(here: Here, settings: &Settings, pglite: Option<PathBuf>) -> Self {
        let strangers = hmac::Key::new(hmac::HMAC_SHA256, settings.secret.expose().as_bytes());
        let (guesses, trusted) = (Arc::clone(&settings.guesses), Arc::from(&*settings.trusted));
        let (busy, uploads, checks) = (Mutex::default(), Semaphore::new(UPLOADS), Arc::new(Semaphore::new(CHECKS)));
        let counts = Arc::new(Counts::new(settings.limits));
        Self(Arc::new(Shared { here, strangers, pglite, busy, uploads, counts, checks, guesses, trusted }))
    }
}

/// Every route.
fn routes(web: Web) -> Router {
    Router::new()
        .route("/databases/{id}", get(status::status))
        .route("/databases/{id}/versions", get(status::versions))
        .route("/databases/{id}/download", get(download::download))
        .route("/databases/{id}/upload", post(uploads::upload))
        .route("/databases/{id}/restore", post(uploads::restore))
        .fallback(refusal::no_such_page)
        .method_not_allowed_fallback(refusal::no_such_method)
        .with_state(web)
}
