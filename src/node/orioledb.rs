//! OrioleDB in its S3 mode as a server: with what it must not be without, a word for the door to its bucket in a file that only its user reads, and a lock
//! that is known to be ours.

use std::{
    fs, io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use nix::unistd::geteuid;
use sqlx::Connection;
use tokio::process::Command;

use super::{
    Engine, Error, First, copy,
    home::Place,
    roles,
    start::{self, Manner},
    template,
};
use crate::{local, postgres::ORIOLEDBS, resource::Secret};

/// How many of its processes speak to S3; and how many others it may have beside them, for without that some of the first are left out without a word.
const WORKERS: u32 = 8;
const OTHERS: u32 = 8;
/// The one that every machine has, does not change with it, and that OrioleDB takes.
const LOCALE: &str = "C";
/// What it is to have, beside its place in the bucket. What was written is there after a minute, or a megabyte.
const SETTINGS: &str = include_str!("orioledb.conf");
/// The file of it, beside the data folder: OrioleDB sends all that is in there to the bucket.
const FILE: &str = "orioledb.conf";
/// The note by which it knows its own lock in the bucket.
const LOCK: &str = "s3_lock";

/// An installed OrioleDB, and the door by which it gets to a bucket.
#[derive(Clone, Debug)]
pub struct Orioledb {
    /// The folder of its programs.
    pub bin: PathBuf,
    /// Where something on this machine answers as S3 does, in clear: `127.0.0.1:5000`. Below it a database has what is its own, in `<id>/<folder>`.
    pub host: String,
    /// What it shows there as the id of its key.
    pub word: Secret,
    /// The last part of a database's place.
    pub folder: String,
    /// What its lock in the bucket has inside, by which others see whose it is. Not zero.
    pub lock: u64,
}

impl Orioledb {
    /// The template of new databases below `folder`, made where there is none.
    ///
    /// # Errors
    /// When there is no OrioleDB in its folder.
    pub(super) async fn template(&self, folder: &Path) -> Result<PathBuf, Error> {
        let server = self.bin.join("postgres");
        let said = Command::new(&server).arg("--version").output().await.map_err(Error::folder("run", &server))?;
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let version = said.split_whitespace().nth(2).ok_or_else(|| Error::NoEngine(format!("OrioleDB ({})", server.display())))?;
        let template = folder.join(format!("orioledb-{version}"));
        if template.exists() {
            return Ok(template);
        }
        let user = if geteuid().is_root() { Some(local::server_user()?) } else { None };
        let make = async |aside: &Path| {
            template::initdb(&self.bin, LOCALE, aside, user).await?;
            let own = aside.join(ORIOLEDBS);
            template::given(&own, user).map_err(Error::folder("make the folder", own))
        };
        template::laid(&template, make).await
    }

    /// What stands in its file of settings: what all of a node's databases have, and the way to the bucket.
    fn settings(&self, node: &Path, id: &str) -> String {
        let prefix = format!("{id}/{}", self.folder);
        // it wants a region and a secret, and nobody at the door asks for them
        let places =
            [("host", &*self.host), ("prefix", &*prefix), ("region", "here"), ("accesskey", self.word.expose()), ("secretkey", "none")];
        let places: String = places.into_iter().map(|(name, value)| format!("orioledb.s3_{name} = {}\n", quoted(value))).collect();
        format!("include = {}\n{SETTINGS}{places}", quoted(&node.display().to_string()))
    }
}

/// As a value in a file of settings.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', "''"))
}

/// Who wants a database of an engine that is not here.
pub(super) fn missing(engine: Engine) -> Error {
    let what =
        if engine == Engine::Orioledb { "OrioleDB (databases of engine orioledb have a machine of their own)" } else { "PostgreSQL" };
    Error::NoEngine(what.to_owned())
}

/// The server of the files that lie there.
pub(super) fn server(place: &Place, manner: &Manner) -> Result<Command, Error> {
    let orioledb = manner.orioledb.as_ref().ok_or_else(|| missing(Engine::Orioledb))?;
    let (file, lock) = (place.folder.join(FILE), place.data().join(ORIOLEDBS).join(LOCK));
    let text = orioledb.settings(&manner.settings.join("node.conf"), &place.id);
    private(place, &file, text.as_bytes()).map_err(Error::folder("write", &file))?;
    // a copy of another one's would take its lock for its own
    private(place, &lock, &orioledb.lock.to_le_bytes()).map_err(Error::folder("write", &lock))?;
    let mut command = start::limited(manner.memory, manner.before, &orioledb.bin.join("postgres"));
    command.arg("-D").arg(place.data()).current_dir(&place.folder);
    for (name, value) in start::settings(place, manner).into_iter().chain(must(&file)) {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    Ok(command)
}

/// What holds whatever ALTER SYSTEM wrote. The last one of a name counts.
fn must(file: &Path) -> [(&'static str, String); 8] {
    [
        ("config_file", file.display().to_string()),
        ("shared_preload_libraries", "orioledb".to_owned()),
        ("orioledb.s3_mode", "on".to_owned()),
        ("orioledb.s3_num_workers", WORKERS.to_string()),
        ("max_worker_processes", (WORKERS + OTHERS).to_string()),
        // without these nothing complains, and the bucket can't be restored
        ("archive_mode", "on".to_owned()),
        ("archive_library", "orioledb".to_owned()),
        ("max_prepared_transactions", "0".to_owned()),
    ]
}

/// A file that nobody but the database's user reads.
fn private(place: &Place, path: &Path, bytes: &[u8]) -> io::Result<()> {
    drop(fs::remove_file(path));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    io::Write::write_all(&mut file, bytes)?;
    copy::give(path, place.owner().map_err(io::Error::other)?)
}

/// Whether it runs with all that a bucket is restored by; else with what it does not.
pub(super) async fn accept(place: &Place) -> Result<(), String> {
    let wrong = async {
        const DOING: &str = "look at the settings";
        let mut session = roles::session(&place.id, &place.sockets, "template1").await?;
        let found: Option<String> =
            sqlx::query_scalar(include_str!("sql/orioledb.sql")).fetch_one(&mut session).await.map_err(Error::query(DOING, &place.id))?;
        drop(session.close().await);
        Ok::<_, Error>(found)
    };
    match wrong.await {
        Ok(None) => Ok(()),
        Ok(Some(wrong)) => Err(format!("it runs without what its bucket is restored by: {wrong}")),
        Err(error) => Err(crate::causes::in_one_line(&error)),
    }
}

/// Makes OrioleDB the way of all tables, then the first role, and a checkpoint: from then on there is something to be restored.
pub(super) async fn first(place: &Place, first: &First) -> Result<(), Error> {
    const DOING: &str = "begin with the tables";
    let say = async |database: &str, sql: &'static str| {
        let mut session = roles::session(&place.id, &place.sockets, database).await?;
        sqlx::raw_sql(sql).execute(&mut session).await.map_err(Error::query(DOING, &place.id))?;
        session.close().await.map_err(Error::query(DOING, &place.id))
    };
    for database in ["template1", "postgres"] {
        say(database, "create extension orioledb").await?;
    }
    roles::first(&place.id, &place.sockets, first).await?;
    say("template1", "checkpoint").await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orioledb() -> Orioledb {
        let (host, word, folder) = ("127.0.0.1:5000".to_owned(), Secret::new(r"it's \a word"), "orioledb".to_owned());
        Orioledb { bin: "/opt/orioledb/bin".into(), host, word, folder, lock: 7 }
    }

    #[test]
    fn each_database_has_a_prefix_of_its_own_and_no_value_ends_before_its_end() {
        let text = orioledb().settings(Path::new("/data/node.conf"), "12345");
        for line in [
            "include = '/data/node.conf'",
            "orioledb.s3_host = '127.0.0.1:5000'",
            "orioledb.s3_prefix = '12345/orioledb'",
            "orioledb.s3_use_https = off",
            r"orioledb.s3_accesskey = 'it''s \\a word'",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }

    #[test]
    fn its_word_stands_in_no_part_of_the_command_and_in_nothing_that_is_shown() {
        let must = must(Path::new("/data/d/shop/orioledb.conf"));
        assert!(must.iter().all(|(_, value)| !value.contains("a word")));
        assert!(!format!("{:?}", orioledb()).contains("a word"));
    }

    #[test]
    fn it_has_room_for_all_of_its_workers_and_never_runs_without_an_archive() {
        let must = must(Path::new("/x"));
        let said = |name: &str| must.iter().find(|(found, _)| *found == name).expect("said").1.clone();
        let workers: u32 = said("orioledb.s3_num_workers").parse().expect("a number");
        assert!(said("max_worker_processes").parse::<u32>().expect("a number") >= workers + 8);
        assert_eq!(["archive_mode", "archive_library", "orioledb.s3_mode"].map(said), ["on", "orioledb", "on"]);
    }
}
