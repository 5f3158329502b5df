//! What is killed, and what is found of it: the node, a server's first process, one of its backends.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use iasql::node::{Idle, Tier};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{NEVER, Site, connect, in_time, kept, options, processes, said, until};

/// Says to this binary that it is a node which is to be killed, and in which test's name.
const KILLED: &str = "IASQL_NODE_TO_BE_KILLED";
/// What it prints when there is something to be lost.
const READY: &str = "ready to be killed";

/// No test by itself: the node that another one kills.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_to_be_killed() {
    let Ok(home) = env::var(KILLED) else { return };
    let site = Site::of(iasql::node::Options { home: home.into(), ..options("unused") }).await;
    let awake = site.create("awake", NEVER).await;
    said(&awake, "insert into public.kept values (1)").await;
    let frozen = site.create("frozen", Idle { freeze: Some(std::time::Duration::ZERO), ..NEVER }).await;
    said(&frozen, "insert into public.kept values (1)").await;
    drop(frozen);
    until("it is frozen", || site.tier("frozen") == Some(Tier::Frozen)).await;
    println!("{READY}");
    in_time(std::future::pending::<()>()).await;
}

fn node_to_be_killed(home: &std::path::Path) -> Child {
    let mut command = Command::new(env::current_exe().expect("this binary"));
    command.args(["--exact", "node::crash::a_node_that_is_to_be_killed", "--nocapture", "--test-threads=1"]).env(KILLED, home);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a node");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    assert!(lines.into_iter().any(|line| line.contains(READY)), "the node did not come up");
    child
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_node_finds_and_ends_what_a_killed_one_left_running_and_nothing_committed_is_lost() {
    let options = options("killed");
    let mut child = tokio::task::spawn_blocking({
        let home = options.home.clone();
        move || node_to_be_killed(&home)
    })
    .await
    .expect("a node");
    child.kill().expect("a kill");
    child.wait().expect("its end");
    let home = fs::canonicalize(&options.home).expect("a folder");
    let left = ["awake", "frozen"].map(|id| processes(&home.join("d").join(id).join("data")));
    assert!(left.iter().all(|left| left.len() > 4), "{left:?}");
    // the kernel lets the first one go on, for its group is an orphan now (setpgid(2)); those below it are still stopped
    assert!(left[1].iter().any(|(_, state)| *state == 'T'), "{left:?}");
    // and one that it had only begun to make
    fs::create_dir_all(home.join("d/half/data")).expect("a folder");

    let site = Site::of(options).await;
    for id in ["awake", "frozen"] {
        assert_eq!(processes(&site.data(id)), [], "{id}");
        assert_eq!(kept(&site.wake(id, NEVER).await).await, 1, "{id}");
    }
    assert!(!site.home.join("d/half").exists());
    assert_eq!(site.node.status().len(), 2);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_first_process_was_killed_recovers_when_somebody_knocks() {
    let site = Site::open("first-process").await;
    let session = site.create("a", NEVER).await;
    for round in 1..=3 {
        said(&session, "insert into public.kept values (1)").await;
        let process = session.process().await.expect("a process");
        kill(Pid::from_raw(process), Signal::SIGKILL).expect("a kill");
        // as soon as that one is gone: the others may not have noticed yet
        until("it is gone", || processes(&site.data("a")).iter().all(|(pid, _)| *pid != process)).await;
        let again = site.wake("a", NEVER).await;
        assert_ne!(again.process().await, Some(process));
        assert_eq!(kept(&again).await, round);
    }
    drop(session);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_a_dead_server_left_keeps_nobody_out_whoever_has_its_number_now() {
    let site = Site::open("stale").await;
    drop(site.create("a", NEVER).await);
    in_time(site.node.lay_down("a")).await.expect("a stop");
    let file = site.data("a").join("postmaster.pid");
    fs::write(&file, format!("{}\n{}\n1700000000\n5432\n\n\n\nready   \n", std::process::id(), site.data("a").display())).expect("a file");
    let session = site.wake("a", NEVER).await;
    assert_eq!(kept(&session).await, 0);
    drop(session);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_takes_more_memory_than_it_may_fails_and_the_database_goes_on() {
    let site = Site::open("memory").await;
    let session = site.create("a", NEVER).await;
    let mut connection = connect(session.folder()).await.expect("a connection");
    let greedy = "select pg_catalog.length(pg_catalog.repeat('x', 1000000000) || pg_catalog.repeat('y', 10))";
    let error = in_time(sqlx::query(greedy).execute(&mut connection)).await.expect_err("that is too much");
    assert_eq!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some("53200"), "{error}");
    let process = session.process().await;
    assert_eq!(kept(&session).await, 0);
    assert_eq!(session.process().await, process);
    drop(session);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_outlives_its_session_ends_with_its_server() {
    let site = Site::open("program").await;
    let session = site.create("a", NEVER).await;
    let data = site.data("a");
    // as a superuser over the socket, as only the node is
    let mut command = Command::new("psql");
    command.args(["-X", "-h"]).arg(session.folder()).args([
        "-U",
        "postgres",
        "-d",
        "template1",
        "-c",
        "copy (select 1) to program 'sleep 300'",
    ]);
    let mut psql = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("psql");
    let is_program =
        |pid: i32| fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.contains("300") && line.starts_with("sleep"));
    until("the program runs", || processes(&data).iter().any(|(pid, _)| is_program(*pid))).await;
    drop(session);
    in_time(site.node.lay_down("a")).await.expect("a stop");
    assert_eq!(processes(&data), []);
    drop(psql.wait());
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_cut_ends_at_once_and_may_be_woken_again() {
    let site = Site::open("cut").await;
    let session = site.create("a", NEVER).await;
    said(&session, "insert into public.kept values (1)").await;
    let mut busy = connect(session.folder()).await.expect("a connection");
    let query = tokio::spawn(async move { sqlx::query("select pg_catalog.pg_sleep(600)").execute(&mut busy).await });
    in_time(site.node.cut("a")).await.expect("a kill");
    assert_eq!(processes(&site.data("a")), []);
    in_time(query).await.expect("a task").expect_err("its server is gone");
    assert_eq!(site.tier("a"), Some(Tier::Stopped));

    // and while somebody wakes it
    for _ in 0..3 {
        let (woken, cut) = in_time(async { tokio::join!(site.node.wake("a", NEVER), site.node.cut("a")) }).await;
        cut.expect("a kill");
        drop(woken);
    }
    in_time(site.node.cut("nowhere")).await.expect("nothing to do");
    assert_eq!(kept(&site.wake("a", NEVER).await).await, 1);
    drop(session);
    site.end().await;
}
