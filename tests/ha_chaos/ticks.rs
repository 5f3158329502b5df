//! A job of each minute, which notes the minute: twice in one is refused by a key, and shows as a run that failed.

use sqlx::{Connection, PgConnection};

use super::{field::Field, ground::Ground, until};

/// There is such a job, and it has run.
pub(super) async fn begun(field: &Field, leads: u16) -> Result<(), String> {
    let at_home = field.door(leads).database("postgres");
    until("a job", async || {
        let mut main = PgConnection::connect_with(&field.door(leads)).await.ok()?;
        sqlx::raw_sql(include_str!("ticks.sql")).execute(&mut main).await.ok()?;
        let mut home = PgConnection::connect_with(&at_home).await.ok()?;
        sqlx::raw_sql(include_str!("tick.sql")).execute(&mut home).await.ok().map(drop)
    })
    .await?;
    let first = async || count(field, leads).await.filter(|count| *count > 0);
    until("the first run", first).await.map(drop)
}

/// Waits for the next run. None is missing since the first one, and none was twice. Answers how many there were.
pub(super) async fn one_more(field: &Field, leads: u16) -> Result<i64, String> {
    let before = until("the runs so far", async || count(field, leads).await).await?;
    let runs = until("the next run", async || count(field, leads).await.filter(|count| *count > before)).await?;
    let mut main = PgConnection::connect_with(&field.door(leads)).await.map_err(|error| error.to_string())?;
    let missing = sqlx::query_scalar::<_, String>(include_str!("missed.sql")).fetch_all(&mut main).await;
    let mut home = PgConnection::connect_with(&field.door(leads).database("postgres")).await.map_err(|error| error.to_string())?;
    let failed = sqlx::query_scalar::<_, String>(include_str!("failed.sql")).fetch_all(&mut home).await;
    let (missing, failed) = (missing.map_err(|error| error.to_string())?, failed.map_err(|error| error.to_string())?);
    if missing.is_empty() && failed.is_empty() { Ok(runs) } else { Err(format!("the job missed {missing:?}, and failed in {failed:?}")) }
}

async fn count(field: &Field, leads: u16) -> Option<i64> {
    let mut main = PgConnection::connect_with(&field.door(leads)).await.ok()?;
    sqlx::query_scalar("select count(*) from public.ticks").fetch_one(&mut main).await.ok()
}
