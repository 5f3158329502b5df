//! Closes a database for a while, and opens it again. Doing either twice is doing it once.

use std::time::{Duration, Instant};

use sqlx::PgConnection;

use super::Error;
use crate::database::server::{connect, exists, run, step};

/// How often it is looked who is still there, and how long whoever was told to go may take.
const LOOK: Duration = Duration::from_millis(30);
const GONE: Duration = Duration::from_secs(20);

/// Lets nobody in any more; whoever is in the middle of something has `grace` to end it, and all others go at once.
///
/// # Errors
/// When the server refuses, or somebody does not go.
pub async fn close(admin_url: &str, name: &str, grace: Duration) -> Result<(), Error> {
    let mut server = connect(admin_url, None).await?;
    run(&mut server, "letting nobody in", include_str!("../sql/move_close.sql"), &[("database", name), ("tenant", name)]).await?;
    let started = Instant::now();
    while started.elapsed() < grace + GONE {
        let patient = started.elapsed() < grace;
        if end_sessions(&mut server, name, patient).await? == 0 {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(Error::Unfit("somebody is connected who can't be ended".to_owned()))
}

/// Lets the tenant and our services in, where the database is there.
///
/// # Errors
/// When the server refuses.
pub async fn open(admin_url: &str, name: &str) -> Result<(), Error> {
    let mut server = connect(admin_url, None).await?;
    if !exists(&mut server, name).await? {
        return Err(Error::Unfit("the database is not where the registry says".to_owned()));
    }
    let words = [("database", name), ("tenant", name)];
    run(&mut server, "letting our services in", include_str!("../sql/let_services_in.sql"), &words).await?;
    Ok(run(&mut server, "letting the tenant in", include_str!("../sql/move_open.sql"), &words).await?)
}

/// Answers for how many there were.
async fn end_sessions(server: &mut PgConnection, name: &str, patient: bool) -> Result<i64, Error> {
    let query = sqlx::query_scalar(include_str!("../sql/move_sessions.sql")).bind(name).bind(patient);
    Ok(query.fetch_one(server).await.map_err(step("ending who is connected"))?)
}
