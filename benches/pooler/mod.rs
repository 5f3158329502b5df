//! The pooler before a primary and two standbys, beside PgBouncer before the same primary and beside the primary itself: pgbench, over TLS on every line.

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/pooler/cluster.rs"]
mod cluster;
mod others;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use chrono::Utc;
use iasql::gateway::{Authority, Domain};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    support,
    table::{Figure, median},
};
use cluster::Cluster;
use others::Bouncer;

/// Each is measured so often, in turns.
const ROUNDS: usize = 5;
/// How long pgbench runs each time, in seconds.
const SECONDS: &str = "5";
const DOMAIN: &str = "db.localhost";
const PASSWORD: &str = "sésame, ouvre-toi";
/// By which names the ways are called, in the order in which they are measured.
const WAYS: [&str; 3] = ["the pooler", "PgBouncer", "the primary itself"];

fn authority() -> Authority {
    Authority::open(std::env::temp_dir().join(format!("iasql-bench-pool-{}", std::process::id())), Utc::now()).expect("an authority")
}

fn domain() -> Domain {
    authority().issue(DOMAIN, Utc::now()).expect("a certificate")
}

pub(crate) async fn figures() -> Vec<Figure> {
    let cluster = Cluster::start().await;
    let pooler = Pooler::before(&cluster).await;
    let bouncer = Bouncer::before(&cluster);
    let ports = [pooler.port, bouncer.port, cluster.ports[0]];
    bench(cluster.ports[0], &["-i", "-q", "-s", "10"]);
    let (mut one, mut eight, mut prepared) = ([const { Vec::new() }; 3], [const { Vec::new() }; 3], [const { Vec::new() }; 3]);
    for _ in 0..ROUNDS {
        for (n, port) in ports.iter().enumerate() {
            one[n].push(1e3 / queries(*port, "1", "simple"));
            eight[n].push(queries(*port, "8", "simple"));
            // PgBouncer's of before 1.21, Debian 12's too, mixes up whose they are
            if *port != bouncer.port {
                prepared[n].push(queries(*port, "8", "prepared"));
            }
        }
    }
    let reads = pooler.asked_of_standbys();
    pooler.stop();
    bouncer.stop();
    drop(cluster);
    drop(fs::remove_dir_all(authority().certificate().with_file_name("")));
    let [one, eight] = [one, eight].map(|all| all.map(median));
    let [prepared, _, straight] = prepared;
    let (prepared, straight) = (median(prepared), median(straight));
    vec![
        Figure {
            what: "one client's latency (pgbench -S, TLS), reads split".to_owned(),
            measured: format!("{:.3} ms", one[0]),
            goal: "≤ 0.18 ms",
            beside: format!("{}; {reads} batches were answered by standbys", others(&one, |value| format!("{value:.3} ms"))),
        },
        share("queries in a second (pgbench -S, 8 clients, TLS), reads split", &eight),
        Figure {
            what: "the same with prepared statements".to_owned(),
            measured: part(prepared, straight),
            goal: "≥ 0.6",
            beside: format!("{} {straight:.0}; PgBouncer of before 1.21 has none", WAYS[2]),
        },
    ]
}

fn others([_, bouncer, straight]: &[f64; 3], shown: impl Fn(f64) -> String) -> String {
    format!("{} {}, {} {}", WAYS[1], shown(*bouncer), WAYS[2], shown(*straight))
}

fn share(what: &str, all: &[f64; 3]) -> Figure {
    let beside = format!("{}: PgBouncer has {:.2}", others(all, |value| format!("{value:.0}")), all[1] / all[2]);
    Figure { what: what.to_owned(), measured: part(all[0], all[2]), goal: "≥ 0.6", beside }
}

fn part(of: f64, straight: f64) -> String {
    format!("{of:.0}: {:.2} of the primary's own", of / straight)
}

fn bench(port: u16, words: &[&str]) -> String {
    let mut command = Command::new(iasql::local::tools().expect("PostgreSQL's programs").join("pgbench"));
    command.env_clear().env("PGPASSWORD", PASSWORD).env("PGHOST", format!("a.{DOMAIN}")).env("PGHOSTADDR", "127.0.0.1");
    command.env("PGPORT", port.to_string()).env("PGUSER", "pooler").env("PGDATABASE", "main").env("PGSSLMODE", "verify-full");
    command.env("PGSSLROOTCERT", authority().certificate()).env("LC_ALL", "C.UTF-8").args(words);
    let said = command.output().expect("pgbench runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8_lossy(&said.stdout).into_owned()
}

/// Queries in a second, with so many clients.
fn queries(port: u16, clients: &str, protocol: &str) -> f64 {
    let said = bench(port, &["-n", "-S", "-M", protocol, "-T", SECONDS, "-c", clients, "-j", "1"]);
    let line = said.lines().find_map(|line| line.strip_prefix("tps = ")).unwrap_or_else(|| panic!("{said}"));
    line.split(' ').next().and_then(|tps| tps.parse().ok()).unwrap_or_else(|| panic!("{said}"))
}

/// The pooler as a process.
struct Pooler {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Pooler {
    async fn before(cluster: &Cluster) -> Self {
        let folder = std::env::temp_dir().join(format!("iasql-bench-pooler-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let (members, certificate) = (folder.join("members.json"), folder.join("pooler.pem"));
        fs::write(&members, cluster.book().await.to_string()).expect("a file");
        fs::write(&certificate, domain().pem.expose()).expect("a file");
        let mut command = Command::new(support::binary());
        command.args(["pooler", "--json", "--listen", "127.0.0.1:0", "--members"]).arg(members).arg("--certificate").arg(certificate);
        command.arg("--control").arg(folder.join("control.sock")).env("IASQL_LOG", "error").stdout(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("the pooler did not start: {line}"));
        let port = ready["port"].as_u64().and_then(|port| port.try_into().ok()).expect("a port");
        Self { child, port, folder }
    }

    /// Reads that were split off, as its figures say.
    fn asked_of_standbys(&self) -> u64 {
        let mut curl = Command::new("curl");
        curl.args(["-s", "http://pooler/status", "--unix-socket"]).arg(self.folder.join("control.sock"));
        let status: serde_json::Value = serde_json::from_slice(&curl.output().expect("curl runs").stdout).expect("JSON");
        let members = status["members"].as_array().expect("members");
        members.iter().filter(|member| member["role"] == "standby").filter_map(|member| member["asked"].as_u64()).sum()
    }

    fn stop(mut self) {
        kill(Pid::from_raw(self.child.id().try_into().expect("a number")), Signal::SIGTERM).expect("a signal");
        self.child.wait().expect("an end");
        drop(fs::remove_dir_all(self.folder));
    }
}
