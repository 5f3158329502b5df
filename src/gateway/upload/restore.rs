//! Into a fresh cluster, by the login that will use it: what it may not make is no part of its database.

use std::{path::Path, process::Stdio};

use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::{fs, io::AsyncWriteExt, process::Command};

use super::{
    Error,
    source::{read, said},
};
use crate::node::{PORT, Side};

/// What a fresh cluster has, or a login can't have and a database does without.
const LEFT_OUT: [&str; 11] = [
    "ACL ",
    "DEFAULT ACL ",
    "COMMENT - DATABASE ",
    "COMMENT - EXTENSION ",
    "COMMENT - SCHEMA public ",
    "EXTENSION - plpgsql ",
    "PROCEDURAL LANGUAGE - plpgsql ",
    "SCHEMA - public ",
    "EVENT TRIGGER ",
    "SECURITY LABEL ",
    "SUBSCRIPTION ",
];
/// Those of which the user hears: something may be missed.
const TOLD: [&str; 3] = ["EVENT TRIGGER ", "SECURITY LABEL ", "SUBSCRIPTION "];
/// How many of them.
const MOST_TOLD: usize = 100;

/// One more database of the login's.
pub(super) async fn another(target: &Side, role: &str, database: &str) -> Result<(), Error> {
    let make = async {
        let options = PgConnectOptions::new_without_pgpass().socket(target.sockets()).port(PORT).username(role).database("template1");
        let mut connection = PgConnection::connect_with(&options).await?;
        let words: String = sqlx::query_scalar(include_str!("create.sql")).bind(database).fetch_one(&mut connection).await?;
        sqlx::raw_sql(AssertSqlSafe(words)).execute(&mut connection).await?;
        connection.close().await
    };
    make.await.map_err(|error: sqlx::Error| Error::Restore(crate::causes::in_one_line(&error)))
}

/// Restores an archive, all or nothing, and says what was left out.
pub(super) async fn archive(target: &Side, archive: &Path, role: &str, database: &str) -> Result<Vec<String>, Error> {
    let mut command = program(target, "pg_restore").await?;
    command.arg("--list").stdin(read(archive)?);
    let contents = answered(command).await?;
    let (kept, left_out): (Vec<_>, Vec<_>) = contents.lines().partition(|line| !LEFT_OUT.iter().any(|word| what(line).starts_with(word)));
    let list = target.write("list", &kept.join("\n")).await.map_err(Error::here("writing the list"))?;
    let mut command = program(target, "pg_restore").await?;
    command.arg("--use-list").arg(&list).arg("--dbname").arg(place(database)).env("PGUSER", role);
    command.args(["--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", "--no-password"]).stdin(read(archive)?);
    answered(command).await?;
    let told = left_out.into_iter().map(what).filter(|what| TOLD.iter().any(|word| what.starts_with(word)));
    Ok(told.take(MOST_TOLD).map(str::to_owned).collect())
}

/// Runs a script of SQL, all or nothing. Commands of psql's own in it are refused: some run programs.
pub(super) async fn script(target: &Side, script: &Path, role: &str, database: &str) -> Result<(), Error> {
    let mut command = program(target, "psql").await?;
    command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", "--no-password", "--file=-"]);
    command.arg("--dbname").arg(place(database)).env("PGUSER", role).stdin(read(script)?);
    answered(command).await.map(drop)
}

/// What the script has to begin with: from there on psql takes no commands of its own (`\restrict`, since 15.14), until it hears the same word.
pub(super) async fn begun(script: &Path) -> Result<(), Error> {
    let word = uuid::Uuid::new_v4().simple();
    let mut file = fs::File::create_new(script).await.map_err(Error::disk("writing the script"))?;
    file.write_all(format!("\\restrict {word}\n").as_bytes()).await.map_err(Error::disk("writing the script"))?;
    file.flush().await.map_err(Error::disk("writing the script"))
}

async fn program(target: &Side, name: &str) -> Result<Command, Error> {
    target.postgres(name).await.map_err(Error::here("finding PostgreSQL's programs"))
}

async fn answered(mut command: Command) -> Result<String, Error> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(Error::disk("running a program"))?;
    let complaint = child.stderr.take();
    let (answer, said) = tokio::join!(child.wait_with_output(), said(complaint));
    let answer = answer.map_err(Error::disk("running a program"))?;
    if answer.status.success() { Ok(String::from_utf8_lossy(&answer.stdout).into_owned()) } else { Err(Error::Restore(said)) }
}

/// What a line of an archive's contents is about: `215; 1259 16386 TABLE public t ann` without its numbers.
fn what(line: &str) -> &str {
    if line.starts_with(';') { "" } else { line.splitn(4, ' ').nth(3).unwrap_or_default() }
}

/// A database's name where otherwise words like `host=…` would be taken for what they say.
fn place(database: &str) -> String {
    format!("dbname='{}'", database.replace('\\', r"\\").replace('\'', r"\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_archive_holds_is_told_by_its_list() {
        assert_eq!(what("215; 1259 16386 TABLE public t ann"), "TABLE public t ann");
        assert_eq!(what("3350; 3466 16390 EVENT TRIGGER - audit postgres"), "EVENT TRIGGER - audit postgres");
        assert_eq!(what(";     Archive created at 2026-11-26"), "");
    }

    #[test]
    fn a_databases_name_says_nothing_else() {
        assert_eq!(place("shop"), "dbname='shop'");
        assert_eq!(place(r"x' host=/tmp \"), r"dbname='x\' host=/tmp \\'");
    }
}
