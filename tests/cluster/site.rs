//! Three members as processes of their own, a folder for a bucket, and a controller in this process.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use iasql::{
    cluster::{Controller, Nothing, Peer, Sheet, Shown},
    failover::{Member, Record, Role, Standing, Step, Timing},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    task::JoinHandle,
    time::{interval, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::support::{binary, free_port};

/// How long anything may take on a machine that has much else to do.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
pub(super) const LOOK: Duration = Duration::from_millis(20);

static SITES: AtomicU32 = AtomicU32::new(1);

/// A cluster. When it is dropped all of it ends.
pub(super) struct Site {
    folder: PathBuf,
    pub(super) sheet: Sheet,
    agents: Vec<Option<Child>>,
    eyes: Controller,
    ends: CancellationToken,
    runs: JoinHandle<()>,
}

impl Site {
    pub(super) async fn start(synchronous: bool) -> Self {
        let folder = std::env::temp_dir().join(format!("iasql-ha-{}-{}", process::id(), SITES.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&folder).expect("a folder");
        // whoever runs a server goes through it
        fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o711)).expect("an open folder");
        let written = |name: &str, text: &str| {
            fs::write(folder.join(name), text).expect("a file");
            folder.join(name)
        };
        let at = || SocketAddr::from(([127, 0, 0, 1], free_port()));
        let members = (0..3).map(|number| (Member(number), Peer { agent: at(), server: at(), door: at() })).collect();
        let sheet = Sheet {
            name: "main".to_owned(),
            bucket: format!("file://{}/bucket", folder.display()),
            key_file: written("key", "the key of this test"),
            password_file: written("password", "the password of this test"),
            members,
            synchronous,
            lease_ms: 8000,
            timing: Timing { margin: 500, patience: 3000, switchover: 30_000 },
            settings: [("shared_buffers".to_owned(), "16MB".to_owned())].into(),
        };
        written("cluster.json", &serde_json::to_string_pretty(&sheet).expect("a text"));
        let controller = async || Controller::open(sheet.clone(), Arc::new(Nothing)).await.expect("a controller");
        let (eyes, hands, ends) = (controller().await, controller().await, CancellationToken::new());
        let (ended, mut site) = (ends.clone(), Self { folder, sheet, agents: vec![], eyes, ends, runs: tokio::spawn(async {}) });
        site.agents = (0..3).map(|number| Some(site.agent(number))).collect();
        site.runs = tokio::spawn(async move { hands.run(ended).await });
        site
    }

    fn agent(&self, number: u16) -> Child {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.folder.join(format!("agent-{number}.log"))).expect("a log");
        let mut command = Command::new(binary());
        command.args(["cluster", "member", "--file"]).arg(self.folder.join("cluster.json"));
        command.args(["--number", &number.to_string(), "--home"]).arg(self.home(number));
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log).spawn().expect("an agent")
    }

    fn home(&self, number: u16) -> PathBuf {
        self.folder.join(format!("m{number}"))
    }

    /// Waits until the cluster is like that.
    pub(super) async fn until(&self, what: &str, is: impl Fn(&Shown) -> bool) -> Shown {
        let mut looks = interval(LOOK);
        let mut last = None;
        let waits = async {
            loop {
                looks.tick().await;
                match self.eyes.show().await.ok().flatten() {
                    Some(shown) if is(&shown) => return shown,
                    seen => last = seen.or(last.take()),
                }
            }
        };
        match timeout(PATIENCE, waits).await {
            Ok(shown) => shown,
            Err(_) => panic!("{what} takes too long; last seen: {last:#?}\n{}", self.said()),
        }
    }

    /// All is well, and whoever leads is one of these.
    pub(super) async fn well(&self, leads: &[u16]) -> Shown {
        let shown = self.until("that all follow", |shown| is_well(shown) && leads.contains(&shown.state.record.primary.0)).await;
        println!("all follow member {} in term {}", shown.state.record.primary.0, shown.state.record.term);
        shown
    }

    pub(super) async fn prefer(&self, number: u16) {
        assert!(self.eyes.prefer(Member(number)).await.expect("a store"), "the record takes it");
    }

    /// The first process of a member's server.
    pub(super) fn postmaster(&self, number: u16) -> Pid {
        let text = fs::read_to_string(self.home(number).join("data/postmaster.pid")).expect("a server");
        Pid::from_raw(text.lines().next().and_then(|line| line.parse().ok()).expect("a number"))
    }

    /// All processes of a member's server.
    fn tree(&self, number: u16) -> Vec<Pid> {
        let data = self.home(number).join("data");
        let numbers = fs::read_dir("/proc").expect("processes").filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let stands = |pid: &i32| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data);
        numbers.filter(stands).map(Pid::from_raw).collect()
    }

    /// Its server first, so that it could do something before the agent does.
    pub(super) fn signal(&self, number: u16, signal: Signal) {
        self.tree(number).into_iter().for_each(|pid| send(pid, signal));
        if let Some(agent) = &self.agents[usize::from(number)] {
            send(of(agent), signal);
        }
        // whoever was begotten meanwhile
        self.tree(number).into_iter().for_each(|pid| send(pid, signal));
    }

    /// The whole machine is gone.
    pub(super) fn lose(&mut self, number: u16) {
        self.signal(number, Signal::SIGKILL);
        if let Some(mut agent) = self.agents[usize::from(number)].take() {
            agent.wait().expect("an end");
        }
        self.signal(number, Signal::SIGKILL);
    }

    pub(super) fn returns(&mut self, number: u16) {
        self.agents[usize::from(number)] = Some(self.agent(number));
    }

    /// What agents and servers said last.
    fn said(&self) -> String {
        let tail = |path: &Path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let lines: Vec<_> = text.lines().collect();
            format!("{}\n{}\n", path.display(), lines[lines.len().saturating_sub(25)..].join("\n"))
        };
        (0..3)
            .map(|number| tail(&self.folder.join(format!("agent-{number}.log"))) + &tail(&self.home(number).join("postgres.log")))
            .collect()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.ends.cancel();
        self.runs.abort();
        (0..3).for_each(|number| self.lose(number));
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// One leads, and all others follow and stream.
fn is_well(shown: &Shown) -> bool {
    let Record { step, members, primary, term, holders, .. } = &shown.state.record;
    let all_follow = members.values().all(|standing| *standing == Standing::Following);
    let streams = |member: &Member| {
        shown.members.get(member).is_some_and(|seen| {
            let role = if member == primary { Role::Primary } else { Role::Standby };
            seen.alive && seen.role == Some(role) && seen.timeline == *term && (member == primary || seen.receiving)
        })
    };
    // whoever may have a commit that nobody else has is waited for when it is lost
    *step == Step::Steady && all_follow && !holders.contains(primary) && members.keys().all(streams)
}

fn of(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("a number"))
}

fn send(pid: Pid, signal: Signal) {
    let _is_gone = kill(pid, signal);
}
