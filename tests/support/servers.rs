//! The servers of a test run, started when the first test asks for them; they end when this process does.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use iasql::local::{Emulator, LocalPostgres, Options};
use nix::unistd::{User, geteuid};
use tokio::sync::OnceCell;

static POSTGRES: OnceCell<(LocalPostgres, String)> = OnceCell::const_new();
static EMULATOR: OnceCell<(Emulator, String)> = OnceCell::const_new();
static WHOLE: OnceCell<(Emulator, String)> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(1);

/// The `iasql` binary that belongs to this run, or another build of it where one is named: what takes long is measured as it is used.
pub(crate) fn binary() -> PathBuf {
    env::var_os("IASQL_TEST_PROGRAM").filter(|named| !named.is_empty()).map_or_else(|| env!("CARGO_BIN_EXE_iasql").into(), PathBuf::from)
}

/// The superuser's URL of the one Postgres server: `postgres://postgres:…@127.0.0.1:…/postgres`.
pub(crate) async fn postgres() -> &'static str {
    let start = async || {
        let options = Options { port: None, lasting: false, binary: Some(binary()) };
        let server = LocalPostgres::start(scratch(), options).await.unwrap_or_else(|error| panic!("{error}"));
        let url = server.admin_url();
        (server, url)
    };
    &POSTGRES.get_or_init(start).await.1
}

/// A database's name that no other test uses.
pub(crate) fn database_name() -> String {
    format!("t{}_{}", process::id(), DATABASES.fetch_add(1, Ordering::Relaxed))
}

/// Where the one local cloud answers: `http://127.0.0.1:…`.
pub(crate) async fn endpoint() -> &'static str {
    let start = async || {
        let log = concat!(env!("CARGO_TARGET_TMPDIR"), "/emulator.log");
        let server = Emulator::start_bare(venv(), None, log).await.unwrap_or_else(|error| panic!("{error}"));
        let endpoint = server.endpoint();
        (server, endpoint)
    };
    &EMULATOR.get_or_init(start).await.1
}

/// The same with AWS' own policies in each account: a cloud as a person has it.
pub(crate) async fn whole_endpoint() -> &'static str {
    let start = async || {
        let log = concat!(env!("CARGO_TARGET_TMPDIR"), "/whole_emulator.log");
        let server = Emulator::start(venv(), None, log).await.unwrap_or_else(|error| panic!("{error}"));
        let endpoint = server.endpoint();
        (server, endpoint)
    };
    &WHOLE.get_or_init(start).await.1
}

/// The Python environment that holds the local cloud.
pub(crate) fn venv() -> PathBuf {
    env::var_os("IASQL_VENV").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".iasql/venv"), PathBuf::from)
}

fn scratch() -> PathBuf {
    env::temp_dir().join(format!("iasql-test-{}", process::id()))
}

/// Whom a Postgres runs as where we are root, as which it does not run.
pub(crate) fn unprivileged() -> Option<User> {
    geteuid().is_root().then(|| ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten()).expect("a user"))
}

/// The folder of the newest PostgreSQL's programs.
pub(crate) fn installed() -> PathBuf {
    let versions =
        fs::read_dir("/usr/lib/postgresql").expect("Debian's PostgreSQL").filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let major = |bin: &Path| bin.parent().and_then(|folder| folder.file_name()?.to_str()?.parse::<u32>().ok());
    versions.filter(|bin| bin.join("postgres").exists()).max_by_key(|bin| major(bin)).expect("a PostgreSQL")
}
