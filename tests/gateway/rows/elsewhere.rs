//! Two gateways over one bucket: whoever comes to the one gets to a database that the other has, and gets in while that one stops.

use std::{process::Stdio, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use tokio::{process::Command, time::timeout};

use super::{Talk, certificates::signed, place};
use crate::{
    crash::{Site, until},
    gateway::whole::{Folder, Gateway},
};

pub(super) const HOST: &str = "shop.db.example.com";

/// A database below a domain whose certificate is a row, and two gateways that both show it.
pub(super) struct Two {
    pub(super) site: Site,
    folder: Folder,
    pub(super) authority: String,
    pub(super) one: Gateway,
    pub(super) other: Gateway,
}

impl Two {
    pub(super) async fn open() -> Self {
        Self::with("").await
    }

    /// Where the database's row is like this.
    pub(super) async fn with(change: &str) -> Self {
        let (mut site, folder) = (Site::with(&["gateway"]).await, Folder::new());
        let (authority, pem) = signed(&folder.0.join("authority"), "db.example.com");
        site.sql("insert into gateway.domain (name) values ('db.example.com')").await;
        site.sql(&format!("insert into gateway.certificate (domain, pem) values ('db.example.com', '{pem}')")).await;
        site.sql("insert into gateway.database (name, domain, role, password) values ('shop', 'db.example.com', 'shop', 'correct horse')")
            .await;
        if !change.is_empty() {
            site.sql(change).await;
        }
        site.check().await;
        std::fs::create_dir_all(folder.0.join("bucket")).expect("a folder");
        let bucket = format!("file://{}", folder.0.join("bucket").display());
        let start = async |name: &str| Gateway::with(&site, &folder.0.join(name), &["--bucket", &bucket, "--advertise", "127.0.0.1"]).await;
        let (one, other) = (start("a").await, start("b").await);
        Self { site, folder, authority, one, other }
    }

    pub(super) fn talk(&self, gateway: &Gateway) -> Talk {
        Talk::begin(&self.place(gateway))
    }

    fn place(&self, gateway: &Gateway) -> String {
        place(gateway, HOST, &self.authority)
    }

    /// Whether no gateway has the database: the newest state of its lease says so.
    pub(super) fn is_free(&self) -> bool {
        let entries = |folder: &std::path::Path| -> Vec<_> {
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
        };
        let databases = entries(&self.folder.0.join("bucket")).into_iter().filter(|path| path.to_string_lossy().matches('-').count() >= 4);
        let newest = databases.filter_map(|path| entries(&path.join("lease")).into_iter().max()).collect::<Vec<_>>();
        let given_back = |file: &std::path::PathBuf| std::fs::read_to_string(file).is_ok_and(|text| text.contains("\"held\":false"));
        newest.len() == 1 && newest.iter().all(given_back)
    }

    pub(super) async fn close(self) {
        self.other.stop().await;
        self.one.stop().await;
        drop(self.site);
    }
}

#[tokio::test]
async fn who_comes_to_another_gateway_gets_to_the_one_that_has_the_database() {
    let two = Two::open().await;
    let mut inside = two.talk(&two.one);
    assert_eq!(
        inside.ask("create table t as select generate_series(1, 100000) as n; select count(*) from t;").await.as_deref(),
        Some("100000")
    );
    let mut there = two.talk(&two.other);
    assert_eq!(there.ask("insert into t values (0) returning n;").await.as_deref(), Some("0"));
    assert_eq!(inside.ask("select count(*) from t;").await.as_deref(), Some("100001"));
    assert_eq!(there.ask("select md5(string_agg(n::text, ',' order by n)) = md5((select string_agg(n::text, ',') from generate_series(0, 100000) n)) from t;").await.as_deref(), Some("t"));
    assert_eq!((two.one.servers(), two.other.servers()), (1, 0));
    // what one asks the other gateway to cancel is cancelled there
    let mut sleeps = Command::new("psql");
    sleeps.args(["-XAtq", "-c", "select pg_sleep(600)", "-d", &two.place(&two.other)]).env("PGPASSWORD", "correct horse");
    let sleeps = sleeps.stderr(Stdio::piped()).kill_on_drop(true).spawn().expect("psql runs");
    let psql = Pid::from_raw(sleeps.id().and_then(|pid| pid.try_into().ok()).expect("it runs"));
    let asleep =
        "select count(*) from pg_stat_activity where query like 'select pg_sleep%' and state = 'active' and pid <> pg_backend_pid();";
    while inside.ask(asleep).await.as_deref() != Some("1") {}
    kill(psql, Signal::SIGINT).expect("a signal");
    let said = timeout(Duration::from_secs(60), sleeps.wait_with_output()).await.expect("an end in time").expect("an end").stderr;
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.contains("canceling statement due to user request"), "{said}");
    // the words of whoever refuses are the same there and here
    for wrong in [two.place(&two.other).replace("dbname=shop", "dbname=nope"), format!("{} options='-c nonsense=1'", two.place(&two.other))]
    {
        let said = Talk::begin(&wrong).complaints().await;
        assert!(said.contains("\"nope\" does not exist") || said.contains("\"nonsense\""), "{said}");
    }
    drop(there);
    drop(inside);
    two.close().await;
}

#[tokio::test]
async fn while_a_gateway_stops_whoever_comes_to_the_next_one_waits_and_finds_all_that_was_committed() {
    let two = Two::open().await;
    let mut inside = two.talk(&two.one);
    assert_eq!(inside.ask("create table t (n int); begin; insert into t values (1) returning n;").await.as_deref(), Some("1"));
    let process = Pid::from_raw(two.one.child.id().and_then(|pid| pid.try_into().ok()).expect("it runs"));
    kill(process, Signal::SIGTERM).expect("a signal");
    let port = two.one.port;
    let closed = || async { tokio::net::TcpStream::connect(format!("127.0.0.1:{port}")).await.is_err().then_some(()) };
    until("nobody is let in there", closed).await;
    let mut next = two.talk(&two.other);
    let arrives = next.ask("select n from t;");
    let commits = async { inside.ask("insert into t values (2) returning n; commit;").await };
    let (found, committed) = tokio::join!(arrives, commits);
    assert_eq!(committed.as_deref(), Some("2"));
    assert_eq!(found.as_deref(), Some("1"));
    assert_eq!(next.ask("select count(*) from t;").await.as_deref(), Some("2"));
    assert_eq!(two.other.servers(), 1);
    drop((next, inside));
    let Two { one, other, .. } = two;
    let Gateway { mut child, .. } = one;
    assert!(child.wait().await.expect("an end").success());
    other.stop().await;
}

/// A gateway and all that it runs.
fn all_of(gateway: &Gateway) -> (Pid, Vec<Pid>) {
    let pid = |number: i32| Pid::from_raw(number);
    let servers = gateway.postmasters().into_iter().flat_map(|postmaster| {
        let children = std::fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children")).expect("it runs");
        let children: Vec<_> = children.split_whitespace().filter_map(|child| child.parse().ok()).collect();
        [vec![postmaster], children].concat()
    });
    let servers = servers.map(pid).collect();
    (pid(gateway.child.id().and_then(|number| number.try_into().ok()).expect("it runs")), servers)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_where_all_stood_still_for_longer_than_the_lease_is_acknowledged_to_nobody() {
    let two = Two::open().await;
    let mut inside = two.talk(&two.one);
    assert_eq!(inside.ask("create table t (n int); insert into t values (0) returning n;").await.as_deref(), Some("0"));
    let (gateway, servers) = all_of(&two.one);
    let send = |signal: Signal, to: &[Pid]| to.iter().for_each(|pid| kill(*pid, signal).expect("it runs"));
    send(Signal::SIGSTOP, &[&[gateway][..], &servers].concat());
    let asked = tokio::spawn(async move { inside.ask("insert into t values (-1) returning n;").await });
    // nothing of it was ever stored, so another one makes it anew
    let there = || async { two.talk(&two.other).ask("create table if not exists t (n int); insert into t values (1) returning n;").await };
    assert_eq!(until("the other one", there).await, "1");
    send(Signal::SIGCONT, &servers);
    send(Signal::SIGCONT, &[gateway]);
    assert_eq!(timeout(Duration::from_secs(60), asked).await.expect("an end in time").expect("an end"), None);
    assert_eq!(two.talk(&two.other).ask("select sum(n) from t;").await.as_deref(), Some("1"));
    two.close().await;
}
