//! What it takes to bring hundreds of users' databases to a new version: beside a bare loop, and cut off half-way.

use std::{
    env,
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use iasql::{
    control::{Control, Rollout, Setup, Told},
    database::modules::Library,
    schema::Schema,
};
use sqlx::PgConnection;

use crate::{
    ground::{Ground, connect},
    support,
    table::{Figure, ratio, time},
};

/// How many databases, unless IASQL_BENCH_DATABASES says otherwise.
const DATABASES: usize = 500;
/// How many at a time.
const AT_ONCE: usize = 5;

/// A roll-out of one trivial version; the same as a bare loop; one that is cut off and gone on with.
pub(crate) async fn figures() -> Vec<Figure> {
    let ground = Ground::hasty().await;
    let figures = on(&ground).await;
    ground.stop().await;
    figures
}

async fn on(ground: &Ground) -> Vec<Figure> {
    let count = env::var("IASQL_BENCH_DATABASES").ok().and_then(|count| count.parse().ok()).unwrap_or(DATABASES);
    let (metadata, names) = fleet(ground, count).await;
    // as the command does: a process that begins
    let control = Control::connect(&metadata).await.unwrap_or_else(|error| panic!("{error:?}"));
    let peak = Peak::watch(connect(&ground.url("postgres")).await, None);
    let rollout = Rollout { at_once: AT_ONCE, ..Rollout::default() };
    let began = Instant::now();
    let ended = Mutex::new(None);
    let tell = |told: Told<'_>| {
        if let Told::Clearing = told {
            *ended.lock().expect("a time") = Some(began.elapsed());
        }
    };
    let report = control.clone().with_library(library(2)).roll_out(&rollout, &tell).await.expect("a roll-out");
    let took = ended.lock().expect("a time").expect("an end");
    assert_eq!((report.upgraded.len(), report.failed.len()), (count, 0), "{:?}", report.failed);
    let most = peak.stop().await;
    let again = Instant::now();
    control.clone().with_library(library(2)).roll_out(&rollout, &|_| {}).await.expect("a roll-out with nothing to do");
    let looked = again.elapsed();
    let bare = bare(ground, &names).await;
    let (first, rest) = cut_off(&control, &rollout, count).await;
    applied_once(ground, &names).await;
    let rate = |took: Duration, count: usize| format!("{:.0} a second", count as f64 / took.as_secs_f64());
    let beside = format!("{} as a bare loop that only alters, {} × its time", rate(bare, count), ratio(took, bare));
    let figure = |what: String, measured: String, goal, beside: String| Figure { what, measured, goal, beside };
    vec![
        figure(
            format!("upgrade of {count} databases by one version, on a server that does not wait for its disk"),
            rate(took, count),
            "≥ 40 a second",
            beside,
        ),
        figure("connections to the server meanwhile, at most".into(), most.to_string(), "≤ 8", format!("{AT_ONCE} databases at a time")),
        figure(format!("the same again, with nothing to do in {count} databases"), time(looked), "", String::new()),
        figure("cut off half-way, and gone on with: none applied twice".into(), format!("{first} before, {rest} after"), "", String::new()),
    ]
}

fn library(version: i32) -> Library {
    let small = Schema::from_directory(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rollout/small")).expect("the small module");
    let base = Library::carried().expect("what is carried").base().as_ref().clone();
    Library::of(base, [small.up_to(version)])
}

async fn fleet(ground: &Ground, count: usize) -> (String, Vec<String>) {
    let metadata = ground.empty().await;
    let control = Control::connect(&metadata).await.unwrap_or_else(|error| panic!("{error:?}")).with_library(library(1));
    let names: Vec<String> = (0..count).map(|_| support::database_name()).collect();
    let setup = || Setup { modules: Some(vec!["small".into()]), ..Setup::default() };
    let make = |name: String| {
        let control = control.clone();
        async move { control.setup(&name, setup()).await.map(drop).unwrap_or_else(|error| panic!("{error:?}")) }
    };
    stream::iter(names.clone()).map(make).buffer_unordered(4).collect::<Vec<()>>().await;
    control.pool().close().await;
    (metadata, names)
}

/// The least that anybody would have to do: as many connections, one statement in a transaction.
async fn bare(ground: &Ground, names: &[String]) -> Duration {
    let began = Instant::now();
    let one = |name: String| async move {
        let mut connection = connect(&ground.url(&name)).await;
        let sql = "begin; alter table small.applied add column more text; commit";
        sqlx::raw_sql(sql).execute(&mut connection).await.expect("a statement");
    };
    stream::iter(names.to_vec()).map(one).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    let took = began.elapsed();
    // back to what a fresh database looks like
    for name in names {
        sqlx::raw_sql("alter table small.applied drop column more")
            .execute(&mut connect(&ground.url(name)).await)
            .await
            .expect("a statement");
    }
    took
}

/// Drops a roll-out when it is half-way, and does it again: how many came through before, and after.
async fn cut_off(control: &Control, rollout: &Rollout, count: usize) -> (usize, usize) {
    let control = control.clone().with_library(library(3));
    let done = AtomicUsize::new(0);
    let tell = |told: Told<'_>| {
        if let Told::Done { .. } = told {
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    {
        let mut going = pin!(control.roll_out(rollout, &tell));
        poll_fn(|context| match going.as_mut().poll(context) {
            Poll::Ready(report) => panic!("it came to its end: {report:?}"),
            Poll::Pending if done.load(Ordering::Relaxed) >= count / 2 => Poll::Ready(()),
            Poll::Pending => Poll::Pending,
        })
        .await;
    }
    let report = control.roll_out(rollout, &|_| {}).await.expect("a roll-out");
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    (report.current, report.upgraded.len())
}

async fn applied_once(ground: &Ground, names: &[String]) {
    for name in names {
        let mut connection = connect(&ground.url(name)).await;
        let applied = sqlx::query_scalar("select version from small.applied order by version").fetch_all(&mut connection);
        let applied: Vec<i32> = applied.await.expect("versions");
        assert_eq!(applied, [1, 2, 3], "{name}");
    }
}

/// Counts the connections to a server, but its own and those to one database.
pub(crate) struct Peak {
    most: Arc<AtomicI64>,
    watching: tokio::task::JoinHandle<()>,
    stopped: Arc<Mutex<bool>>,
}

impl Peak {
    /// All but those to the database of this name, where one is to be left out.
    pub(crate) fn watch(mut connection: PgConnection, but: Option<String>) -> Self {
        let (most, stopped) = (Arc::new(AtomicI64::new(0)), Arc::new(Mutex::new(false)));
        let (seen, ended) = (most.clone(), stopped.clone());
        let watching = tokio::spawn(async move {
            const COUNT: &str = "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() and datname is distinct from $1";
            while !*ended.lock().expect("a flag") {
                let count: i64 = sqlx::query_scalar(COUNT).bind(&but).fetch_one(&mut connection).await.expect("a count");
                seen.fetch_max(count, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        Self { most, watching, stopped }
    }

    pub(crate) async fn stop(self) -> i64 {
        *self.stopped.lock().expect("a flag") = true;
        self.watching.await.expect("a watcher");
        self.most.load(Ordering::Relaxed)
    }
}
