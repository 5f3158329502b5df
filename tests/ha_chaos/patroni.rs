//! A Patroni cluster as processes: an etcd, and three agents with a server each; and what can happen to its primary.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{
        Signal::{self, SIGCONT, SIGKILL, SIGSTOP},
        killpg,
    },
    unistd::chown,
};
use serde::Deserialize;
use sqlx::{
    Connection, FromRow, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};

use super::{
    clients::Clients,
    fault::{Done, Fault},
    ground::{Ground, MEMBERS, table},
    moment,
    servers::{of, postmaster, send, to_server},
    until, within,
};
use crate::{
    chaos::dice::Dice,
    support::{free_port, installed, unprivileged},
};

/// What is played before it: all that needs nothing that only we have.
pub(super) const FAULTS: [Fault; 8] =
    [Fault::Postmaster, Fault::Tree, Fault::Machine, Fault::Node, Fault::Orphan, Fault::Freeze, Fault::Stall, Fault::Switchover];
/// How long it has until it is at rest.
const REST: Duration = Duration::from_secs(180);
/// How long an agent has for an answer, and for a switchover, which it answers when it is over.
const ANSWER: Duration = Duration::from_secs(1);
const SWITCHOVER: Duration = Duration::from_secs(60);
/// How often is looked: agents that are asked more often are late with their own work.
const LOOK: Duration = Duration::from_millis(250);
const PASSWORD: &str = "only-a-test";

static CLUSTERS: AtomicU32 = AtomicU32::new(1);

/// Its times, in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) ttl: u8,
    pub(super) loop_wait: u8,
    pub(super) retry_timeout: u8,
}

impl Times {
    pub(super) const INSTALLED: Self = Self { ttl: 30, loop_wait: 10, retry_timeout: 10 };
    /// The smallest that it takes: <https://patroni.readthedocs.io/en/latest/dynamic_configuration.html>.
    pub(super) const SHORTEST: Self = Self { ttl: 20, loop_wait: 1, retry_timeout: 3 };
}

struct Member {
    api: u16,
    server: u16,
    agent: Option<Child>,
}

/// A cluster. When it is dropped all of it ends.
pub(super) struct Patroni {
    folder: PathBuf,
    synchronous: bool,
    etcd: Option<Child>,
    members: Vec<Member>,
    web: reqwest::Client,
}

/// What an agent says of a member.
#[derive(Deserialize)]
struct Said {
    name: String,
    role: String,
}

/// What a server says of itself.
#[derive(FromRow)]
struct Standing {
    follows: bool,
    line: Option<i64>,
}

impl Patroni {
    pub(super) async fn laid(synchronous: bool, times: Times) -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("iasql-peer-{}-{}", process::id(), CLUSTERS.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&folder).expect("a folder");
        fs::set_permissions(&folder, PermissionsExt::from_mode(0o711)).expect("an open folder");
        if let Some(user) = unprivileged() {
            chown(&folder, Some(user.uid), Some(user.gid)).expect("its folder");
        }
        let members = (0..MEMBERS).map(|_| Member { api: free_port(), server: free_port(), agent: None }).collect();
        let mut cluster = Self { folder, synchronous, etcd: None, members, web: reqwest::Client::new() };
        let etcd = cluster.etcd();
        for (number, member) in (0..).zip(&cluster.members) {
            let text = configuration(number, member, etcd, &cluster.folder, synchronous, times);
            fs::write(cluster.folder.join(format!("m{number}.yml")), text).expect("a file");
        }
        (0..MEMBERS).for_each(|number| cluster.returns(number));
        // one that can't run says why
        let leader = cluster.leader().await.map_err(|why| format!("{why}: {}", cluster.last_words()))?;
        table(&cluster.door(leader)).await?;
        cluster.well().await?;
        Ok(cluster)
    }

    /// One that runs without rights, in a group of its own.
    fn command(&self, name: &str, program: &str) -> Command {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.folder.join(format!("{name}.log"))).expect("a log");
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env("HOME", &self.folder).env("LC_ALL", "C").process_group(0);
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        if let Some(user) = unprivileged() {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    /// At which port it answers.
    fn etcd(&mut self) -> u16 {
        let port = free_port();
        let [clients, peers] = [port, free_port()].map(|port| format!("http://127.0.0.1:{port}"));
        let mut command = self.command("etcd", "etcd");
        command.args(["--name", "etcd", "--data-dir", "etcd", "--listen-client-urls", &clients, "--advertise-client-urls", &clients]);
        command.args(["--listen-peer-urls", &peers, "--initial-advertise-peer-urls", &peers]);
        command.args(["--initial-cluster", &format!("etcd={peers}")]);
        self.etcd = Some(command.spawn().expect("etcd, which the same user can run"));
        port
    }

    /// Runs the agent of a member: for the first time, or again.
    fn returns(&mut self, number: u16) {
        let mut command = self.command(&format!("m{number}"), "patroni");
        command.arg(format!("m{number}.yml"));
        self.members[usize::from(number)].agent =
            Some(command.spawn().expect("patroni, which the user can run whom this machine has for Postgres"));
    }

    fn data(&self, number: u16) -> PathBuf {
        self.folder.join(format!("m{number}"))
    }

    fn to_agent(&self, number: u16, signal: Signal) {
        if let Some(agent) = &self.members[usize::from(number)].agent {
            let _is_gone = killpg(of(agent), signal);
        }
    }

    /// The agent alone is gone.
    fn kill_agent(&mut self, number: u16) {
        self.to_agent(number, SIGKILL);
        if let Some(mut agent) = self.members[usize::from(number)].agent.take() {
            drop(agent.wait());
        }
    }

    /// The whole machine is gone.
    fn lose(&mut self, number: u16) {
        to_server(&self.data(number), "", SIGKILL);
        self.kill_agent(number);
        to_server(&self.data(number), "", SIGKILL);
    }

    fn last_words(&self) -> String {
        let text = fs::read_to_string(self.folder.join("m0.log")).unwrap_or_default();
        text.lines().last().unwrap_or_default().to_owned()
    }

    /// What this one's agent says of all.
    async fn said(&self, number: u16) -> Option<Vec<Said>> {
        #[derive(Deserialize)]
        struct Cluster {
            members: Vec<Said>,
        }
        let api = self.members[usize::from(number)].api;
        let asked = self.web.get(format!("http://127.0.0.1:{api}/cluster")).timeout(ANSWER).send();
        Some(asked.await.ok()?.json::<Cluster>().await.ok()?.members)
    }

    async fn standing(&self, number: u16) -> Option<Standing> {
        let asked = async {
            let mut session = PgConnection::connect_with(&self.door(number)).await?;
            sqlx::query_as(include_str!("standing.sql")).fetch_one(&mut session).await
        };
        tokio::time::timeout(ANSWER, asked).await.ok()?.ok()
    }

    /// Whom the first agent that answers calls the leader, and who takes writes.
    async fn leads(&self) -> Option<u16> {
        moment(LOOK).await;
        for number in 0..MEMBERS {
            if let Some(said) = self.said(number).await {
                let leader = led(&said)?;
                return self.standing(leader).await.filter(|standing| !standing.follows).map(|_| leader);
            }
        }
        None
    }

    async fn is_well(&self) -> bool {
        moment(LOOK).await;
        let mut standings = vec![];
        for number in 0..MEMBERS {
            let Some(standing) = self.standing(number).await else { return false };
            standings.push(standing);
        }
        let line = standings[0].line;
        if line.is_none() || standings.iter().any(|standing| standing.line != line) {
            return false;
        }
        for number in 0..MEMBERS {
            let Some(said) = self.said(number).await else { return false };
            let waits = said.iter().any(|member| member.role == "sync_standby");
            let leads = |at: usize| led(&said).is_some_and(|leader| usize::from(leader) == at);
            if standings.iter().enumerate().any(|(at, standing)| standing.follows == leads(at)) || self.synchronous != waits {
                return false;
            }
        }
        true
    }

    /// Another one leads, and takes writes.
    async fn another(&self, old: u16, clients: &Clients) -> Result<(), String> {
        within(REST, "another primary", async || self.leads().await.filter(|leads| *leads != old)).await?;
        clients.more(20).await
    }

    async fn strike(&mut self, fault: Fault, old: u16) -> Result<(), String> {
        let data = self.data(old);
        match fault {
            Fault::Postmaster => send(postmaster(&data)?, SIGKILL),
            Fault::Tree | Fault::Machine => self.lose(old),
            Fault::Node | Fault::Orphan => self.kill_agent(old),
            Fault::Freeze => {
                self.to_agent(old, SIGSTOP);
                to_server(&data, "", SIGSTOP);
            }
            Fault::Stall => {
                to_server(&data, "walsender", SIGSTOP);
                moment(Duration::from_millis(200)).await;
                self.lose(old);
            }
            Fault::Switchover => self.switchover(old).await?,
            other => return Err(format!("{} is not played here", other.name())),
        }
        Ok(())
    }

    async fn switchover(&self, old: u16) -> Result<(), String> {
        let api = self.members[usize::from(old)].api;
        let wish = serde_json::json!({ "leader": format!("m{old}") });
        let asked = || self.web.post(format!("http://127.0.0.1:{api}/switchover")).timeout(SWITCHOVER).json(&wish).send();
        // it refuses while it does not know yet that all follow
        until("a switchover", async || {
            let done = asked().await.is_ok_and(|answer| answer.status().is_success());
            (done || self.leads().await.is_some_and(|leads| leads != old)).then_some(())
        })
        .await
    }

    /// Whoever was away comes back.
    async fn mend(&mut self, fault: Fault, old: u16, dice: &mut Dice) {
        match fault {
            Fault::Freeze => {
                // in no order
                if dice.is(50) {
                    to_server(&self.data(old), "", SIGCONT);
                    moment(Duration::from_millis(dice.below(30) as u64)).await;
                }
                self.to_agent(old, SIGCONT);
                moment(Duration::from_millis(dice.below(30) as u64)).await;
                to_server(&self.data(old), "", SIGCONT);
            }
            Fault::Postmaster | Fault::Switchover => {}
            _ => self.returns(old),
        }
    }
}

impl Ground for Patroni {
    fn folder(&self) -> &Path {
        &self.folder
    }

    fn synchronous(&self) -> bool {
        self.synchronous
    }

    fn ways(&self) -> Vec<PgConnectOptions> {
        (0..MEMBERS).map(|number| self.door(number)).collect()
    }

    fn door(&self, number: u16) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(self.members[usize::from(number)].server);
        options.username("postgres").password(PASSWORD).database("postgres").ssl_mode(PgSslMode::Disable)
    }

    fn door_in_words(&self, number: u16) -> String {
        let port = self.members[usize::from(number)].server;
        format!("host=127.0.0.1 port={port} user=postgres password={PASSWORD} dbname=postgres gssencmode=disable connect_timeout=3")
    }

    async fn leader(&self) -> Result<u16, String> {
        until("a primary", async || self.leads().await).await
    }

    async fn well(&self) -> Result<(), String> {
        within(REST, "that all is well", async || self.is_well().await.then_some(())).await
    }

    async fn played(&mut self, fault: Fault, clients: &Clients, mut dice: Dice) -> Result<Done, String> {
        let old = self.leader().await?;
        moment(Duration::from_millis(dice.below(300) as u64)).await;
        let began = Instant::now();
        self.strike(fault, old).await?;
        let changes = matches!(fault, Fault::Machine | Fault::Orphan | Fault::Freeze | Fault::Stall | Fault::Switchover);
        if changes {
            self.another(old, clients).await?;
        }
        let back = if matches!(fault, Fault::Postmaster | Fault::Switchover) { began } else { Instant::now() };
        self.mend(fault, old, &mut dice).await;
        clients.more(20).await?;
        let what = if fault == Fault::Stall { "and the agent, away until another one led" } else { "" };
        Ok(Done { began, back: Some(back), what: what.to_owned() })
    }

    fn keep_logs(&self, to: &Path) {
        fs::create_dir_all(to).expect("a folder");
        for name in ["etcd.log", "m0.log", "m1.log", "m2.log"] {
            // one that never ran has none
            drop(fs::copy(self.folder.join(name), to.join(name)));
        }
    }
}

impl Drop for Patroni {
    fn drop(&mut self) {
        (0..MEMBERS).for_each(|number| self.lose(number));
        if let Some(mut etcd) = self.etcd.take() {
            send(of(&etcd), SIGKILL);
            drop(etcd.wait());
        }
        if let Ok(to) = std::env::var("IASQL_CHAOS_LOGS") {
            self.keep_logs(&Path::new(&to).join(self.folder.file_name().unwrap_or_default()));
        }
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn led(said: &[Said]) -> Option<u16> {
    said.iter().find(|member| member.role == "leader")?.name.strip_prefix('m')?.parse().ok()
}

fn configuration(number: u16, member: &Member, etcd: u16, folder: &Path, synchronous: bool, times: Times) -> String {
    let known = [
        ("{number}", number.to_string()),
        ("{api}", member.api.to_string()),
        ("{server}", member.server.to_string()),
        ("{etcd}", etcd.to_string()),
        ("{ttl}", times.ttl.to_string()),
        ("{loop_wait}", times.loop_wait.to_string()),
        ("{retry_timeout}", times.retry_timeout.to_string()),
        ("{synchronous}", synchronous.to_string()),
        ("{programs}", installed().display().to_string()),
        ("{folder}", folder.display().to_string()),
        ("{password}", PASSWORD.to_owned()),
    ];
    known.iter().fold(include_str!("patroni.yml").to_owned(), |text, (name, is)| text.replace(name, is))
}

#[test]
fn a_member_is_told_its_ports_and_times() {
    let member = Member { api: 1, server: 2, agent: None };
    let told = configuration(7, &member, 3, Path::new("/f"), true, Times::SHORTEST);
    for line in ["name: m7", "  host: 127.0.0.1:3", "    ttl: 20", "    synchronous_mode: true", "  data_dir: /f/m7"] {
        assert!(told.lines().any(|told| told == line), "{line} is not in {told}");
    }
    assert!(!told.contains('{'), "{told}");
}
