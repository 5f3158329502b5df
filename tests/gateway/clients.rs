//! Clients of other languages, whose protocol is not libpq's own or is used to its end.

use std::path::Path;

use tokio::process::Command;

use super::{PASSWORD, Site, authority, settings, within};

const HOST: &str = "12345.db.localhost";

/// Runs a program that says `ok` when all was as it should be.
async fn is_content(mut program: Command, site: &Site) {
    program.arg(HOST).arg(site.port.to_string()).arg(authority().certificate()).env("PGPASSWORD", PASSWORD).kill_on_drop(true);
    let said = within(program.output()).await.expect("scripts/install.sh tests");
    let text = String::from_utf8_lossy;
    assert_eq!((said.status.code(), text(&said.stdout).trim()), (Some(0), "ok"), "{}", text(&said.stderr));
}

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

async fn python_is_content(program: &str) {
    let site = Site::open(settings()).await;
    let mut python = Command::new(crate::support::venv().join("bin/python"));
    python.arg(folder("tests/gateway/clients").join(program)).env("PYTHONPATH", folder(".iasql/clients/python"));
    is_content(python, &site).await;
    site.close().await;
}

#[tokio::test]
async fn psycopg_copies_pipelines_listens_and_cancels() {
    python_is_content("with_psycopg.py").await;
}

#[tokio::test]
async fn a_mapper_of_objects_makes_tables_reflects_them_and_keeps_a_pool() {
    python_is_content("with_sqlalchemy.py").await;
}

#[tokio::test]
async fn node_postgres_pools_prepares_listens_and_binds_the_channel() {
    let site = Site::open(settings()).await;
    let mut node = Command::new("node");
    node.arg(folder("tests/gateway/clients/with_node_postgres.mjs")).arg(folder(".iasql/clients"));
    is_content(node, &site).await;
    site.close().await;
}
