//! The whole way: a row, a gateway as a process, psql by host name, and a database that sleeps when nobody is there.

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use nix::unistd::{User, chown, geteuid};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{
    crash::{Site, until},
    support,
};

/// A gateway as a process, with a folder of its own.
pub(super) struct Gateway {
    pub(super) child: Child,
    home: PathBuf,
    pub(super) port: u64,
    /// Of the second door, where there is one.
    pub(super) http: Option<u64>,
    /// The same under TLS.
    pub(super) https: Option<u64>,
    /// Of its DNS, where it answers any.
    pub(super) dns: Option<u64>,
    authority: String,
}

/// A folder that all may reach, below which sockets' paths stay short.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        let folder = PathBuf::from(format!("/tmp/iasql-gw-{}", uuid::Uuid::new_v4().simple().to_string().split_at(12).0));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

impl Gateway {
    pub(super) async fn start(site: &Site, home: &Path) -> Self {
        Self::with(site, home, &[]).await
    }

    pub(super) async fn with(site: &Site, home: &Path, words: &[&str]) -> Self {
        Self::run("gateway", site, home, words).await
    }

    /// The same, or a node (`iasql node`).
    pub(super) async fn run(command: &str, site: &Site, home: &Path, words: &[&str]) -> Self {
        Self::of(site.iasql(&[&[command, "--json", "--listen", "127.0.0.1:0"], words].concat()), home).await
    }

    async fn of(mut command: Command, home: &Path) -> Self {
        let mut child = command.arg("--home").arg(home).stdout(Stdio::piped()).spawn().expect("the binary runs");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let line = timeout(Duration::from_secs(60), lines.next_line()).await.expect("it is ready in time").expect("a line");
        let ready: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let authority = ready["authority"].as_str().unwrap_or_default().to_owned();
        let port = |name: &str| ready[name].as_u64();
        let (http, https, dns) = (port("http"), port("https"), port("dns"));
        Self { child, home: home.to_owned(), port: port("port").expect("a port"), http, https, dns, authority }
    }

    /// The same, as somebody who is not root: whoever runs the tests, or else the machine's `nobody`.
    async fn of_an_ordinary_user(site: &Site, home: &Path) -> (Self, u32) {
        let mut command = site.iasql(&["gateway", "--json", "--listen", "127.0.0.1:0"]);
        let user = geteuid();
        if !user.is_root() {
            return (Self::of(command, home).await, user.as_raw());
        }
        let nobody = User::from_name("nobody").expect("the users").expect("a nobody");
        let key = home.join("key");
        std::fs::create_dir_all(home).expect("a folder");
        std::fs::copy(support::key_file(), &key).expect("a copy of the key");
        for path in [home, &key] {
            chown(path, Some(nobody.uid), Some(nobody.gid)).expect("somebody else's");
        }
        command.env("IASQL_KEY_FILE", &key).uid(nobody.uid.as_raw()).gid(nobody.gid.as_raw());
        (Self::of(command, home).await, nobody.uid.as_raw())
    }

    /// Where libpq finds the database of the name `shop`.
    pub(super) fn place(&self, name: &str, user: &str) -> String {
        format!(
            "host={name}.db.localhost hostaddr=127.0.0.1 port={} user={user} dbname=shop sslmode=verify-full sslrootcert={} channel_binding=require",
            self.port, self.authority
        )
    }

    /// In the database of the name `shop`.
    pub(super) async fn psql(&self, name: &str, user: &str, password: &str, sql: &str) -> Result<String, String> {
        let place = self.place(name, user);
        let mut psql = Command::new("psql");
        psql.args(["-XAtq", "-d", &place, "-c", sql]).env("PGPASSWORD", password).stdin(Stdio::null()).kill_on_drop(true);
        let output = timeout(Duration::from_secs(60), psql.output()).await.expect("an answer in time").expect("psql runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// The file that its clients are told to trust.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// How many servers run in its folder.
    pub(super) fn servers(&self) -> usize {
        self.postmasters().len()
    }

    pub(super) fn postmasters(&self) -> Vec<i32> {
        let home = self.home.to_str().expect("a text");
        let processes = std::fs::read_dir("/proc").expect("processes").flatten();
        let of = |process: std::fs::DirEntry| {
            let line = std::fs::read_to_string(process.path().join("cmdline")).ok()?;
            process.file_name().to_str()?.parse().ok().filter(|_| line.contains("/postgres\0") && line.contains(home))
        };
        processes.filter_map(of).collect()
    }

    /// It is killed, and all that it had on its way; its servers and its disk stay.
    pub(super) fn kill(&self) {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok()).expect("it runs");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL).expect("a signal");
    }

    /// It is lost, with its servers and its disk.
    pub(super) async fn destroy(mut self) {
        self.child.kill().await.expect("it runs");
        for pid in self.postmasters() {
            let killed = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
            assert!(matches!(killed, Ok(()) | Err(nix::errno::Errno::ESRCH)), "{killed:?}");
        }
        std::fs::remove_dir_all(&self.home).expect("its disk");
    }

    pub(super) async fn stop(mut self) {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok()).expect("it runs");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGTERM).expect("a signal");
        let ended = timeout(Duration::from_secs(60), self.child.wait()).await.expect("it stops in time").expect("an end");
        assert!(ended.success(), "{ended}");
    }
}

pub(super) async fn shop() -> (Site, Folder) {
    let mut site = Site::with(&["gateway"]).await;
    site.sql("insert into gateway.database (name, role, password, idle_seconds) values ('shop', 'shop', 'correct horse', 1)").await;
    site.check().await;
    (site, Folder::new())
}

#[tokio::test]
async fn a_row_is_a_database_that_wakes_by_its_name_and_sleeps_when_nobody_is_there() {
    let (site, folder) = shop().await;
    let gateway = Gateway::start(&site, &folder.0).await;
    assert_eq!(gateway.servers(), 0, "nobody has called yet");
    let made =
        gateway.psql("shop", "shop", "correct horse", "create table t (n int); insert into t values (1), (2); select sum(n) from t").await;
    assert_eq!(made.as_deref(), Ok("3"));
    until("sleep", || async { (gateway.servers() == 0).then_some(()) }).await;
    let again = gateway.psql("shop", "shop", "correct horse", "select count(*), current_database(), current_user from t").await;
    assert_eq!(again.as_deref(), Ok("2|shop|shop"));
    gateway.stop().await;
}

#[tokio::test]
async fn a_gateway_needs_no_root_and_its_servers_are_then_of_the_user_who_runs_it() {
    let (site, folder) = shop().await;
    let (gateway, user) = Gateway::of_an_ordinary_user(&site, &folder.0.join("own")).await;
    let made = gateway.psql("shop", "shop", "correct horse", "create table t as select 42 as n; select n from t").await;
    assert_eq!(made.as_deref(), Ok("42"));
    let whose = |pid: i32| std::fs::metadata(format!("/proc/{pid}")).expect("it runs").uid();
    assert_eq!(gateway.postmasters().into_iter().map(whose).collect::<Vec<_>>(), [user]);
    until("sleep", || async { (gateway.servers() == 0).then_some(()) }).await;
    assert_eq!(gateway.psql("shop", "shop", "correct horse", "select n from t").await.as_deref(), Ok("42"));
    gateway.stop().await;
}

#[tokio::test]
async fn whoever_may_not_come_in_hears_always_the_same_and_keeps_nothing_awake() {
    let (site, folder) = shop().await;
    let gateway = Gateway::start(&site, &folder.0).await;
    let mut said = Vec::new();
    for (name, user, password) in
        [("shop", "shop", "wrong horse"), ("shop", "postgres", "correct horse"), ("shopping", "shop", "correct horse")]
    {
        let refused = gateway.psql(name, user, password, "select 1").await.expect_err("no way in");
        let (_, fatal) = refused.split_once("FATAL:").expect("a FATAL");
        said.push(fatal.replace(user, "USER"));
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    // where there is such a login it wakes while the password is looked at
    until("sleep", || async { (gateway.servers() == 0).then_some(()) }).await;
    gateway.stop().await;
}

#[tokio::test]
async fn what_was_committed_is_there_after_the_gateway_was_killed_and_another_password_counts_at_once() {
    let (mut site, folder) = shop().await;
    let mut gateway = Gateway::start(&site, &folder.0).await;
    gateway.psql("shop", "shop", "correct horse", "create table t as select 42 as n").await.expect("a table");
    gateway.child.kill().await.expect("it runs");
    let gateway = Gateway::start(&site, &folder.0).await;
    assert_eq!(gateway.psql("shop", "shop", "correct horse", "select n from t").await.as_deref(), Ok("42"));
    site.sql("update gateway.database set password = 'battery staple'").await;
    site.check().await;
    assert!(gateway.psql("shop", "shop", "correct horse", "select n from t").await.is_err());
    assert_eq!(gateway.psql("shop", "shop", "battery staple", "select n from t").await.as_deref(), Ok("42"));
    gateway.stop().await;
}

#[tokio::test]
async fn a_database_in_a_bucket_leaves_the_disk_and_comes_back_on_another_node() {
    let (site, folder) = shop().await;
    let bucket = format!("file://{}", folder.0.join("bucket").display());
    std::fs::create_dir_all(folder.0.join("bucket")).expect("a folder");
    let first = Gateway::with(&site, &folder.0.join("a"), &["--bucket", &bucket]).await;
    first.psql("shop", "shop", "correct horse", "create table t as select 42 as n").await.expect("a table");
    let elsewhere = Gateway::with(&site, &folder.0.join("b"), &["--bucket", &bucket]).await;
    // as soon as the first one has put it away, and not before, the second one may have it
    let there = || async { elsewhere.psql("shop", "shop", "correct horse", "update t set n = n + 1 returning n").await.ok() };
    assert_eq!(until("the database on the other node", there).await, "43");
    let back = || async { first.psql("shop", "shop", "correct horse", "select n from t").await.ok() };
    assert_eq!(until("the database back", back).await, "43");
    elsewhere.stop().await;
    first.stop().await;
}
