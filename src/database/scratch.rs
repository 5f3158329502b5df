//! Databases that are made for a while: to become a template, or to be looked at. What a killed engine left of them is removed.

use std::str::FromStr;

use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};

use super::{
    server::{Failed, run, step},
    setup,
    unmade::Error,
};

/// Whoever makes it: a session that bears its name, for as long as this value lives. It ends with the process, however that ends.
#[derive(Debug)]
pub(super) struct Claim(#[expect(dead_code, reason = "what counts is that it is connected")] PgConnection);

impl Claim {
    /// Says that somebody is at the database of this name, which need not exist yet.
    pub(super) async fn of(admin_url: &str, name: &str) -> Result<Self, Failed> {
        let options = PgConnectOptions::from_str(admin_url).map_err(step("reading the server's address"))?;
        let connected = options.application_name(name).connect().await;
        connected.map(Self).map_err(step("claiming a database that is made for a while"))
    }
}

/// Removes what nobody is at any more. What can't be removed now is tried again the next time.
pub(super) async fn sweep(admin_url: &str, server: &mut PgConnection) -> Result<(), Error> {
    let query = sqlx::query_scalar(include_str!("sql/scratch.sql"));
    let left: Vec<String> = query.fetch_all(&mut *server).await.map_err(step("looking for databases that a killed engine left"))?;
    for name in left {
        match remove(admin_url, server, &name).await {
            Ok(()) => tracing::info!(database = name, "removed what an engine left that was killed"),
            Err(error) => tracing::warn!(database = name, %error, "what an engine left that was killed could not be removed"),
        }
    }
    Ok(())
}

async fn remove(admin_url: &str, server: &mut PgConnection, name: &str) -> Result<(), Error> {
    if name.starts_with("iasql_golden_") {
        return setup::remove(admin_url, name).await;
    }
    let words = [("raw", name)];
    // without force: an engine of release 0.1 may have come to it a moment ago
    Ok(run(server, "dropping a template that was not finished", r#"drop database if exists :"raw""#, &words).await?)
}
