//! Who writes: some through the pooler, and at each member's door one who tries it whoever leads. What was acknowledged is noted with the timeline, the server and its time.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection, FromRow, PgConnection, postgres::PgConnectOptions};
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    ground::{Ground, MEMBERS},
    moment,
};

/// How many come through the pooler, or look for the primary themselves, and how often each writes.
const POOLED: usize = 4;
const EVERY: Duration = Duration::from_millis(8);
/// How long one waits for an answer: longer than a pooler has its clients wait.
const ANSWER: Duration = Duration::from_secs(45);
/// How long one waits who has no pooler: nobody else tells it that a server stands still.
const ALONE: Duration = Duration::from_secs(3);
/// The same, for a session; and how long until it looks for a primary again.
const KNOCK: Duration = Duration::from_secs(1);
const AGAIN: Duration = Duration::from_millis(50);

/// A row that was acknowledged.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Told {
    pub(super) number: i64,
    /// The timeline on which it was written, which is the term.
    pub(super) line: i64,
    pub(super) server: String,
    /// When, by the server's clock, in microseconds: it is the same clock for all of them.
    pub(super) served: i64,
}

/// What was acknowledged, and when that was heard.
#[derive(Default)]
struct Heard {
    told: Mutex<Vec<(Told, Instant)>>,
    next: AtomicI64,
    errors: AtomicUsize,
}

/// All who write. They end with their value.
pub(super) struct Clients {
    heard: Arc<Heard>,
    ends: CancellationToken,
    runs: Vec<JoinHandle<()>>,
    stubborn: Vec<(Child, PathBuf)>,
    go: PathBuf,
}

impl Clients {
    pub(super) fn start(field: &impl Ground) -> Self {
        let (heard, ends) = (Arc::<Heard>::default(), CancellationToken::new());
        let run = || tokio::spawn(write(field.ways(), Arc::clone(&heard), ends.clone()));
        let runs = (0..POOLED).map(|_| run()).collect();
        let go = field.folder().join("go");
        fs::write(&go, "").expect("a file");
        let stubborn = (0..MEMBERS).map(|number| stubborn(field, number, &go)).collect();
        Self { heard, ends, runs, stubborn, go }
    }

    pub(super) fn count(&self) -> usize {
        self.heard.told.lock().expect("a list").len()
    }

    pub(super) fn errors(&self) -> usize {
        self.heard.errors.load(Ordering::SeqCst)
    }

    /// When so many more were acknowledged.
    pub(super) async fn more(&self, rows: usize) -> Result<(), String> {
        let before = self.count();
        super::until("rows that are acknowledged", async || (self.count() >= before + rows).then_some(())).await
    }

    /// All that came through the pooler, from this one on.
    pub(super) fn told(&self, from: usize) -> Vec<(Told, Instant)> {
        self.heard.told.lock().expect("a list")[from..].to_vec()
    }

    /// All that was acknowledged at doors, so far.
    pub(super) fn at_doors(&self) -> Vec<Told> {
        self.stubborn.iter().flat_map(|(_, file)| lines(file)).collect()
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        self.ends.cancel();
        self.runs.iter().for_each(JoinHandle::abort);
        drop(fs::remove_file(&self.go));
        for (child, _) in &mut self.stubborn {
            let group = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("a number"));
            let _is_gone = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
            drop(child.wait());
        }
    }
}

fn stubborn(field: &impl Ground, number: u16, go: &Path) -> (Child, PathBuf) {
    let file = field.folder().join(format!("door-{number}"));
    let mut words = field.where_it_is(number);
    words.extend(["sh", "-c", include_str!("stubborn.sh"), "stubborn.sh"].map(str::to_owned));
    words.extend([field.door_in_words(number), file.display().to_string(), go.display().to_string(), number.to_string()]);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    (command.spawn().expect("a shell"), file)
}

/// What is not whole yet, or no row, does not count.
fn lines(file: &Path) -> Vec<Told> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let told = |line: &str| {
        let mut words = line.split(' ');
        let mut number = || words.next()?.parse().ok();
        let (number, line) = (number()?, number()?);
        Some(Told { number, line, server: words.next()?.to_owned(), served: words.next()?.parse().ok()? })
    };
    whole.lines().filter_map(told).collect()
}

async fn write(ways: Vec<PgConnectOptions>, heard: Arc<Heard>, ends: CancellationToken) {
    let (mut session, mut ticks) = (None::<PgConnection>, interval(EVERY));
    let answer = if ways.len() == 1 { ANSWER } else { ALONE };
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !ends.is_cancelled() {
        ticks.tick().await;
        let Some(open) = session.as_mut() else {
            match opened(&ways).await {
                Ok(open) => session = Some(open),
                Err(why) => note(&heard, &format!("no session: {why}")),
            }
            continue;
        };
        let number = heard.next.fetch_add(1, Ordering::SeqCst);
        let row = sqlx::query_as::<_, Told>(include_str!("row.sql")).bind(number).fetch_one(open);
        match timeout(answer, row).await {
            Ok(Ok(told)) => heard.told.lock().expect("a list").push((told, Instant::now())),
            Ok(Err(error)) => {
                note(&heard, &format!("row {number}: {error}"));
                session = None;
            }
            Err(_) => {
                note(&heard, &format!("row {number}: no answer"));
                session = None;
            }
        }
    }
}

/// A session through the only way, or with the first of several that takes writes, as libpq finds it.
async fn opened(ways: &[PgConnectOptions]) -> Result<PgConnection, String> {
    if let [way] = ways {
        let open = timeout(ANSWER, PgConnection::connect_with(way)).await.map_err(|_| "no answer")?;
        return open.map_err(|error| error.to_string());
    }
    for way in ways {
        let writes = timeout(KNOCK, async {
            let mut open = PgConnection::connect_with(way).await?;
            let follows: bool = sqlx::query_scalar("select pg_is_in_recovery()").fetch_one(&mut open).await?;
            Ok::<_, sqlx::Error>((!follows).then_some(open))
        });
        if let Ok(Ok(Some(open))) = writes.await {
            return Ok(open);
        }
    }
    moment(AGAIN).await;
    Err("no primary".to_owned())
}

fn note(heard: &Heard, what: &str) {
    heard.errors.fetch_add(1, Ordering::SeqCst);
    if std::env::var_os("IASQL_CHAOS_LOGS").is_some() {
        println!("  {} {what}", chrono::Utc::now().format("%H:%M:%S%.3f"));
    }
}

/// Rows that were written on an older timeline when somebody had acknowledged one on a newer timeline, and timelines that two servers had.
pub(super) fn doubled(told: &[Told]) -> Vec<Told> {
    let mut first: BTreeMap<i64, &Told> = BTreeMap::new();
    for row in told {
        let known = first.entry(row.line).or_insert(row);
        if row.served < known.served {
            *known = row;
        }
    }
    let is_late = |row: &Told| first.range(row.line + 1..).any(|(_, later)| later.served < row.served);
    let is_other = |row: &Told| first.get(&row.line).is_some_and(|known| known.server != row.server);
    told.iter().filter(|row| is_late(row) || is_other(row)).cloned().collect()
}

#[test]
fn two_primaries_are_seen_by_their_rows() {
    let row = |number, line, server: &str, served| Told { number, line, server: server.to_owned(), served };
    let one_after_the_other = [row(1, 2, "a", 10), row(2, 2, "a", 20), row(3, 4, "b", 21), row(4, 5, "a", 30)];
    assert!(doubled(&one_after_the_other).is_empty());
    let both = [row(1, 2, "a", 10), row(3, 4, "b", 21), row(2, 2, "a", 22)];
    assert_eq!(doubled(&both).iter().map(|row| row.number).collect::<Vec<_>>(), [2]);
    let on_one_line = [row(1, 2, "a", 10), row(2, 2, "b", 11)];
    assert_eq!(doubled(&on_one_line).iter().map(|row| row.number).collect::<Vec<_>>(), [2]);
}
