//! Whether a server answers at all: asked again and again over a connection that stood before, and by new ones.
//!
//! What counts is in how many moments in which the agent itself moved an answer was missing: a machine that stood still, or has so much to do that nobody
//! moves, is no server that hangs.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::Connection;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use super::{agent::Agent, server};

/// How often it is looked whether there is an answer.
const TICK: Duration = Duration::from_millis(50);
/// How often each way is tried while all is well, and how soon again while there is no answer.
const BEAT: Duration = Duration::from_millis(250);
const AGAIN: Duration = Duration::from_millis(150);
/// How many new connections may wait for an answer at once.
const AT_ONCE: usize = 4;
/// From when on that counts as silence. Whoever watches is told, and then with every other tick.
pub(super) const SILENT: Duration = Duration::from_millis(250);

/// For how long a server has been silent, either way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Silence {
    /// Over a connection that stood before.
    pub(super) warm: Duration,
    /// For somebody new.
    pub(super) fresh: Duration,
}

impl Silence {
    /// Whether it can't be expected that it answers now.
    pub(super) fn is_silent(self) -> bool {
        self.warm.max(self.fresh) >= SILENT
    }
}

/// One way of asking.
#[derive(Default)]
struct Way {
    tries: JoinSet<bool>,
    /// How long ago the last one was begun.
    since: Option<Duration>,
    silent: Duration,
}

impl Way {
    /// So much time has gone by. Where somebody is to ask again, he does.
    fn tick(&mut self, gone: Duration, at_once: usize, ask: impl FnOnce(&mut JoinSet<bool>)) {
        let mut failed = false;
        while let Some(tried) = self.tries.try_join_next() {
            if tried.unwrap_or(false) {
                (self.silent, failed) = (Duration::ZERO, false);
                self.tries.abort_all();
                self.tries = JoinSet::new();
                break;
            }
            failed = true;
        }
        let waits = failed || !self.tries.is_empty() || !self.silent.is_zero();
        if waits {
            self.silent += gone;
        }
        self.since = self.since.map(|since| since + gone);
        let pause = if waits { AGAIN } else { BEAT };
        if self.since.is_none_or(|since| since >= pause) && self.tries.len() < at_once {
            self.since = Some(Duration::ZERO);
            ask(&mut self.tries);
        }
    }
}

impl Agent {
    /// Watches the server for as long as there is an agent.
    pub(super) async fn feel_the_pulse(self: Arc<Self>) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut of, mut last, mut other) = (None, Instant::now(), false);
        let (mut warm, mut fresh) = (Way::default(), Way::default());
        loop {
            ticks.tick().await;
            let gone = last.elapsed().min(2 * TICK);
            last = Instant::now();
            let server = {
                let state = self.state();
                state.server.map(|(_, number)| number).filter(|_| !state.starting)
            };
            if server != of {
                (of, warm, fresh) = (server, Way::default(), Way::default());
            }
            if let Some(number) = server {
                warm.tick(gone, 1, |tries| drop(tries.spawn(Arc::clone(&self).answers(number))));
                fresh.tick(gone, AT_ONCE, |tries| drop(tries.spawn(Arc::clone(&self).lets_in())));
            }
            let silence = Silence { warm: warm.silent, fresh: fresh.silent };
            let before = std::mem::replace(&mut self.state().silence, silence);
            other = !other;
            if silence.is_silent() && other || before.is_silent() && !silence.is_silent() {
                self.has_changed();
            }
        }
    }

    /// Whether it answers over the connection that stands, which whoever looks at it uses, too; where there is none, one is made.
    async fn answers(self: Arc<Self>, number: u64) -> bool {
        let mut warm = self.warm.lock().await;
        let standing = warm.take().filter(|(of, _)| *of == number).map(|(_, session)| session);
        let mut session = match standing {
            Some(session) => session,
            None => match server::session(&self.home, self.port(), "postgres").await {
                Ok(session) => session,
                Err(error) => return is_an_answer(&error),
            },
        };
        let well = sqlx::query("select").execute(&mut session).await.is_ok();
        if well {
            *warm = Some((number, session));
        }
        well
    }

    /// Whether it lets somebody new in, or says why not.
    async fn lets_in(self: Arc<Self>) -> bool {
        match server::session(&self.home, self.port(), "postgres").await {
            Ok(session) => session.close().await.is_ok(),
            Err(error) => is_an_answer(&error),
        }
    }
}

/// It has no room for one more, say. That it is just starting or ending is none: it may do so for ever.
fn is_an_answer(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| !code.starts_with("57P"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_counts_is_how_long_no_try_was_answered() {
        let mut way = Way::default();
        let never = |tries: &mut JoinSet<bool>| drop(tries.spawn(std::future::pending()));
        way.tick(TICK, 2, never);
        assert_eq!(way.silent, Duration::ZERO);
        for _ in 0..10 {
            way.tick(TICK, 2, never);
        }
        assert_eq!((way.silent, way.tries.len()), (10 * TICK, 2));
        way.tries.spawn(async { true });
        tokio::task::yield_now().await;
        way.tick(TICK, 2, never);
        assert_eq!(way.silent, Duration::ZERO);
    }

    #[tokio::test]
    async fn one_that_refuses_at_once_is_silent_too() {
        let mut way = Way::default();
        for _ in 0..10 {
            way.tick(TICK, 2, |tries| drop(tries.spawn(async { false })));
            tokio::task::yield_now().await;
        }
        assert!(way.silent >= 8 * TICK, "{:?}", way.silent);
    }
}
