//! What an agent sees of its server: asked at this very moment over a connection that stood before, and tried with a new one beside.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{Connection, FromRow};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{
    Error,
    agent::Agent,
    resting::{self, Resting},
    server,
    wire::{Extra, Report, millis},
};
use crate::failover::{Role, Seen};

/// How long the server may take to answer over a connection that stands.
const WARM: Duration = Duration::from_millis(300);
/// How long it may take to let somebody new in, and how often that is tried.
const FRESH: Duration = Duration::from_millis(1000);
const TRIED: Duration = Duration::from_millis(300);

/// What the server says.
#[derive(Debug, FromRow)]
struct Row {
    follows: bool,
    checkpoint_timeline: i64,
    timeline: Option<i64>,
    received: Option<i64>,
    replayed: Option<i64>,
    receives: bool,
    idle: bool,
    outdated: bool,
}

impl Agent {
    /// All that `decide` wants to know.
    pub(super) async fn report(&self) -> Report {
        let (alive, at_work) = {
            let state = self.state();
            (state.server.is_some(), state.at_work)
        };
        let seen = match (alive, at_work) {
            (_, true) => Seen { fenced: true, ..self.basis() },
            (true, _) => self.running().await,
            (false, _) => self.lying().await,
        };
        let state = self.state();
        let for_ms = |since: Option<Instant>| since.filter(|_| seen.alive && !state.starting).map(|since| millis(since.elapsed()));
        let extra = Extra {
            follows: state.orders.follow.as_ref().map(|(_, at)| at.server),
            settings: state.settings.clone(),
            furnished: state.furnished.clone(),
            certificate_ends: self.identity.ends(),
            backups: self.backups.seen(),
        };
        Report { warm_silent_for: for_ms(state.warm_silent), fresh_silent_for: for_ms(state.fresh_silent), seen, extra }
    }

    /// What is known without asking.
    fn basis(&self) -> Seen {
        let state = self.state();
        Seen {
            reachable: true,
            term: state.term,
            spoilt: state.spoilt,
            follows: state.orders.follow.as_ref().map(|(member, _)| *member),
            names: state.names.clone(),
            asks: state.asks.clone(),
            cron: state.cron,
            ..Seen::default()
        }
    }

    /// A stopped one, with all that its disk says.
    async fn lying(&self) -> Seen {
        let basis = Seen { fenced: true, follows: None, ..self.basis() };
        if !self.home.has_data() {
            return basis;
        }
        match self.resting().await {
            Ok(at) => Seen {
                role: super::agent::role(&self.home),
                disk: true,
                timeline: at.timeline,
                history: at.history,
                received: at.end,
                replayed: at.end,
                ..basis
            },
            Err(error) => {
                tracing::warn!(error = crate::causes::in_one_line(&error), "it can't be read where the log ends");
                basis
            }
        }
    }

    /// One that runs. What it does not say in time counts as still under way.
    async fn running(&self) -> Seen {
        let role = self.state().role;
        let basis = Seen { alive: true, disk: true, role, receiving: true, ..self.basis() };
        let Ok(row) = self.ask().await else {
            // it has what it had, and may have more; what it has replayed is not known
            let state = self.state();
            let Resting { timeline, history, end } = state.last.clone();
            let timeline = if state.role == Some(Role::Primary) { state.timeline } else { timeline };
            return Seen { timeline, history, received: end, ..basis };
        };
        let number = |value: i64| u64::try_from(value).unwrap_or_default();
        let received = number(row.received.unwrap_or_default());
        let (timeline, history) = match row.timeline {
            Some(timeline) => (number(timeline), resting::newest(&self.home.wal()).at(u64::MAX, 1).1),
            None => resting::newest(&self.home.wal()).at(received, number(row.checkpoint_timeline)),
        };
        // while it is being promoted it is neither
        let role = if row.follows { Role::Standby } else { Role::Primary };
        let leads = self.tenure.term() == Some(timeline);
        self.state().last = Resting { timeline, history: history.clone(), end: received };
        Seen {
            role: Some(if leads { role } else { self.state().role.unwrap_or(role) }),
            timeline,
            history,
            received,
            replayed: number(row.replayed.unwrap_or_default()),
            receiving: row.follows && (row.receives || !row.idle),
            outdated: row.outdated,
            checkpointed: !row.follows && number(row.checkpoint_timeline) == timeline,
            ..basis
        }
    }

    /// Asks over the connection that stands; where there is none yet, one is made.
    async fn ask(&self) -> Result<Row, Error> {
        let Some((_, number)) = self.state().server else { return Err(Error::Refused("it does not run")) };
        let mut warm = self.warm.lock().await;
        let asked = timeout(WARM, async {
            let mut session = match warm.take().filter(|(of, _)| *of == number) {
                Some((_, session)) => session,
                None => server::session(&self.home, self.port(), "postgres").await?,
            };
            let row = sqlx::query_as(include_str!("sql/look.sql")).fetch_one(&mut session).await?;
            Ok::<_, sqlx::Error>((row, session))
        });
        match asked.await {
            Ok(Ok((row, session))) => {
                *warm = Some((number, session));
                self.state().warm_silent = None;
                Ok(row)
            }
            failed => {
                self.state().warm_silent.get_or_insert_with(Instant::now);
                Err(failed.err().map_or(Error::Refused("it can't be asked"), |_| Error::Refused("it does not answer")))
            }
        }
    }

    /// Tries again and again whether the server lets somebody new in.
    pub(super) async fn probe(self: Arc<Self>) {
        let mut looks = interval(TRIED);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let is_ready = {
                let state = self.state();
                state.server.is_some() && !state.starting
            };
            if !is_ready {
                continue;
            }
            let began = Instant::now();
            let tried = timeout(FRESH, async { server::session(&self.home, self.port(), "postgres").await?.close().await });
            let well = matches!(tried.await, Ok(Ok(())));
            let mut state = self.state();
            state.fresh_silent = if well { None } else { Some(state.fresh_silent.unwrap_or(began)) };
        }
    }
}
