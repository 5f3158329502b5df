//! Visits: whoever reads a user's policies or puts their own views back is that tenant meanwhile and nobody else. So there is one visit at a time with
//! each of the logins for it, and there are several, so that nobody has to wait for long behind somebody slow.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::PgConnection;
use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{
    server::{Failed, run, step},
    services::{VISITORS, login, server_of},
};

/// How long a turn is waited for in this process, and then how long other engines are; and how often it is looked whether they have left a visitor.
const PATIENCE: Duration = Duration::from_secs(45);
const FOR_OTHERS: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);
/// How long somebody who began a visit may take to connect; after that it is one that an engine has left behind.
const CONNECTS: Duration = Duration::from_secs(15);
/// Postgres' word for a turn that somebody else has (object_in_use).
const TAKEN: &str = "55006";

/// How long a visit may take: each kind has logins of its own, so a long one keeps no short one waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A second or little more.
    Short,
    /// As long as there is for a visit.
    Long,
}

impl Kind {
    fn visitors(self) -> &'static [&'static str] {
        let (short, long) = VISITORS.split_at(VISITORS.len() / 2);
        match self {
            Self::Short => short,
            Self::Long => long,
        }
    }
}

type Turns = BTreeMap<(String, Kind), Arc<Semaphore>>;

/// The turns at servers in this process, given in the order in which they are asked for; other processes are kept out by the server itself.
static TURNS: Mutex<Turns> = Mutex::const_new(Turns::new());

/// A visit that is under way.
pub(super) struct Visit<'a> {
    pub(super) tenant: &'a str,
    /// The service whose login it is.
    pub(super) service: &'static str,
    _turn: Turn,
}

/// What whoever wants to visit has to have first.
pub(super) struct Turn {
    kind: Kind,
    _seat: OwnedSemaphorePermit,
}

/// Waits for a turn behind whoever asked before in this process.
pub(super) async fn turn(admin_url: &str, kind: Kind) -> Result<Turn, Failed> {
    let seats = || Arc::new(Semaphore::new(kind.visitors().len()));
    let turns = TURNS.lock().await.entry((server_of(admin_url).to_owned(), kind)).or_insert_with(seats).clone();
    match timeout(PATIENCE, turns.acquire_owned()).await {
        Ok(Ok(seat)) => Ok(Turn { kind, _seat: seat }),
        _ => Err(none()),
    }
}

impl<'a> Visit<'a> {
    /// Lets a visitor in as the tenant, when one is free.
    pub(super) async fn begin(inside: &mut PgConnection, tenant: &'a str, turn: Turn) -> Result<Self, Failed> {
        let (started, mut seen) = (Instant::now(), HashMap::new());
        loop {
            for (visitor, mark) in free(inside, turn.kind, &mut seen).await? {
                let (name, service) = (login(visitor), visitor);
                let words = [("tenant", tenant), ("visitor", &*name), ("mark", &*mark)];
                match run(inside, "letting a visitor in", include_str!("sql/visit.sql"), &words).await {
                    Err(error) if is_taken(&error) => {}
                    begun => return begun.map(|()| Self { tenant, service, _turn: turn }),
                }
            }
            if started.elapsed() > FOR_OTHERS {
                return Err(none());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Fails where somebody else is in as this visitor or may come to be: before anything of the tenant's is run.
    pub(super) async fn is_alone(&self, inside: &mut PgConnection, pid: i32) -> Result<(), Failed> {
        let (visitor, pid) = (login(self.service), pid.to_string());
        let words = [("tenant", self.tenant), ("visitor", &*visitor), ("pid", &*pid)];
        run(inside, "visiting as the user alone", include_str!("sql/is_alone.sql"), &words).await
    }

    /// The visitor is nobody again.
    pub(super) async fn end(self, inside: &mut PgConnection) -> Result<(), Failed> {
        let words = [("tenant", self.tenant), ("visitor", &*login(self.service))];
        run(inside, "ending a visit", r#"revoke :"tenant" from :"visitor""#, &words).await
    }
}

/// The visitors with whom nobody is, and what says that somebody was about to be: the same as before for so long that an engine has left it behind.
async fn free(
    inside: &mut PgConnection,
    kind: Kind,
    seen: &mut HashMap<&'static str, (String, Instant)>,
) -> Result<Vec<(&'static str, String)>, Failed> {
    let names: Vec<String> = kind.visitors().iter().map(|visitor| login(visitor)).collect();
    let query = sqlx::query_as(include_str!("sql/free_visitors.sql")).bind(names);
    let marks: HashMap<String, String> = query.fetch_all(inside).await.map_err(step("looking for a visitor"))?.into_iter().collect();
    seen.retain(|visitor, (mark, _)| marks.get(&login(visitor)) == Some(mark));
    let mut free = Vec::new();
    for &visitor in kind.visitors() {
        let Some(mark) = marks.get(&login(visitor)) else { continue };
        let (_, since) = seen.entry(visitor).or_insert_with(|| (mark.clone(), Instant::now()));
        if mark.is_empty() || since.elapsed() > CONNECTS {
            free.push((visitor, mark.clone()));
        }
    }
    Ok(free)
}

fn none() -> Failed {
    step("waiting for a turn to visit")(sqlx::Error::PoolTimedOut)
}

/// Whether somebody else has the turn: nothing is wrong with what was asked, and it may be asked again.
pub(super) fn is_taken(error: &Failed) -> bool {
    match &error.source {
        sqlx::Error::PoolTimedOut => true,
        source => source.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == TAKEN),
    }
}
