//! What is written from a schema directory: its procedures as Rust, its reference, and the commands that do so.

mod calls;
mod commands;
mod generated;
mod guide;
mod reference;
#[expect(unreachable_pub, reason = "as it is written for a crate of somebody's own")]
mod wide;

use std::path::PathBuf;

use sqlx::{Postgres, migrate::MigrateDatabase};

use crate::support;

/// A path below the project's folder.
fn path(below: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(below)
}

/// Compares what is written now with a file, or writes the file where UPDATE_EXPECTED says so; answers for what differs.
fn differs(below: &str, now: &str) -> Option<String> {
    let file = path(below);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, now).expect("it can be written");
    }
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    let line = before.lines().zip(now.lines()).position(|(before, now)| before != now);
    let line = line.unwrap_or_else(|| before.lines().count().min(now.lines().count())) + 1;
    (before != now).then(|| format!("{below}:{line} is not as it would be written now: UPDATE_EXPECTED=1 writes it"))
}

/// An empty database of its own, as the superuser reaches it.
async fn empty() -> String {
    let mut url = url::Url::parse(support::postgres().await).expect("a url");
    url.set_path(&support::database_name());
    Postgres::create_database(url.as_str()).await.expect("a database");
    url.into()
}
