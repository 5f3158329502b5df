//! The servers that iasql starts on this machine.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process,
};

use iasql::local::{LocalPostgres, Options};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{Connection, PgConnection, query, query_scalar};

use crate::support;

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.expect("a connection")
}

async fn setting(connection: &mut PgConnection, name: &str) -> String {
    query_scalar("select pg_catalog.current_setting($1)").bind(name).fetch_one(connection).await.expect("a setting")
}

fn folder(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("iasql-local-{}-{name}", process::id()))
}

fn lasting() -> Options {
    Options { port: None, lasting: true, binary: Some(support::binary()) }
}

#[tokio::test]
async fn the_servers_log_keeps_no_values_of_failing_statements() {
    let mut connection = connect(support::postgres().await).await;
    assert_eq!(setting(&mut connection, "log_min_error_statement").await, "panic");
    assert_eq!(setting(&mut connection, "log_error_verbosity").await, "terse");
    assert_eq!(setting(&mut connection, "unix_socket_directories").await, "");
    assert_eq!(setting(&mut connection, "listen_addresses").await, "127.0.0.1");
}

#[tokio::test]
async fn a_lasting_server_keeps_what_was_committed_and_is_durable() {
    let folder = folder("lasting");
    let server = LocalPostgres::start(&folder, lasting()).await.expect("a server");
    let mut connection = connect(&server.admin_url()).await;
    assert_eq!(setting(&mut connection, "fsync").await, "on");
    query("create table public.kept ()").execute(&mut connection).await.expect("a table");
    let refused = LocalPostgres::start(&folder, lasting()).await.expect_err("the folder is in use").to_string();
    assert!(refused.contains("another iasql runs its PostgreSQL in"), "{refused}");
    server.stop().await;

    let server = LocalPostgres::start(&folder, lasting()).await.expect("a server again");
    query("select from public.kept").execute(&mut connect(&server.admin_url()).await).await.expect("the table");
    server.stop().await;
    fs::remove_dir_all(folder).expect("a stopped server's folder");
}

/// The helper that runs a server in `folder`.
fn helper(folder: &Path) -> Pid {
    let folder = fs::canonicalize(folder).expect("a folder");
    let processes = fs::read_dir("/proc").expect("processes").filter_map(|entry| Some(entry.ok()?.path()));
    let stands_there = |process: &Path| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == folder);
    let mut pids = processes.filter(|process| stands_there(process)).filter_map(|process| process.file_name()?.to_str()?.parse().ok());
    Pid::from_raw(pids.next().expect("a helper"))
}

#[tokio::test]
async fn a_server_that_outlived_its_helper_is_stopped_before_another_starts() {
    let folder = folder("orphan");
    let orphan = LocalPostgres::start(&folder, lasting()).await.expect("a server");
    let mut connection = connect(&orphan.admin_url()).await;
    kill(helper(&folder), Signal::SIGKILL).expect("a helper to kill");
    query("select").execute(&mut connection).await.expect("the orphan still answers");
    let server = LocalPostgres::start(&folder, lasting()).await.expect("a server in its place");
    query("select").execute(&mut connection).await.expect_err("the orphan was stopped");
    server.stop().await;
    fs::remove_dir_all(folder).expect("a stopped server's folder");
}

#[tokio::test]
async fn a_server_ends_when_nobody_holds_it_any_more() {
    let folder = folder("dropped");
    let server = LocalPostgres::start(&folder, lasting()).await.expect("a server");
    let mut connection = connect(&server.admin_url()).await;
    drop(server);
    // waits for the server to close the connection
    query("select pg_catalog.pg_sleep(60)").execute(&mut connection).await.expect_err("the server stops");
    fs::File::open(folder.join("lock")).expect("its lock").lock().expect("that its helper ends");
    fs::remove_dir_all(folder).expect("a stopped server's folder");
}

#[tokio::test]
async fn a_login_reaches_the_database_of_its_own_name_and_no_other() {
    let name = support::database_name();
    let admin = support::postgres().await;
    let mut connection = connect(admin).await;
    query(sqlx::AssertSqlSafe(format!("create role {name} login password 'x'"))).execute(&mut connection).await.expect("a role");
    query(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.expect("a database");
    let mut url = url::Url::parse(admin).expect("a url");
    url.set_username(&name).and_then(|()| url.set_password(Some("x"))).expect("a user");
    PgConnection::connect(url.as_str()).await.expect_err("postgres is not theirs");
    url.set_path(&name);
    connect(url.as_str()).await;
}

#[tokio::test]
async fn a_folder_below_one_that_is_closed_to_others_serves_as_well() {
    let closed = folder("closed");
    fs::create_dir(&closed).expect("a folder");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("a closed folder");
    let folder = closed.join("postgres");
    for attempt in ["a server", "a server again"] {
        let server = LocalPostgres::start(&folder, lasting()).await.expect(attempt);
        let mut connection = connect(&server.admin_url()).await;
        query("create table if not exists public.kept ()").execute(&mut connection).await.expect("a table");
        server.stop().await;
    }
    fs::remove_dir_all(fs::canonicalize(&folder).expect("where it is")).expect("a stopped server's folder");
    fs::remove_dir_all(closed).expect("the folder");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("its address").port();
    let options = Options { port: Some(port), ..lasting() };
    let said = LocalPostgres::start(folder("taken"), options).await.expect_err("the port is taken").to_string();
    assert!(said.starts_with(&format!("port {port} of 127.0.0.1 is taken")), "{said}");
}
