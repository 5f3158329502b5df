//! Members and a pooler as processes of their own, a folder for a bucket, and a controller in this process.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use iasql::{
    cluster::{self, Addresses, Controller, MEMBER, Nothing, POOLER, Shown, Wanted},
    failover::{Member, Record, Role, Standing, Step, Timing},
    password::verifier_of,
    resource::Secret,
    store::Access,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{
    Connection, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::{sync::watch, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::support::{Way, binary, free_port};

/// How long anything may take on a machine that has much else to do.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
pub(super) const LOOK: Duration = Duration::from_millis(20);

/// What an image brings along, made as its build makes it.
pub(super) static TEMPLATE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join("iasql-member-templates");
    let made = Command::new(binary()).args(["cluster", "template"]).arg(&folder).output().expect("an answer");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    folder
});

static SITES: AtomicU32 = AtomicU32::new(1);

const KEY: &str = "the key of a cluster that is only a test";
const PASSWORD: &str = "the password of who comes through the pooler";

/// A cluster. When it is dropped all of it ends.
pub(super) struct Site {
    folder: PathBuf,
    pub(super) store: Way,
    pub(super) site: cluster::Site,
    pub(super) wanted: watch::Sender<Wanted>,
    addresses: BTreeMap<u16, Addresses>,
    agents: BTreeMap<u16, Child>,
    pooler: Option<(Child, u16)>,
    shown: watch::Receiver<Option<Shown>>,
    eyes: Controller,
    ends: CancellationToken,
    runs: JoinHandle<()>,
    pub(super) began: Instant,
}

/// Three members, and time for a machine that has much else to do.
pub(super) fn wanted(synchronous: bool) -> Wanted {
    Wanted {
        members: (0..3).map(Member).collect(),
        synchronous,
        settings: [("shared_buffers".to_owned(), "16MB".to_owned())].into(),
        databases: ["main".to_owned()].into(),
        timing: Timing { lease: 8000, margin: 500, patience: 3000, switchover: 30_000 },
        ..Wanted::default()
    }
}

impl Site {
    pub(super) async fn start(synchronous: bool) -> Self {
        Self::like(wanted(synchronous), false, None).await
    }

    /// With or without a pooler, and with certificates that last so long.
    pub(super) async fn like(wanted: Wanted, pooled: bool, lasts: Option<Duration>) -> Self {
        let folder = std::env::temp_dir().join(format!("iasql-ha-{}-{}", process::id(), SITES.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&folder).expect("a folder");
        // whoever runs a server goes through it
        fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o711)).expect("an open folder");
        let store = Way::itself(&folder.join("store"));
        let site = cluster::Site::new("main", &store.url(), Access::default(), Secret::new(KEY)).expect("a cluster");
        let site = cluster::Site { lasts: lasts.unwrap_or(site.lasts), ..site };
        let (began, wanted) = (Instant::now(), watch::Sender::new(wanted));
        let controller = async || Controller::open(site.clone(), wanted.subscribe(), Arc::new(Nothing)).await.expect("a controller");
        let (eyes, hands, ends) = (controller().await, controller().await, CancellationToken::new());
        let (shown, ended, members) = (hands.shown(), ends.clone(), wanted.borrow().members.clone());
        let runs = tokio::spawn(async move { hands.run(ended).await });
        let (addresses, agents) = (BTreeMap::new(), BTreeMap::new());
        let mut site = Self { folder, store, site, wanted, addresses, agents, pooler: None, shown, eyes, ends, runs, began };
        members.into_iter().for_each(|member| site.returns(member.0));
        if pooled {
            site.pool();
        }
        site
    }

    fn command(&self, name: &str) -> Command {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.folder.join(format!("{name}.log"))).expect("a log");
        let mut command = Command::new(binary());
        command.env("IASQL_CLUSTER_NAME", "main").env("IASQL_CLUSTER_BUCKET", &self.site.bucket).env("IASQL_CLUSTER_KEY", KEY);
        command.env("IASQL_CLUSTER_CERTIFICATE_SECONDS", self.site.lasts.as_secs().to_string());
        command.env("IASQL_CLUSTER_TEMPLATE", &*TEMPLATE);
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        command
    }

    /// Runs the agent of a member: for the first time, or again.
    pub(super) fn returns(&mut self, number: u16) {
        let at = || SocketAddr::from(([127, 0, 0, 1], free_port()));
        let Addresses { agent, server, door } =
            *self.addresses.entry(number).or_insert_with(|| Addresses { agent: at(), server: at(), door: at() });
        let mut command = self.command(&format!("agent-{number}"));
        command.args(["cluster", "member", "--number", &number.to_string(), "--home"]).arg(self.home(number));
        for (name, at) in [("--agent-port", agent), ("--server-port", server), ("--door-port", door)] {
            command.args([name, &at.port().to_string()]);
        }
        self.agents.insert(number, command.spawn().expect("an agent"));
    }

    fn pool(&mut self) {
        let (port, control) = (free_port(), free_port());
        let mut command = self.command("pooler");
        command.args(["pooler", "--cluster", "--listen", &format!("127.0.0.1:{port}"), "--control-port", &control.to_string()]);
        let verifier = verifier_of(&Secret::new(PASSWORD)).expect("a verifier");
        command.env("IASQL_POOLER_VERIFIER", verifier).env("IASQL_POOLER_NAMES", "localhost");
        self.pooler = Some((command.spawn().expect("a pooler"), port));
    }

    /// The way through the door of a member, as its superuser.
    pub(super) fn door(&self, number: u16) -> PgConnectOptions {
        let door = self.addresses[&number].door;
        self.site.way(MEMBER).expect("a certificate").host(&door.ip().to_string()).port(door.port()).database("postgres")
    }

    pub(super) fn doors(&self) -> Vec<PgConnectOptions> {
        self.addresses.keys().map(|number| self.door(*number)).collect()
    }

    /// The way through the pooler, by a name that its certificate has.
    pub(super) fn pooled(&self) -> PgConnectOptions {
        let authority = self.site.authority().expect("an authority");
        let options = PgConnectOptions::new_without_pgpass().host("localhost").port(self.pooler.as_ref().expect("a pooler").1);
        let options = options.username(POOLER).password(PASSWORD).database("main").ssl_mode(PgSslMode::VerifyFull);
        options.ssl_root_cert_from_pem(authority.certificate().as_bytes().to_vec())
    }

    /// It is told from the template it was copied from, and so from all other copies.
    pub(super) async fn is_its_own(&self, number: u16) {
        let mut found = PgConnection::connect_with(&self.door(number)).await.expect("a session");
        let identifier: i64 =
            sqlx::query_scalar("select system_identifier from pg_control_system()").fetch_one(&mut found).await.expect("a number");
        let templates: Vec<_> = fs::read_dir(&*TEMPLATE).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        let controls = templates.iter().map(|template| fs::read(template.join("global/pg_control")).expect("a control file"));
        assert!(controls.map(|control| control[..8].to_vec()).all(|of| of != identifier.to_le_bytes()), "{identifier}, {templates:?}");
        assert!(!templates.is_empty(), "nothing was brought along");
        let databases = "select datname || ' of ' || pg_get_userbyid(datdba) from pg_database where not datistemplate order by datname";
        let databases: Vec<String> = sqlx::query_scalar(databases).fetch_all(&mut found).await.expect("databases");
        // what the template brought along was only given its name
        assert_eq!(databases, ["main of pooler", "postgres of postgres"]);
    }

    /// Wants something else of it.
    pub(super) fn want(&self, change: impl FnOnce(&mut Wanted)) {
        self.wanted.send_modify(change);
    }

    pub(super) fn home(&self, number: u16) -> PathBuf {
        self.folder.join(format!("m{number}"))
    }

    /// Waits until the cluster is like that.
    pub(super) async fn until(&self, what: &str, is: impl Fn(&Shown) -> bool) -> Shown {
        let mut shown = self.shown.clone();
        let found = timeout(PATIENCE, shown.wait_for(|shown| shown.as_ref().is_some_and(&is)))
            .await
            .map(|found| found.expect("a controller").clone());
        match found {
            Ok(shown) => shown.expect("a cluster"),
            Err(_) => panic!("{what} takes too long; last seen: {:#?}\n{}", *self.shown.borrow(), self.said()),
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
        if let Some(agent) = self.agents.get(&number) {
            send(of(agent), signal);
        }
        // whoever was begotten meanwhile
        self.tree(number).into_iter().for_each(|pid| send(pid, signal));
    }

    /// The whole machine is gone.
    pub(super) fn lose(&mut self, number: u16) {
        self.signal(number, Signal::SIGKILL);
        if let Some(mut agent) = self.agents.remove(&number) {
            agent.wait().expect("an end");
        }
        self.signal(number, Signal::SIGKILL);
    }

    /// Its disk is another one.
    pub(super) fn empty(&self, number: u16) {
        fs::remove_dir_all(self.home(number)).expect("a disk");
    }

    /// What agents and servers said last.
    fn said(&self) -> String {
        let tail = |path: &Path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let lines: Vec<_> = text.lines().collect();
            format!("{}\n{}\n", path.display(), lines[lines.len().saturating_sub(25)..].join("\n"))
        };
        let members = self
            .addresses
            .keys()
            .flat_map(|number| [self.folder.join(format!("agent-{number}.log")), self.home(*number).join("postgres.log")]);
        members.chain([self.folder.join("pooler.log")]).map(|path| tail(&path)).collect()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.ends.cancel();
        self.runs.abort();
        let all: Vec<_> = self.addresses.keys().copied().collect();
        all.into_iter().for_each(|number| self.lose(number));
        if let Some((mut pooler, _)) = self.pooler.take() {
            send(of(&pooler), Signal::SIGKILL);
            drop(pooler.wait());
        }
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// One leads, and all others follow and stream.
pub(super) fn is_well(shown: &Shown) -> bool {
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
