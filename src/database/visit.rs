//! Visits: whoever puts a user's own views back is that tenant meanwhile and nobody else. So there is one at a time on a server.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::PgConnection;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{
    server::{Failed, run},
    services::server_of,
};

/// How long another engine's visit is waited for, and how often it is looked whether it is over.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);
/// How long somebody who began a visit may take to connect; after that it is one that an engine has left behind.
const CONNECTS: Duration = Duration::from_secs(15);
/// Postgres' word for a turn that is not to be had (lock_not_available).
const TAKEN: &str = "55P03";

/// The turns at servers in this process; other processes are kept out by the server itself.
static TURNS: Mutex<BTreeMap<String, Arc<Mutex<()>>>> = Mutex::const_new(BTreeMap::new());

/// A visit that is under way.
pub(super) struct Visit<'a> {
    tenant: &'a str,
    _turn: OwnedMutexGuard<()>,
}

impl<'a> Visit<'a> {
    /// Lets the visitor in as the tenant, when nobody else is being visited.
    pub(super) async fn begin(admin_url: &str, inside: &mut PgConnection, tenant: &'a str) -> Result<Self, Failed> {
        let turn = TURNS.lock().await.entry(server_of(admin_url).to_owned()).or_default().clone();
        let visit = Self { tenant, _turn: turn.lock_owned().await };
        let started = Instant::now();
        loop {
            let is_stale = if started.elapsed() > CONNECTS { "true" } else { "false" };
            let words = [("tenant", tenant), ("is_stale", is_stale)];
            match run(inside, "letting a visitor in", include_str!("sql/visit.sql"), &words).await {
                Err(error) if is_taken(&error) && started.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
                begun => return begun.map(|()| visit),
            }
        }
    }

    /// The visitor is nobody again.
    pub(super) async fn end(self, inside: &mut PgConnection) -> Result<(), Failed> {
        run(inside, "ending a visit", r#"revoke :"tenant" from iasql_visitor"#, &[("tenant", self.tenant)]).await
    }
}

fn is_taken(error: &Failed) -> bool {
    error.source.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == TAKEN)
}
