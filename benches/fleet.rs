//! A thousand tenants on two servers behind one engine: a round in which nothing changed, and how soon a commit is heard.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use iasql::{
    control::{Control, Made, RunInfo, Setup},
    engine::Kind,
};
use sqlx::PgConnection;
use tokio::{task::JoinHandle, time::sleep};
use uuid::Uuid;

use crate::{
    child::{cpu, peak},
    empty_cloud::Cloud,
    ground::{Ground, connect},
    rollout::Peak,
    support,
    table::{Figure, median, time},
};

/// How many databases, unless IASQL_BENCH_DATABASES says otherwise.
const DATABASES: usize = 1000;
/// How many of them are listened to when commits are measured, and how often each commits.
const HEARD: usize = 10;
const COMMITS: usize = 10;
/// With how many sessions a noisy tenant asks for checks.
const NOISE: usize = 16;
/// How many setups are timed one by one.
const READY: usize = 10;

/// Two servers, a registry on the first, a cloud without anything in it.
struct Fleet {
    grounds: [Ground; 2],
    metadata: String,
    passwords: PathBuf,
    control: Control,
    made: Vec<Made>,
    took: Vec<Duration>,
}

/// An engine as a process of its own.
struct Engine(Child);

pub(crate) async fn figures() -> Vec<Figure> {
    let count = env::var("IASQL_BENCH_DATABASES").ok().and_then(|count| count.parse().ok()).unwrap_or(DATABASES);
    let fleet = Fleet::of(count).await;
    let cloud = Cloud::serve().await;
    let engine = Engine::start(&fleet, &cloud.endpoint);
    let mut figures = fleet.made_figures();
    figures.extend(round(&fleet, &engine).await);
    figures.extend(commits(&fleet, &cloud).await);
    drop(engine);
    figures.extend(fleet.ready_figures().await);
    fleet.stop().await;
    figures
}

impl Fleet {
    async fn of(count: usize) -> Self {
        let grounds = [Ground::hasty_as("one").await, Ground::hasty_as("two").await];
        let passwords = env::temp_dir().join(format!("iasql-bench-pgpass-{}", std::process::id()));
        let (second, line) = without_password(&grounds[1].url("postgres"));
        fs::write(&passwords, line).expect("a file");
        fs::set_permissions(&passwords, fs::Permissions::from_mode(0o600)).expect("a file of one's own");
        let metadata = grounds[0].empty().await;
        let control = Control::connect(&metadata).await.unwrap_or_else(|error| panic!("{error:?}")).with_password_file(&passwords);
        control.add_shard("two", &second, None, None).await.unwrap_or_else(|error| panic!("{error:?}"));
        let fleet = Self { grounds, metadata, passwords, control, made: Vec::new(), took: Vec::new() };
        fleet.set("databases_per_server", "2000").await;
        fleet.set("ready_databases", "0").await;
        let make = |control: Control| async move {
            let began = Instant::now();
            let setup = Setup { modules: Some(vec!["logs".into()]), ..Setup::default() };
            let made = control.setup(&support::database_name(), setup).await.unwrap_or_else(|error| panic!("{error:?}"));
            (made, began.elapsed())
        };
        let all: Vec<_> = stream::iter(0..count).map(|_| make(fleet.control.clone())).buffer_unordered(4).collect().await;
        let (made, took) = all.into_iter().unzip();
        Self { made, took, ..fleet }
    }

    fn made_figures(&self) -> Vec<Figure> {
        let what = format!("setup of a database with one small module, the middle one of {}, four at a time", self.made.len());
        vec![Figure { what, measured: time(median(self.took.clone())), goal: "", beside: String::new() }]
    }

    /// Waits until all of these are listened to, and what that started is over.
    async fn are_heard(&self, made: &[Made]) {
        let names: Vec<&str> = made.iter().map(|made| made.database.name.as_str()).collect();
        let listening =
            "select count(distinct datname) from pg_stat_activity where application_name = 'iasql listening' and datname = any($1)";
        let mut servers = [connect(&self.grounds[0].url("postgres")).await, connect(&self.grounds[1].url("postgres")).await];
        until(async || {
            let mut count = 0;
            for server in &mut servers {
                count += sqlx::query_scalar::<_, i64>(listening).bind(&names).fetch_one(server).await.expect("who listens");
            }
            usize::try_from(count).is_ok_and(|count| count >= names.len())
        })
        .await;
        self.are_quiet().await;
    }

    /// Waits until no run is wanted or under way, but of whoever makes noise.
    async fn are_quiet(&self) {
        let busy = "select exists (select from control.run where ended_at is null and database not like 'noise%')";
        until(async || !sqlx::query_scalar::<_, bool>(busy).fetch_one(self.control.pool()).await.expect("the runs")).await;
    }

    /// A tenant who asks for checks without end, over as many connections as one may have but a few. There is nothing in its tables, so that each
    /// call that the cloud hears is another one's.
    async fn noise(&self) -> Vec<JoinHandle<()>> {
        let setup = Setup { modules: Some(Vec::new()), ..Setup::default() };
        let made = self.control.setup("noise", setup).await.unwrap_or_else(|error| panic!("{error:?}"));
        let mut sessions = Vec::new();
        for _ in 0..NOISE {
            let mut session = connect(made.url().expose()).await;
            sessions.push(tokio::spawn(async move {
                // who is not heard in time asks again; who has no session any more is quiet
                let gone = |error: &sqlx::Error| error.as_database_error().is_none();
                while !sqlx::raw_sql("call iasql.check()").execute(&mut session).await.is_err_and(|error| gone(&error)) {}
            }));
        }
        let heard = "select count(*) >= $1 from control.run where database = 'noise'";
        let many = i64::try_from(NOISE).unwrap_or_default();
        until(async || sqlx::query_scalar(heard).bind(many).fetch_one(self.control.pool()).await.expect("the runs")).await;
        sessions
    }

    /// How long a setup takes where a database lies ready, and where none does.
    async fn ready_figures(&self) -> Vec<Figure> {
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for _ in 0..READY {
            without.push(self.one().await);
        }
        self.set("ready_databases", "1").await;
        for _ in 0..READY {
            for shard in self.control.shards().await.expect("the servers") {
                while self.control.make_ready(&shard.name).await.expect("a ready database") {}
            }
            with.push(self.one().await);
        }
        vec![Figure {
            what: "setup of a database with one small module, one at a time, where one lies ready".into(),
            measured: time(median(with)),
            goal: "",
            beside: format!("{} where none does", time(median(without))),
        }]
    }

    async fn one(&self) -> Duration {
        let (began, setup) = (Instant::now(), Setup { modules: Some(vec!["logs".into()]), ..Setup::default() });
        self.control.setup(&support::database_name(), setup).await.unwrap_or_else(|error| panic!("{error:?}"));
        began.elapsed()
    }

    async fn set(&self, name: &str, value: &str) {
        let set = "insert into control.setting (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value";
        sqlx::query(set).bind(name).bind(value).execute(self.control.pool()).await.expect("a setting");
    }

    async fn stop(self) {
        self.control.close().await;
        for ground in self.grounds {
            ground.stop().await;
        }
        drop(fs::remove_file(self.passwords));
    }
}

/// The address as the registry has it, and the line of the password file.
fn without_password(admin_url: &str) -> (String, String) {
    let parts: Vec<&str> = admin_url.split([':', '@', '/']).collect();
    let [_, _, _, user, password, host, port, database] = parts[..] else { panic!("an address with a password") };
    (format!("postgres://{user}@{host}:{port}/{database}"), format!("{host}:{port}:*:{user}:{password}\n"))
}

impl Engine {
    fn start(fleet: &Fleet, endpoint: &str) -> Self {
        let mut command = Command::new(support::binary());
        command.args(["serve", "--no-auth", "--listen", "127.0.0.1:0", "--database-url", &fleet.metadata]).env_clear();
        command.env("PATH", "/usr/bin:/bin").env("PGPASSFILE", &fleet.passwords).env("IASQL_LOG", "warn").env("AWS_REGION", "us-east-1");
        command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the binary runs"))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop((self.0.kill(), self.0.wait()));
    }
}

/// All databases are checked, and nothing is to be done: the second time, when all is in the tables.
async fn round(fleet: &Fleet, engine: &Engine) -> Vec<Figure> {
    check_all(fleet).await;
    let [one, two] = &fleet.grounds;
    let registry = fleet.metadata.rsplit('/').next().map(str::to_owned);
    let peaks =
        [Peak::watch(connect(&one.url("postgres")).await, registry.clone()), Peak::watch(connect(&two.url("postgres")).await, registry)];
    let (began, before) = (Instant::now(), cpu(engine.0.id()));
    check_all(fleet).await;
    let (took, worked) = (began.elapsed(), cpu(engine.0.id()) - before);
    let [one, two] = peaks;
    let most = [one.stop().await, two.stop().await];
    let memory = peak(engine.0.id()).unwrap_or_default() / 1000.0 * 1.024;
    let count = fleet.made.len();
    let figure = |what: String, measured: String, goal, beside: &str| Figure { what, measured, goal, beside: beside.to_owned() };
    vec![
        figure(
            format!("a round over {count} databases in which nothing changed, on two servers, behind one engine"),
            time(took),
            "",
            "servers, engine and cloud on the same cores",
        ),
        figure("the engine meanwhile: CPU, and the most memory".into(), format!("{} CPU, {memory:.0} MB", time(worked)), "", ""),
        figure(
            "connections to each server meanwhile, at most, those to the metadata database left out".into(),
            format!("{} and {}", most[0], most[1]),
            "≤ 60 to users' databases",
            "with those that ask a server what was written in it",
        ),
    ]
}

async fn check_all(fleet: &Fleet) {
    let ask = |made: &Made| {
        let (control, name) = (fleet.control.clone(), made.database.name.clone());
        async move { control.request(&name, Kind::Check, "a benchmark").await.expect("a run") }
    };
    let runs: Vec<Uuid> = stream::iter(&fleet.made).map(ask).buffer_unordered(4).collect().await;
    for run in runs {
        loop {
            let found: RunInfo = fleet.control.run(run).await.expect("the registry").expect("the run");
            if found.ended() {
                assert_eq!(found.outcome.as_ref().and_then(|outcome| outcome["state"].as_str()), Some("done"), "{found:?}");
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// From a commit's end, as its user sees it, to the first call that the cloud hears.
async fn commits(fleet: &Fleet, cloud: &Cloud) -> Vec<Figure> {
    let heard = &fleet.made[..HEARD.min(fleet.made.len())];
    let mut tenants: Vec<PgConnection> = Vec::new();
    for made in heard {
        let mut tenant = connect(made.url().expose()).await;
        run(&mut tenant, "select iasql.set('mode', 'on_commit')").await;
        tenants.push(tenant);
    }
    fleet.are_heard(heard).await;
    let quiet = commit_all(fleet, cloud, &mut tenants).await;
    let what =
        format!("from COMMIT in mode on_commit to the first call, {} commits in {HEARD} databases that are listened to", quiet.len());
    let noise = fleet.noise().await;
    let noisy = commit_all(fleet, cloud, &mut tenants).await;
    noise.iter().for_each(JoinHandle::abort);
    let beside = format!("the same while another tenant asks for checks without end, with {NOISE} sessions");
    vec![latency(what, quiet, "≤ 50 ms"), latency(beside, noisy, "")]
}

/// How long after each commit the cloud is called.
async fn commit_all(fleet: &Fleet, cloud: &Cloud, tenants: &mut [PgConnection]) -> Vec<Duration> {
    let mut took = Vec::new();
    for _ in 0..COMMITS {
        for tenant in &mut *tenants {
            run(tenant, "begin; insert into logs.log_group (name) values ('a'); delete from logs.log_group").await;
            cloud.called();
            run(tenant, "commit").await;
            took.push(first_call(cloud).await);
            fleet.are_quiet().await;
        }
    }
    took.sort();
    took
}

fn latency(what: String, took: Vec<Duration>, goal: &'static str) -> Figure {
    let (first, last) = (took[0], took[took.len() * 9 / 10]);
    let measured = format!("{} (the quickest {}, nine in ten within {})", time(median(took)), time(first), time(last));
    Figure { what, measured, goal, beside: String::new() }
}

/// How long after this the cloud is called for the first time.
async fn first_call(cloud: &Cloud) -> Duration {
    let committed = Instant::now();
    loop {
        if let Some(called) = cloud.called() {
            return called.saturating_duration_since(committed);
        }
        sleep(Duration::from_millis(1)).await;
        assert!(committed.elapsed() < Duration::from_secs(30), "nobody heard a commit");
    }
}

/// Asks again and again.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < Duration::from_secs(600), "it never came to be");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn run(connection: &mut PgConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.unwrap_or_else(|error| panic!("{error}"));
}
