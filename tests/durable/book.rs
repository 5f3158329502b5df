//! What clients were told: which number was committed, by which server, when.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI32, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::PgConnection;
use tokio::{task::JoinHandle, time::interval};

use super::field::connect;

/// A commit that was acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) number: i32,
    /// A server from its start to its end: the node, and when it started.
    pub(super) run: String,
    pub(super) at: Instant,
}

/// All that was told to anybody.
#[derive(Default)]
pub(super) struct Book {
    next: AtomicI32,
    told: Mutex<Vec<Told>>,
}

/// Clients of one node. They end with their value.
pub(super) struct Clients(Vec<JoinHandle<()>>);

impl Drop for Clients {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl Book {
    pub(super) fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn count(&self) -> usize {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Clients who insert numbers for as long as they are there, whenever that node has the database.
    pub(super) fn clients(self: &Arc<Self>, name: &str, home: PathBuf, many: usize) -> Clients {
        let client = || tokio::spawn(self.clone().client(name.to_owned(), home.clone()));
        Clients((0..many).map(|_| client()).collect())
    }

    async fn client(self: Arc<Self>, name: String, home: PathBuf) {
        let mut ticks = interval(Duration::from_millis(20));
        loop {
            ticks.tick().await;
            if let Some(mut session) = connect(&home).await {
                // whatever goes wrong with the session: the next one
                drop(self.insert(&name, &mut session).await);
            }
        }
    }

    async fn insert(&self, name: &str, session: &mut PgConnection) -> Result<(), sqlx::Error> {
        let started: String = sqlx::query_scalar("select pg_catalog.pg_postmaster_start_time()::text").fetch_one(&mut *session).await?;
        let run = format!("{name} since {started}");
        loop {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            sqlx::query("insert into public.kept (n) values ($1)").bind(number).execute(&mut *session).await?;
            let told = Told { number, run: run.clone(), at: Instant::now() };
            self.told.lock().unwrap_or_else(PoisonError::into_inner).push(told);
        }
    }
}

/// What each server told, in the order of the first thing that it did.
pub(super) fn runs(told: &[Told]) -> Vec<(&str, Instant, Instant)> {
    let mut runs: BTreeMap<&str, (Instant, Instant)> = BTreeMap::new();
    for one in told {
        let run = runs.entry(&one.run).or_insert((one.at, one.at));
        *run = (run.0.min(one.at), run.1.max(one.at));
    }
    let mut runs: Vec<_> = runs.into_iter().map(|(run, (first, last))| (run, first, last)).collect();
    runs.sort_by_key(|(_, first, _)| *first);
    runs
}

/// What a server told after another one had begun to tell something. What the other one has of it was stored before that one took over, and only the
/// answer came late: so both have one history. What it has not was written by two at once.
pub(super) fn late(told: &[Told]) -> Vec<Told> {
    let runs = runs(told);
    let next = |one: &Told| runs.iter().skip_while(|(run, ..)| *run != one.run).nth(1).map(|(_, first, _)| *first);
    told.iter().filter(|one| next(one).is_some_and(|first| one.at >= first)).cloned().collect()
}

/// The numbers that the table has.
pub(super) async fn kept(session: &mut PgConnection) -> Result<Vec<i32>, sqlx::Error> {
    sqlx::query_scalar("select n from public.kept").fetch_all(session).await
}

/// What was told and is not there.
pub(super) fn lost(told: &[Told], kept: &[i32]) -> Vec<i32> {
    let kept: std::collections::HashSet<_> = kept.iter().collect();
    told.iter().map(|told| told.number).filter(|number| !kept.contains(number)).collect()
}
