//! What an agent sees of its server, asked at this very moment.

use std::{sync::Arc, time::Duration};

use sqlx::FromRow;
use tokio::time::timeout;

use super::{
    Error,
    agent::Agent,
    pulse,
    resting::{self, Resting},
    server,
    wire::{Extra, Report, millis},
};
use crate::failover::{Role, Seen};

/// How long the server may take to answer, and one that has been silent.
const WARM: Duration = Duration::from_millis(300);
const SILENT: Duration = Duration::from_millis(20);
/// How long it may take to find where a stopped one ends, until that is told later.
const FOUND: Duration = Duration::from_millis(15);

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
    pub(super) async fn report(self: &Arc<Self>) -> Report {
        let (alive, at_work) = {
            let state = self.state();
            (state.server.is_some(), state.at_work)
        };
        let seen = match (alive, at_work) {
            (_, true) => Seen { fenced: true, busy: true, ..self.basis() },
            (true, _) => self.running().await,
            (false, _) => self.lying().await,
        };
        let state = self.state();
        let for_ms = |silent: Duration| (seen.alive && !state.starting && silent >= pulse::SILENT).then(|| millis(silent));
        let extra = Extra {
            follows: state.orders.follow.as_ref().map(|(_, at)| at.server),
            settings: state.settings.clone(),
            furnished: state.furnished.clone(),
            certificate_ends: self.identity.ends(),
            backups: self.backups.seen(),
        };
        let promised_for = self.promises.left_ms();
        Report { promised_for, warm_silent_for: for_ms(state.silence.warm), fresh_silent_for: for_ms(state.silence.fresh), seen, extra }
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
    async fn lying(self: &Arc<Self>) -> Seen {
        let basis = Seen { fenced: true, follows: None, ..self.basis() };
        if !self.home.has_data() {
            return basis;
        }
        let (known, is_unread) = {
            let state = self.state();
            (state.resting.clone(), state.unread)
        };
        let found = match known {
            Some(known) => Ok(known),
            // that nobody can read it is told only after it was tried
            None if is_unread => self.resting().await,
            None => match timeout(FOUND, self.rest()).await {
                Ok(found) => found.unwrap_or(Err(Error::Refused("it can't be looked where it ends"))),
                Err(_) => return self.just_ended(basis),
            },
        };
        match found {
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

    /// One that has just ended, as long as it is not known where: whoever waits for that need not wait with all else.
    fn just_ended(&self, basis: Seen) -> Seen {
        let state = self.state();
        let Resting { timeline, history, end, .. } = state.last.clone();
        Seen { busy: true, fenced: false, receiving: true, disk: true, role: state.role, timeline, history, received: end, ..basis }
    }

    /// One that runs. What it does not say in time counts as still under way.
    async fn running(&self) -> Seen {
        let role = self.state().role;
        let basis = Seen { alive: true, disk: true, role, receiving: true, ..self.basis() };
        let Ok(row) = self.ask().await else {
            // it has what it had, and may have more; what it has replayed is not known
            let state = self.state();
            let Resting { timeline, history, end, .. } = state.last.clone();
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
        self.state().last = Resting { timeline, history: history.clone(), end: received, segment: 0 };
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
        let patience = if self.state().silence.is_silent() { SILENT } else { WARM };
        let asked = timeout(patience, async {
            let mut warm = self.warm.lock().await;
            let mut session = match warm.take().filter(|(of, _)| *of == number) {
                Some((_, session)) => session,
                None => server::session(&self.home, self.port(), "postgres").await?,
            };
            let row = sqlx::query_as(include_str!("sql/look.sql")).fetch_one(&mut session).await?;
            *warm = Some((number, session));
            Ok::<_, sqlx::Error>(row)
        });
        match asked.await {
            Ok(Ok(row)) => Ok(row),
            failed => Err(failed.err().map_or(Error::Refused("it can't be asked"), |_| Error::Refused("it does not answer"))),
        }
    }
}
