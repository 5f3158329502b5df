//! A download: the files of a version as a tarball, or the live database as an archive of `pg_dump`; streamed, so that it takes no memory.

use std::{fs, io, io::Write, process::Stdio};

use axum::{
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tokio::{
    io::AsyncReadExt,
    process::{ChildStderr, ChildStdout},
    sync::mpsc,
};

use super::{Web, ask::admitted, asker::Asker, refusal::Refusal};
use crate::{
    control::Found,
    gateway::limits::{Seat, Whose},
    node::{Engine, Error, Side, Tier},
};

/// How many chunks wait for a client that reads slowly.
const WAITING: usize = 4;
/// How large each of them is, in bytes.
const CHUNK: usize = 128 << 10;
/// How much of a complaint is told, in bytes.
const LONGEST_LINE: usize = 500;
/// How strongly a tarball is compressed where the client takes that: quick.
const LEVEL: i32 = 1;

/// What is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    version: Option<u64>,
    #[serde(default)]
    format: Format,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Tar,
    Dump,
}

pub(super) async fn download(
    State(web): State<Web>,
    Path(label): Path<String>,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
    asker: Asker,
) -> Result<Response, Refusal> {
    let found = admitted(&web, &label, &asker).await?;
    let hint = "…/download?version=<number>, …/download?format=tar or …/download?format=dump";
    let Query(wanted) = wanted.map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.body_text(), hint))?;
    let room = room(&web, &found)?;
    match (wanted.format, wanted.version) {
        (Format::Dump, None) if found.engine == Engine::Pglite => {
            let hint = "Download the tarball: loadDataDir of PGlite opens it.";
            Err(Refusal::new(StatusCode::BAD_REQUEST, "a PGlite can't be read by the pg_dump of this server", hint))
        }
        (Format::Dump, None) => dump(&web, &label, &found, room).await,
        (Format::Dump, Some(_)) => {
            Err(Refusal::new(StatusCode::BAD_REQUEST, "a dump is of the live database, and has no version", "Leave one of both out."))
        }
        (Format::Tar, _) if let Some(replica) = &found.replica => Err(Refusal::replica(&replica.label)),
        (Format::Tar, version) => {
            let side = files(&web, &found, version).await?;
            Ok(tarball(&label, side, takes_zstd(&asker.headers), room))
        }
    }
}

/// A place among those who download this database, and among all who download.
type Room = (Seat, Seat);

fn room(web: &Web, found: &Found) -> Result<Room, Refusal> {
    let (twice, hint) = ("the database is being downloaded twice already", "Try again when one of them is through.");
    let of_one = web.0.counts.take(Whose::DownloadOf(found.id));
    let of_one = of_one.ok_or_else(|| Refusal::new(StatusCode::TOO_MANY_REQUESTS, twice, hint))?;
    Ok((of_one, web.0.counts.take(Whose::Download).ok_or_else(Refusal::crowded)?))
}

fn takes_zstd(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|one| {
        let (name, quality) = one.split_once(';').unwrap_or((one, ""));
        name.trim() == "zstd" && !["q=0", "q=0.0"].contains(&quality.trim())
    })
}

/// The version's files, in a folder of their own: from the bucket where a version is named or none lies on this disk.
async fn files(web: &Web, found: &Found, number: Option<u64>) -> Result<Side, Refusal> {
    if number.is_none() {
        let (bucket, id) = (web.0.here.bucket(), found.id.to_string());
        let lies_here = web.0.here.node().status().iter().any(|status| status.id == id && status.tier != Tier::Away);
        if lies_here && bucket.is_some_and(|bucket| !bucket.is_held(&id)) {
            // another gateway may have it, or have had it since: that is found out by waking it
            drop(web.0.here.session(found).await?);
        }
        match web.0.here.node().copy(&found.id.to_string()).await {
            Err(error) => match error.own() {
                Error::Unknown(_) => {}
                Error::Used(_) => {
                    let hint = "…/download?format=dump reads it as it is; …/download?version=<number> is an older state.";
                    return Err(Refusal::new(StatusCode::CONFLICT, "sessions are open in the database", hint));
                }
                _ => return Err(Refusal::for_now("copying the files", &error)),
            },
            Ok(side) => return Ok(side),
        }
    }
    version(web, found, number).await
}

/// The files of a version, or of the newest, from the bucket.
pub(super) async fn version(web: &Web, found: &Found, number: Option<u64>) -> Result<Side, Refusal> {
    let hint = "…/versions lists them; without a bucket there are none.";
    let none = || Refusal::new(StatusCode::NOT_FOUND, "there is no such version", hint);
    let (node, id) = (web.0.here.node(), found.id.to_string());
    let bucket = web.0.here.bucket().ok_or_else(none)?;
    let side = node.side(&id).map_err(|error| Refusal::for_now("making room", &error))?;
    let number = bucket.version(&id, number, &side.data()).await;
    let number = number.map_err(|error| Refusal::for_now("bringing the version", &*error))?;
    number.map(|_| side).ok_or_else(none)
}

fn named(label: &str, end: &str, kind: &'static str, body: Body) -> Response {
    let named = format!("attachment; filename=\"{label}.{end}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, named)], body).into_response()
}

fn tarball(label: &str, side: Side, zstd: bool, room: Room) -> Response {
    let (sender, chunks) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let line = io::BufWriter::with_capacity(CHUNK, Line(sender.clone()));
        if let Err(error) = packed(&side, line, zstd) {
            // whoever reads sees that it is cut
            drop(sender.blocking_send(Err(error)));
        }
        drop((side, room));
    });
    let mut response = named(label, "tar", "application/x-tar", streamed(chunks));
    if zstd {
        response.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("zstd"));
    }
    response
}

fn packed(side: &Side, line: impl Write, zstd: bool) -> io::Result<()> {
    if zstd {
        let encoder = archived(side, zstd::Encoder::new(line, LEVEL)?)?;
        return encoder.finish()?.flush();
    }
    archived(side, line)?.flush()
}

fn archived<W: Write>(side: &Side, to: W) -> io::Result<W> {
    let mut builder = tar::Builder::new(to);
    builder.mode(tar::HeaderMode::Deterministic);
    let mut entries: Vec<_> = fs::read_dir(side.data())?.collect::<Result<_, _>>()?;
    // the version first, so that whoever reads it sees at once what it is
    entries.sort_by_key(|entry| (entry.file_name() != "PG_VERSION", entry.file_name()));
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name());
        if entry.file_type()?.is_dir() { builder.append_dir_all(name, path)? } else { builder.append_path_with_name(path, name)? }
    }
    builder.into_inner()
}

/// The way from a thread to a client.
struct Line(mpsc::Sender<io::Result<Bytes>>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn streamed(mut chunks: mpsc::Receiver<io::Result<Bytes>>) -> Body {
    Body::from_stream(async_stream::stream! {
        while let Some(chunk) = chunks.recv().await {
            yield chunk;
        }
    })
}

async fn dump(web: &Web, label: &str, found: &Found, room: Room) -> Result<Response, Refusal> {
    let session = web.0.here.session(found).await?;
    let mut command = session.postgres("pg_dump").map_err(|error| Refusal::for_now("finding pg_dump", &error))?;
    command.env("PGUSER", &found.role).env("PGDATABASE", &found.role).args(["--format=custom", "--no-password"]);
    let spawned = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| Refusal::for_now("running pg_dump", &error))?;
    let (mut output, complaint) = (child.stdout.take(), tokio::spawn(last_line(child.stderr.take())));
    let mut chunk = vec![0; CHUNK];
    // before anything was sent it can still be said why
    let mut length = read(&mut output, &mut chunk).await.unwrap_or_default();
    let id = found.id.to_string();
    if length == 0 {
        let complaint = complaint.await.unwrap_or_default();
        note(&id, &complaint);
        return Err(undumped(&complaint));
    }
    let body = Body::from_stream(async_stream::stream! {
        // it stays awake for as long as somebody reads
        let (_session, _room) = (session, room);
        while length > 0 {
            yield Ok(Bytes::copy_from_slice(&chunk[..length]));
            length = match read(&mut output, &mut chunk).await {
                Ok(length) => length,
                Err(error) => {
                    yield Err(error);
                    0
                }
            };
        }
        if !child.wait().await.is_ok_and(|ended| ended.success()) {
            note(&id, &complaint.await.unwrap_or_default());
            yield Err(io::Error::other("pg_dump failed"));
        }
    });
    Ok(named(label, "dump", "application/octet-stream", body))
}

async fn read(output: &mut Option<ChildStdout>, chunk: &mut [u8]) -> io::Result<usize> {
    match output {
        Some(output) => output.read(chunk).await,
        None => Ok(0),
    }
}

/// The last line of what a program says beside its output; of a long line its beginning.
async fn last_line(said: Option<ChildStderr>) -> String {
    let (Some(mut said), mut line, mut piece, mut is_over) = (said, vec![], [0; 1024], false) else { return String::new() };
    while let Ok(length @ 1..) = said.read(&mut piece).await {
        for byte in &piece[..length] {
            if std::mem::take(&mut is_over) {
                line.clear();
            }
            match byte {
                b'\n' => is_over = true,
                byte if line.len() < LONGEST_LINE => line.push(*byte),
                _ => {}
            }
        }
    }
    String::from_utf8_lossy(&line).into_owned()
}

fn note(database: &str, complaint: &str) {
    tracing::warn!(database, error = complaint, "pg_dump failed");
}

/// What the server has said is the client's to know; where its socket lies is not.
fn undumped(complaint: &str) -> Refusal {
    let why = complaint.rsplit_once("FATAL:").or(complaint.rsplit_once("error:")).map_or("it ended without a word", |(_, why)| why.trim());
    Refusal::new(
        StatusCode::CONFLICT,
        format!("pg_dump failed: {why}"),
        "It is run as the database's own login, in the database of that name.",
    )
}
