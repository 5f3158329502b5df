//! Databases with engine pglite: a real PGlite under a real Node.js behind a gateway as a process, psql in front of it.

mod moved;
mod sessions;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    time::Instant,
};

use super::{
    uploads,
    whole::{Folder, Gateway},
};
use crate::crash::{Site, until};

/// What makes a table of a thousand rows, and what says that all of it is there.
const MADE: &str = "create table kept as select n, md5(n::text) as word from generate_series(1, 1000) n";
const WHOLE: &str = "select count(*), count(distinct word) from kept";

/// A row for a PGlite of the name `lite`, and one for an ordinary database.
async fn rows() -> (Site, Folder) {
    let mut site = Site::with(&["gateway"]).await;
    let columns = "insert into gateway.database (name, engine, role, password, idle_seconds) values";
    site.sql(&format!("{columns} ('lite', 'pglite', 'shop', 'correct horse', 1), ('shop', 'postgres', 'shop', 'correct horse', 1)")).await;
    site.check().await;
    (site, Folder::new())
}

/// A gateway in this folder that has what runs a PGlite, and what new ones are copied from.
async fn gateway(site: &Site, home: &Path, words: &[&str]) -> Gateway {
    let installed = uploads::pglite();
    assert!(installed.join("installed").exists(), "run scripts/install.sh tests: it installs PGlite, for which it needs Node.js");
    let templates = home.join("node/templates");
    fs::create_dir_all(&templates).expect("a folder");
    if !templates.join("pglite-18").exists() {
        assert!(Command::new("cp").arg("-r").arg(template()).arg(templates.join("pglite-18")).status().expect("cp").success());
    }
    let words = [&["--pglite", installed.to_str().expect("a text"), "--http", "127.0.0.1:0"], words].concat();
    Gateway::with(site, home, &words).await
}

/// As the script of ours makes it, once for all of these tests.
fn template() -> PathBuf {
    static MAKING: Mutex<()> = Mutex::new(());
    let _turn = MAKING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let template = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("pglite-18-{}", std::process::id()));
    if !template.exists() {
        let mut node = Command::new("node");
        let made = node.arg(uploads::pglite().join("make.mjs")).arg(&template).arg("18").output().expect("node");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    template
}

/// The engines that run in a gateway's folder.
fn engines(gateway: &Gateway) -> Vec<i32> {
    let home = gateway.home().to_str().expect("a text");
    let processes = fs::read_dir("/proc").expect("processes").flatten();
    let of = |process: fs::DirEntry| {
        let line = fs::read_to_string(process.path().join("cmdline")).ok()?;
        process.file_name().to_str()?.parse().ok().filter(|_| line.contains("serve.mjs\0") && line.contains(home))
    };
    processes.filter_map(of).collect()
}

async fn rested(gateway: &Gateway) {
    until("sleep", || async { engines(gateway).is_empty().then_some(()) }).await;
}

/// What its processes have in memory, as Linux says it.
fn memory(pid: i32) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
    let lines = status.lines().filter(|line| ["VmRSS:", "VmHWM:", "VmData:"].iter().any(|name| line.starts_with(name)));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(", ")
}

fn kill(pid: i32) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL).expect("a signal");
}

#[tokio::test]
async fn a_row_with_engine_pglite_is_one_that_wakes_by_its_name_and_sleeps_when_nobody_is_there() {
    let (site, folder) = rows().await;
    // this one makes its template itself
    let pglite = uploads::pglite();
    let gateway = Gateway::with(&site, &folder.0, &["--pglite", pglite.to_str().expect("a text")]).await;
    assert_eq!(engines(&gateway).len(), 0, "nobody has called yet");
    let begin = Instant::now();
    assert_eq!(gateway.say("lite", &format!("{MADE}; {WHOLE}")).await.as_deref(), Ok("1000|1000"));
    println!("made with its template: {} ms", begin.elapsed().as_millis());
    rested(&gateway).await;
    for round in 0..3 {
        let begin = Instant::now();
        let mut session = gateway.session("lite").await;
        assert_eq!(session.say("select count(*), current_user from kept").await, "1000|postgres");
        println!("round {round}: awake with its first row after {} ms; {}", begin.elapsed().as_millis(), memory(engines(&gateway)[0]));
        session.end().await;
        rested(&gateway).await;
    }
    let version = gateway.say("lite", "select version()").await.expect("a version");
    assert!(version.contains("PGlite") && version.contains("wasm32"), "{version}");
    gateway.stop().await;
    assert_eq!(fs::read(data(&folder.0).join("global/pg_control")).expect("a control file")[16], 1, "it was shut down");
}

/// The data folder of the one database that is a PGlite.
fn data(home: &Path) -> PathBuf {
    let mut databases = fs::read_dir(home.join("node/d")).expect("databases").flatten().map(|found| found.path().join("data"));
    let is_lite = |data: &PathBuf| fs::read(data.join("global/pg_control")).is_ok_and(|control| control[248] == 0);
    databases.find(is_lite).expect("one")
}

#[tokio::test]
async fn what_was_committed_is_there_after_the_gateway_or_the_engine_was_killed() {
    let (site, folder) = rows().await;
    let mut first = gateway(&site, &folder.0, &[]).await;
    first.say("lite", MADE).await.expect("a table");
    // its client holds on to it, so that it runs when the gateway is killed
    let mut session = first.session("lite").await;
    assert_eq!(session.say("insert into kept values (1001, 'committed') returning n").await, "1001");
    first.child.kill().await.expect("it runs");
    let left = engines(&first);
    assert_eq!(left.len(), 1);
    let second = gateway(&site, &folder.0, &[]).await;
    assert_eq!(engines(&second).len(), 0, "a gateway that begins ends what was left");
    assert_eq!(second.say("lite", WHOLE).await.as_deref(), Ok("1001|1001"));
    for more in [1002, 1003] {
        let mut session = second.session("lite").await;
        assert_eq!(session.say(&format!("insert into kept values ({more}, '{more}') returning n")).await, more.to_string());
        assert_eq!(session.say("begin; insert into kept values (0, 'not committed') returning n").await, "0");
        kill(engines(&second)[0]);
        session.end().await;
        // it reads its log, and has what was committed
        let there = || async { second.say("lite", "select max(n), min(n) from kept").await.ok() };
        assert_eq!(until("the database", there).await, format!("{more}|1"));
    }
    second.stop().await;
}

#[tokio::test]
async fn where_nodejs_or_pglite_is_missing_it_is_said_and_others_are_served() {
    let (site, folder) = rows().await;
    let gateway = Gateway::with(&site, &folder.0, &["--pglite", "/nowhere"]).await;
    for _ in 0..2 {
        let refused = gateway.say("lite", "select 1").await.expect_err("nothing runs it");
        assert!(refused.contains("the database can't be run here: PGlite (/nowhere/serve.mjs) is missing"), "{refused}");
        assert!(refused.contains("scripts/install.sh") && refused.contains("--pglite"), "{refused}");
    }
    assert_eq!(gateway.say("shop", "select 1").await.as_deref(), Ok("1"));
    gateway.stop().await;
}
