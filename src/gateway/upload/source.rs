//! The databases of an uploaded cluster: which there are, which is meant, and each as an archive. It may lie about everything.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::Command,
    time::timeout,
};

use super::Error;
use crate::node::{self, PORT, Side};

/// How long it may take to say which databases it has.
const ASKED: Duration = Duration::from_secs(60);
/// What is told of a complaint, in signs.
const TOLD: usize = 1000;
/// The most that is read of a complaint, in bytes.
const COMPLAINT: u64 = 64 << 10;

/// An uploaded cluster that runs.
pub(super) struct Found {
    superuser: String,
    /// The database that is meant.
    pub(super) main: String,
    others: Vec<String>,
}

/// A database of it.
#[derive(sqlx::FromRow)]
struct Named {
    name: String,
    is_empty: bool,
}

/// Starts it, and finds out what there is. Meant is the database of this name, else the only one.
pub(super) async fn open(source: &mut Side, wanted: &str) -> Result<Found, Error> {
    source.settle().await.map_err(Error::here("giving the files away"))?;
    let superuser = source.whose().await.map_err(opened)?;
    source.start().await.map_err(opened)?;
    let all = timeout(ASKED, databases(source, &superuser)).await;
    let silent = || Error::Opened("it did not answer in time".to_owned());
    let all = all.map_err(|_| silent())?.map_err(|error| Error::Opened(crate::causes::in_one_line(&error)))?;
    // the one that initdb makes, which nobody has used
    let mut names: Vec<_> = all.iter().filter(|one| !(one.is_empty && one.name == "postgres" && all.len() > 1)).collect();
    names.sort_by_key(|one| one.name != wanted);
    let main = names.first().map(|one| one.name.clone()).ok_or_else(|| Error::Opened("it has no database".to_owned()))?;
    let others: Vec<_> = names[1..].iter().map(|one| one.name.clone()).collect();
    if main != wanted && !others.is_empty() {
        let all = [&[main], &others[..]].concat().join(", ");
        return Err(Error::Several(all, wanted.to_owned()));
    }
    Ok(Found { superuser, main, others })
}

fn opened(error: node::Error) -> Error {
    match error.own() {
        node::Error::Start { said, .. } => Error::Opened(said.chars().take(TOLD).collect()),
        _ => Error::here("opening the files")(error),
    }
}

async fn databases(source: &Side, superuser: &str) -> Result<Vec<Named>, sqlx::Error> {
    let mut found: Vec<Named> = vec![];
    let mut template = connect(source, superuser, "template1").await?;
    let names: Vec<String> = sqlx::query_scalar(include_str!("databases.sql")).fetch_all(&mut template).await?;
    template.close().await?;
    for name in names {
        let mut database = connect(source, superuser, &name).await?;
        let is_empty = sqlx::query_scalar(include_str!("is_empty.sql")).fetch_one(&mut database).await?;
        database.close().await?;
        found.push(Named { name, is_empty });
    }
    Ok(found)
}

async fn connect(source: &Side, superuser: &str, database: &str) -> Result<PgConnection, sqlx::Error> {
    let options = PgConnectOptions::new_without_pgpass().socket(source.sockets()).port(PORT).username(superuser).database(database);
    // what a database or a role says that it wants loaded is not
    PgConnection::connect_with(&options.options([("session_preload_libraries", ""), ("local_preload_libraries", "")])).await
}

impl Found {
    /// The one that is meant first.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        [&self.main].into_iter().chain(&self.others)
    }

    /// One of them as an archive, of at most so many bytes.
    pub(super) async fn dump(&self, source: &Side, name: &str, most: u64) -> Result<PathBuf, Error> {
        let mut command = source.postgres("pg_dump").await.map_err(Error::here("finding pg_dump"))?;
        command.env("PGUSER", &self.superuser).env("PGDATABASE", name).args(["--format=custom", "--compress=1", "--no-password"]);
        let file = source.file("dump");
        // what a database or a role says that it wants loaded is not
        command.env("PGOPTIONS", "-c session_preload_libraries= -c local_preload_libraries=");
        written(command, &file, most).await.map_err(|said| said.unwrap_or_else(Error::Dump))?;
        Ok(file)
    }
}

/// What a program prints goes into a file, up to so many bytes. Where it complains the complaint is the inner error.
pub(super) async fn written(mut command: Command, file: &Path, most: u64) -> Result<(), Result<Error, String>> {
    let here = |error| Ok(Error::disk("running a program")(error));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(here)?;
    let (output, complaint) = (child.stdout.take(), child.stderr.take());
    let to = tokio::fs::OpenOptions::new().create(true).append(true).open(file).await.map_err(here)?;
    let copying = async {
        match output {
            Some(output) => copied(output, to, most).await,
            None => Ok(()),
        }
    };
    let (copied, said) = tokio::join!(copying, said(complaint));
    match copied {
        Err(error) if error.kind() == ErrorKind::FileTooLarge => return Err(Ok(Error::Stream(error))),
        copied => copied.map_err(here)?,
    }
    let ended = child.wait().await.map_err(here)?;
    if ended.success() { Ok(()) } else { Err(Err(said)) }
}

async fn copied(mut from: impl AsyncRead + Unpin, mut to: tokio::fs::File, most: u64) -> io::Result<()> {
    let (mut chunk, mut sum) = (vec![0; 64 << 10], 0);
    loop {
        let length = from.read(&mut chunk).await?;
        sum += length as u64;
        if sum > most {
            return Err(io::Error::new(ErrorKind::FileTooLarge, format!("its contents have more than {most} bytes")));
        }
        if length == 0 {
            return to.flush().await;
        }
        to.write_all(&chunk[..length]).await?;
    }
}

/// A complaint in one line, and all of it read, so that nobody waits for that.
pub(super) async fn said(complaint: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut complaint) = complaint else { return String::new() };
    let mut bytes = vec![];
    let read = (&mut complaint).take(COMPLAINT).read_to_end(&mut bytes).await;
    drop(read);
    drop(tokio::io::copy(&mut complaint, &mut tokio::io::sink()).await);
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ").chars().take(TOLD).collect()
}

/// An archive or script for a program to read.
pub(super) fn read(file: &Path) -> Result<Stdio, Error> {
    fs::File::open(file).map(Stdio::from).map_err(Error::disk("reading what was uploaded"))
}
