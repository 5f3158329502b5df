//! A cluster as processes: three members, a pooler, controllers; and what is written down of it, read as they read it.

use std::{
    collections::BTreeMap,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use iasql::{
    cluster::{self, Addresses, Controller, MEMBER, Nothing, POOLER, Shown, Wanted},
    failover::{Member, Record, Role, Standing, Step},
    password::verifier_of,
    resource::Secret,
    store::Access,
};
use nix::{sys::signal::Signal, unistd::Pid};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::sync::watch;

use super::{
    clients::Clients,
    cuts::{Disk, Net},
    fault::{Done, Fault, Play},
    ground::{Ground, MEMBERS, table},
    servers::{self, of, send},
    until,
};
use crate::{
    chaos::dice::Dice,
    support::{Way, binary, free_port},
};

/// Whose disk is small, where there is one.
pub(super) const SMALL: u16 = 2;

const KEY: &str = "the key of a cluster that is only a test";
const PASSWORD: &str = "the password of who comes through the pooler";

static FIELDS: AtomicU32 = AtomicU32::new(1);

/// A cluster. When it is dropped all of it ends.
pub(super) struct Field {
    folder: PathBuf,
    synchronous: bool,
    /// Whether it runs jobs.
    jobs: bool,
    site: cluster::Site,
    addresses: BTreeMap<u16, Addresses>,
    agents: BTreeMap<u16, Child>,
    engines: Vec<Child>,
    pooler: Option<(Child, u16)>,
    eyes: Controller,
    /// The way of each member; then that of everybody else.
    ways: Vec<Way>,
    pub(super) disk: Option<Disk>,
    pub(super) net: Option<Net>,
}

impl Field {
    /// With members apart from each other where that is wanted, and with jobs.
    pub(super) async fn laid(synchronous: bool, apart: bool, jobs: bool) -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("iasql-hc-{}-{}", process::id(), FIELDS.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&folder).expect("a folder");
        // whoever runs a server goes through it
        fs::set_permissions(&folder, PermissionsExt::from_mode(0o711)).expect("an open folder");
        let mut ways = vec![Way::itself(&folder.join("store"))];
        let net = apart.then(|| Net::laid(MEMBERS)).transpose()?;
        for number in (0..MEMBERS).rev().filter(|_| apart) {
            ways.insert(0, Way::to(&ways[ways.len() - 1], &folder.join(format!("way-{number}")))?);
        }
        let disk = apart.then(|| Disk::at(&folder.join(format!("m{SMALL}")))).transpose()?;
        let site = cluster::Site::new("main", &ways[ways.len() - 1].url(), Access::default(), Secret::new(KEY)).expect("a cluster");
        let (_, wanted) = watch::channel(Wanted::default());
        let eyes = Controller::open(site.clone(), wanted, Arc::new(Nothing)).await.expect("a controller");
        let (addresses, agents, engines, pooler) = (BTreeMap::new(), BTreeMap::new(), vec![], None);
        let mut field = Self { folder, synchronous, jobs, site, addresses, agents, engines, pooler, eyes, ways, disk, net };
        field.identify();
        (0..MEMBERS).for_each(|number| field.returns(number));
        field.engine();
        field.pool();
        table(&field.pooled()).await?;
        field.well().await?;
        Ok(field)
    }

    /// Files for those who log in by a certificate.
    fn identify(&self) {
        let leaf = self.site.certificate(MEMBER, &[]).expect("a certificate");
        let authority = self.site.authority().expect("an authority");
        for (name, text) in [("ca.crt", authority.certificate()), ("me.crt", &leaf.certificate), ("me.key", leaf.key.expose())] {
            fs::write(self.folder.join(name), text).expect("a file");
            fs::set_permissions(self.folder.join(name), PermissionsExt::from_mode(0o600)).expect("its rights");
        }
    }

    /// A command of ours, where these words lead.
    fn command(&self, name: &str, mut words: Vec<String>, bucket: &str) -> Command {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.folder.join(format!("{name}.log"))).expect("a log");
        words.push(binary().display().to_string());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).env("IASQL_LOG", "info,iasql=debug");
        command.env("IASQL_CLUSTER_NAME", "main").env("IASQL_CLUSTER_BUCKET", bucket).env("IASQL_CLUSTER_KEY", KEY);
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        command
    }

    fn everybodys(&self) -> &Way {
        &self.ways[self.ways.len() - 1]
    }

    fn ip(&self, number: u16) -> IpAddr {
        self.net.as_ref().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |net| net.ip(number))
    }

    /// Runs the agent of a member: for the first time, or again.
    pub(super) fn returns(&mut self, number: u16) {
        let ip = self.ip(number);
        let at = || SocketAddr::from((ip, free_port()));
        let Addresses { agent, server, door } =
            *self.addresses.entry(number).or_insert_with(|| Addresses { agent: at(), server: at(), door: at() });
        let way = if self.net.is_some() { &self.ways[usize::from(number)] } else { self.everybodys() };
        let mut command = self.command(&format!("agent-{number}"), self.where_it_is(number), &way.url());
        command.args(["cluster", "member", "--number", &number.to_string(), "--ip", &ip.to_string(), "--home"]).arg(self.home(number));
        for (name, at) in [("--agent-port", agent), ("--server-port", server), ("--door-port", door)] {
            command.args([name, &at.port().to_string()]);
        }
        self.agents.insert(number, command.spawn().expect("an agent"));
    }

    /// Runs one more controller.
    pub(super) fn engine(&mut self) {
        let mut command = self.command("engine", vec![], &self.everybodys().url());
        command.args(["cluster", "run", "--members", "0,1,2", "--setting", "shared_buffers=16MB"]);
        if self.synchronous {
            command.arg("--synchronous");
        }
        if self.jobs {
            command.args(["--setting", "shared_preload_libraries=pg_cron"]);
        }
        self.engines.push(command.spawn().expect("a controller"));
    }

    /// Kills the controller that was begun last.
    pub(super) fn kill_engine(&mut self) {
        if let Some(mut engine) = self.engines.pop() {
            send(of(&engine), Signal::SIGKILL);
            engine.wait().expect("an end");
        }
    }

    pub(super) fn engines(&self) -> Vec<Pid> {
        self.engines.iter().map(of).collect()
    }

    fn pool(&mut self) {
        let (port, control) = (free_port(), free_port());
        let mut command = self.command("pooler", vec![], &self.everybodys().url());
        command.args(["pooler", "--cluster", "--listen", &format!("127.0.0.1:{port}"), "--control-port", &control.to_string()]);
        let verifier = verifier_of(&Secret::new(PASSWORD)).expect("a verifier");
        command.env("IASQL_POOLER_VERIFIER", verifier).env("IASQL_POOLER_NAMES", "localhost");
        self.pooler = Some((command.spawn().expect("a pooler"), port));
    }

    /// The way through the pooler.
    pub(super) fn pooled(&self) -> PgConnectOptions {
        let port = self.pooler.as_ref().map_or(0, |(_, port)| *port);
        let options = PgConnectOptions::new_without_pgpass().host("localhost").port(port).username(POOLER).password(PASSWORD);
        options.database("main").ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(self.folder.join("ca.crt"))
    }

    fn home(&self, number: u16) -> PathBuf {
        self.folder.join(format!("m{number}"))
    }

    pub(super) fn data(&self, number: u16) -> PathBuf {
        self.home(number).join("data")
    }

    /// To its server, or to some of it.
    pub(super) fn to_server(&self, number: u16, word: &str, signal: Signal) {
        servers::to_server(&self.data(number), word, signal);
    }

    pub(super) fn to_agent(&self, number: u16, signal: Signal) {
        if let Some(agent) = self.agents.get(&number) {
            send(of(agent), signal);
        }
    }

    /// The agent alone is gone.
    pub(super) fn kill_agent(&mut self, number: u16) {
        self.to_agent(number, Signal::SIGKILL);
        if let Some(mut agent) = self.agents.remove(&number) {
            agent.wait().expect("an end");
        }
    }

    /// The whole machine is gone.
    pub(super) fn lose(&mut self, number: u16) {
        self.to_server(number, "", Signal::SIGKILL);
        self.kill_agent(number);
        self.to_server(number, "", Signal::SIGKILL);
    }

    /// Whether anybody gets to the bucket.
    pub(super) fn store(&self, open: bool) {
        self.ways.iter().for_each(|way| way.open(open));
    }

    /// Whether anything gets to this member and from it.
    pub(super) fn connected(&self, number: u16, is: bool) -> Result<(), String> {
        let net = self.net.as_ref().ok_or("members have no network of their own")?;
        self.ways[usize::from(number)].open(is);
        net.connected(number, is)
    }

    /// What is written down, at this moment.
    pub(super) fn record(&self) -> Option<Record> {
        self.state().map(|state| state.record)
    }

    /// The same with the lease.
    pub(super) fn state(&self) -> Option<cluster::State> {
        let folder = self.everybodys().bucket().join("cluster-main");
        let names = fs::read_dir(&folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let newest = names.filter(|name| name.bytes().all(|sign| sign.is_ascii_digit())).max()?;
        serde_json::from_slice(&fs::read(folder.join(newest)).ok()?).ok()
    }

    pub(super) async fn until(&self, what: &str, is: impl Fn(&Record) -> bool) -> Result<Record, String> {
        until(what, async || self.record().filter(&is)).await
    }

    /// Writes down who should lead.
    pub(super) async fn prefer(&self, number: u16) -> Result<(), String> {
        until("a record that takes a wish", async || self.eyes.prefer(Member(number)).await.ok().filter(|taken| *taken).map(drop)).await
    }

    /// What is seen.
    pub(super) async fn shown(&self) -> Option<Shown> {
        self.eyes.show().await.ok().flatten()
    }
}

impl Ground for Field {
    fn folder(&self) -> &Path {
        &self.folder
    }

    fn synchronous(&self) -> bool {
        self.synchronous
    }

    fn ways(&self) -> Vec<PgConnectOptions> {
        vec![self.pooled()]
    }

    fn door(&self, number: u16) -> PgConnectOptions {
        let (door, file) = (self.addresses[&number].door, |name| self.folder.join(name));
        let options =
            PgConnectOptions::new_without_pgpass().host(&door.ip().to_string()).port(door.port()).username(MEMBER).database("main");
        let options = options.ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(file("ca.crt"));
        options.ssl_client_cert(file("me.crt")).ssl_client_key(file("me.key"))
    }

    fn door_in_words(&self, number: u16) -> String {
        let (door, at) = (self.addresses[&number].door, self.folder.display());
        let files = format!("sslcert={at}/me.crt sslkey={at}/me.key sslrootcert={at}/ca.crt");
        format!(
            "host={} port={} user={MEMBER} dbname=main sslmode=verify-full {files} gssencmode=disable connect_timeout=3",
            door.ip(),
            door.port()
        )
    }

    fn where_it_is(&self, number: u16) -> Vec<String> {
        self.net.as_ref().map(|net| net.enters(number)).unwrap_or_default()
    }

    async fn leader(&self) -> Result<u16, String> {
        let led = self.until("a primary", |record| matches!(record.step, Step::Steady | Step::Settle) && record.term > 1).await?;
        Ok(led.primary.0)
    }

    async fn well(&self) -> Result<(), String> {
        until("that all is well", async || self.shown().await.filter(is_well).map(drop)).await
    }

    async fn played(&mut self, fault: Fault, clients: &Clients, dice: Dice) -> Result<Done, String> {
        Play::of(self, clients, dice).await?.carried_out(fault).await
    }

    fn keep_logs(&self, to: &Path) {
        fs::create_dir_all(to).expect("a folder");
        let named = |name: &str| (self.folder.join(format!("{name}.log")), to.join(format!("{name}.log")));
        let servers = (0..MEMBERS).map(|number| (self.home(number).join("postgres.log"), to.join(format!("postgres-{number}.log"))));
        let agents = (0..MEMBERS).map(|number| named(&format!("agent-{number}")));
        for (from, to) in servers.chain(agents).chain([named("engine"), named("pooler")]) {
            // one that never ran has none
            drop(fs::copy(from, to));
        }
        fs::write(to.join("record"), format!("{:#?}", self.record())).expect("a file");
    }
}

impl Drop for Field {
    fn drop(&mut self) {
        for engine in &mut self.engines {
            send(of(engine), Signal::SIGKILL);
            drop(engine.wait());
        }
        if let Some((mut pooler, _)) = self.pooler.take() {
            send(of(&pooler), Signal::SIGKILL);
            drop(pooler.wait());
        }
        (0..MEMBERS).for_each(|number| self.lose(number));
        if let Ok(to) = std::env::var("IASQL_CHAOS_LOGS") {
            self.keep_logs(&Path::new(&to).join(self.folder.file_name().unwrap_or_default()));
        }
        (self.disk, self.net) = (None, None);
        self.ways.clear();
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// One leads, and all others follow and stream.
pub(super) fn is_well(shown: &Shown) -> bool {
    let Record { step, members, primary, term, holders, .. } = &shown.state.record;
    let all_follow = members.len() == usize::from(MEMBERS) && members.values().all(|standing| *standing == Standing::Following);
    let streams = |member: &Member| {
        shown.members.get(member).is_some_and(|seen| {
            let role = if member == primary { Role::Primary } else { Role::Standby };
            seen.alive && seen.role == Some(role) && seen.timeline == *term && (member == primary || seen.receiving)
        })
    };
    // whoever may have a commit that nobody else has is waited for when it is lost
    *step == Step::Steady && *term > 1 && all_follow && !holders.contains(primary) && members.keys().all(streams)
}
