//! An administrator's connection to a server, and SQL with words filled in where no parameter may stand.

use std::{collections::HashMap, str::FromStr};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

/// How often something is tried again that another engine may be changing too.
const TRIES: usize = 5;

/// A step that failed.
#[derive(Debug, thiserror::Error)]
#[error("{step} failed")]
pub struct Failed {
    /// What was tried.
    pub step: &'static str,
    /// What the database said.
    pub source: sqlx::Error,
}

/// Connects to the server's own database, or to another one on it.
pub(super) async fn connect(admin_url: &str, database: Option<&str>) -> Result<PgConnection, Failed> {
    let options = PgConnectOptions::from_str(admin_url).map_err(step("reading the server's address"))?;
    let options = database.map_or(options.clone(), |name| options.database(name)).application_name("iasql setup");
    // what the user has made in public is never taken for something of ours
    let options = options.options([("search_path", "pg_catalog,pg_temp")]);
    options.connect().await.map_err(step("connecting to the server"))
}

/// Fails where the server does not answer, or the login there may not make databases and roles.
///
/// # Errors
/// What the server said.
pub async fn is_administered(admin_url: &str) -> Result<(), Failed> {
    let mut server = connect(admin_url, None).await?;
    let query =
        sqlx::query_scalar("select rolsuper or rolcreatedb and rolcreaterole from pg_catalog.pg_roles where rolname = current_user");
    let may: bool = query.fetch_one(&mut server).await.map_err(step("looking what the login may do"))?;
    if may { Ok(()) } else { Err(step("looking whether the login may make databases and roles")(sqlx::Error::RowNotFound)) }
}

/// How many rows were written in each database, as the server counts them; it may be a few seconds behind.
///
/// # Errors
/// When the server does not answer.
pub async fn writes(admin_url: &str) -> Result<HashMap<String, i64>, Failed> {
    let mut server = connect(admin_url, None).await?;
    let counted: Vec<(String, i64)> =
        sqlx::query_as(include_str!("sql/writes.sql")).fetch_all(&mut server).await.map_err(step("counting what was written"))?;
    server.close().await.map_err(step("leaving the server"))?;
    Ok(counted.into_iter().collect())
}

/// Runs SQL, all of it or (but for what can't be undone) nothing.
pub(super) async fn run(connection: &mut PgConnection, what: &'static str, sql: &str, words: &[(&str, &str)]) -> Result<(), Failed> {
    sqlx::raw_sql(AssertSqlSafe(fill(sql, words))).execute(connection).await.map(drop).map_err(step(what))
}

/// The same for what concerns a role or the like, which another engine may be changing at the same moment: tried a few times.
pub(super) async fn run_again(connection: &mut PgConnection, what: &'static str, sql: &str, words: &[(&str, &str)]) -> Result<(), Failed> {
    for _ in 0..TRIES {
        if let Ok(()) = run(connection, what, sql, words).await {
            return Ok(());
        }
    }
    run(connection, what, sql, words).await
}

/// Whether there is a database of this name.
pub(super) async fn exists(server: &mut PgConnection, name: &str) -> Result<bool, Failed> {
    let query = sqlx::query_scalar("select exists (select from pg_catalog.pg_database where datname = $1)").bind(name);
    query.fetch_one(server).await.map_err(step("looking for the database"))
}

/// Says which step failed.
pub(super) fn step(step: &'static str) -> impl FnOnce(sqlx::Error) -> Failed {
    move |source| Failed { step, source }
}

/// Puts words into SQL where psql would: `:"word"` as an identifier, `:'word'` as a text.
pub(super) fn fill(sql: &str, words: &[(&str, &str)]) -> String {
    words.iter().fold(sql.to_owned(), |sql, (key, word)| {
        let (identifier, literal) = (word.replace('"', "\"\""), word.replace('\'', "''"));
        sql.replace(&format!(":\"{key}\""), &format!("\"{identifier}\"")).replace(&format!(":'{key}'"), &format!("'{literal}'"))
    })
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn words_are_quoted_where_psql_would_quote_them() {
        let filled = fill(r#"alter role :"who" password :'what' -- :who"#, &[("who", r#"a"b"#), ("what", "it's")]);
        assert_eq!(filled, r#"alter role "a""b" password 'it''s' -- :who"#);
    }
}
